"""Label maps as losses and metrics take them: whole labels of classes that exist, and weights.

A label that is no class would be learnt as "none of them", without a word. It is an error: at once
where the truth has values, and when the step runs within `fit`. A program that cannot stop (XLA,
a traced function of JAX) gives NaN instead of a number.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
from keras import ops

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf
else:
    tf = None  # type: ignore[assignment]

REMEDY = (
    "Masks of 0 and 255 become labels by `(masks > 0).astype('uint8')`; other values by "
    "`numpy.unique(masks, return_inverse=True)[1]` of the whole data set; voxels that are not to "
    "count have the `ignore_label`."
)


class LabelMap(NamedTuple):
    """A truth that has been looked at.

    Args:
        labels: int32 `(batch, *space)`, -1 where a voxel does not count.
        counts: float32 `(batch, *space)`, 1 where a voxel counts; None: all count.
        one_or_nan: float32 scalar to multiply a result with: 1, or NaN where a label is no class.
    """

    labels: Any
    counts: Any
    one_or_nan: Any


def label_map(y_true, y_pred, classes: int, ignore_label: int | None = None) -> LabelMap:
    """The truth of a prediction.

    Args:
        y_true: `(batch, *space)` or `(batch, *space, 1)`, whole numbers of any dtype.
        y_pred: `(batch, *space, channels)`.
        classes: how many there are; the labels are 0 to `classes - 1`.
        ignore_label: of voxels that do not count.

    Raises:
        ValueError: ranks or sizes do not fit, or a label is no class.
        tf.errors.InvalidArgumentError: a label is no class, within a `tf.function`.

    Example:
        >>> import numpy as np
        >>> label_map(np.array([[0, 1, 9]]), np.zeros((1, 3, 2)), 2, 9).labels.numpy().tolist()
        [[0, 1, -1]]
    """
    y_true = ops.convert_to_tensor(y_true)
    _check_shapes(tuple(y_true.shape), tuple(y_pred.shape))
    if len(y_true.shape) == len(y_pred.shape):
        y_true = y_true[..., 0]
    if keras.backend.standardize_dtype(y_true.dtype) == "bool":
        y_true = ops.cast(y_true, "int32")
    labels = ops.cast(y_true, "int32")
    wanted = ops.clip(labels, 0, classes - 1)
    ignored = None if ignore_label is None else ops.equal(labels, ignore_label)
    if ignored is not None:
        wanted = ops.where(ignored, labels, wanted)
    wrong = ops.not_equal(ops.cast(wanted, y_true.dtype), y_true)
    labels, one_or_nan = refuse(wrong, y_true, "label", _needed(classes), labels)
    if ignored is None:
        return LabelMap(labels, None, one_or_nan)
    return LabelMap(ops.where(ignored, -1, labels), 1.0 - ops.cast(ignored, "float32"), one_or_nan)


def voxel_weights(sample_weight, labels):
    """Weights that multiply values `(batch, *space)`; None where there are none.

    Args:
        sample_weight: `(batch,)`, how much each image counts; `(batch, *space)` or
            `(batch, *space, 1)`, how much each voxel does; a number; None.
        labels: `(batch, *space)`.

    Returns:
        float32 `(batch, 1, ...)` or `(batch, *space)`.

    Raises:
        ValueError: the shape is none of these.

    Example:
        >>> import numpy as np
        >>> voxel_weights(np.ones(2), np.zeros((2, 4, 4))).shape
        TensorShape([2, 1, 1])
    """
    if sample_weight is None:
        return None
    weights = ops.cast(ops.convert_to_tensor(sample_weight), "float32")
    given, wanted = tuple(weights.shape), tuple(labels.shape)
    rank = len(wanted)
    if len(given) == rank + 1 and given[-1] == 1:
        weights = weights[..., 0]
    elif len(given) < rank and all(length == 1 for length in given[1:]):
        weights = ops.reshape(weights, (-1,) + (1,) * (rank - 1))
    fits = len(weights.shape) == rank and all(
        a in (1, None) or b is None or a == b for a, b in zip(weights.shape, wanted, strict=True)
    )
    if not fits:
        raise ValueError(
            f"sample_weight {given} does not fit a truth {wanted}: give (batch,), a weight an "
            "image, or (batch, *space) or (batch, *space, 1), a weight a voxel."
        )
    return weights


def refuse(wrong, values, what: str, needed: str, checked=None):
    """Stops where any of `values` is `wrong`.

    Args:
        wrong: bool, of the shape of `values`.
        values: what was given.
        what: what they are, in one word.
        needed: what they have to be, and what can be done.
        checked: what is to be used once the values were looked at; None: the values.

    Returns:
        `checked`, and 1.0, or NaN where one is wrong and the program cannot be stopped.

    Raises:
        ValueError: one of them is wrong.
        tf.errors.InvalidArgumentError: the same, within a `tf.function`.
    """
    checked = values if checked is None else checked
    is_refused = ops.any(wrong)
    try:
        stop = bool(is_refused)
    except TypeError:  # its value is not known before the step runs
        return _guarded(checked, is_refused, wrong, values, (what, needed))
    if stop:
        first = ops.convert_to_numpy(values)[ops.convert_to_numpy(wrong)].ravel()[0]
        raise ValueError(f"{what} {float(first):g}, {needed}")
    return checked, 1.0


def _guarded(checked, is_refused, wrong, values, message: tuple[str, str]):
    one_or_nan = ops.where(is_refused, float("nan"), 1.0)
    if tf is None:
        return checked, one_or_nan

    def stopped():
        first = tf.argmax(tf.reshape(tf.cast(wrong, "int32"), (-1,)))
        what, needed = message
        return tf.debugging.Assert(
            False, [what, tf.gather(tf.reshape(values, (-1,)), first), f", {needed}"]
        )

    with tf.control_dependencies([tf.cond(is_refused, stopped, tf.no_op)]):
        return tf.identity(checked), one_or_nan


def _needed(classes: int) -> str:
    return f"{classes} classes: labels are whole numbers from 0 to {classes - 1}. {REMEDY}"


def fit_together(one: Sequence[int | None], other: Sequence[int | None]) -> bool:
    """Whether two shapes are the same, as far as they are known.

    Example:
        >>> fit_together((None, 3), (4, 3)), fit_together((4,), (4, 3))
        (True, False)
    """
    return len(one) == len(other) and all(
        None in pair or pair[0] == pair[1] for pair in zip(one, other, strict=True)
    )


def _check_shapes(truth: tuple, prediction: tuple) -> None:
    space = truth[:-1] if len(truth) == len(prediction) and truth[-1] == 1 else truth
    if not fit_together(space, prediction[:-1]):
        raise ValueError(
            "The truth has to be an integer label map (batch, *space) or (batch, *space, 1) of a "
            f"prediction (batch, *space, classes); got shapes {truth} and {prediction}. "
            "A one-hot truth becomes a label map by keras.ops.argmax(truth, axis=-1)."
        )
