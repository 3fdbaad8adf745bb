"""Cross-entropy of an image's class."""

from collections.abc import Sequence

import keras
from keras import ops

from keras_mia.layers.label_maps import fit_together, refuse, voxel_weights
from keras_mia.losses.truth import logits_of
from keras_mia.losses.weighting import WeightedLoss

ROUNDING = 0.01  # how far from 1 the shares of an image may add up


@keras.saving.register_keras_serializable("keras_mia")
class ClassCrossEntropy(WeightedLoss):
    """`-w sum_c t_c log y_c` of an image, `w = sum_c w_c t_c` of its class; the mean over images.

    `y_true` is `(batch, classes)`: one 1 among zeros, or shares of several classes as mixing images
    gives them. `y_pred` holds probabilities of the same shape.

    Args:
        class_weights: how much an image of each class counts; none: alike. The mean is over the
            number of images, not over the sum of the weights.
        label_smoothing: how much of the truth is spread over all classes.
        **options: `name`, `reduction`, `dtype` of `keras.losses.Loss`.

    Raises:
        ValueError: when called with another number of classes than of weights, or with a truth
            whose rows do not add up to 1.

    Source: weights by how often a class occurs: King and Zeng (2001), doi:10.1093/oxfordjournals
        .pan.a004868; smoothing: Szegedy et al. (2016), arXiv:1512.00567.

    Example:
        >>> import numpy as np
        >>> truth, guess = np.array([[0.0, 1.0]]), np.array([[0.5, 0.5]])
        >>> print(f"{float(ClassCrossEntropy([1, 3])(truth, guess)):.4f}")  # 3 log 2
        2.0794
    """

    def __init__(
        self, class_weights: Sequence[float] = (), label_smoothing: float = 0.0, **options
    ):
        super().__init__(**{"name": "class_cross_entropy"} | options)
        self.class_weights = tuple(map(float, class_weights))
        self.label_smoothing = float(label_smoothing)

    def weighted_costs(self, y_true, y_pred, sample_weight):
        y_pred = ops.convert_to_tensor(y_pred)
        y_true = ops.cast(ops.convert_to_tensor(y_true), "float32")
        y_true, one_or_nan = checked_shares(y_true, y_pred)
        # Casting a prediction loses the logits that Keras keeps beside it.
        logits = logits_of(y_pred)
        cost = keras.losses.categorical_crossentropy(
            y_true,
            ops.cast(y_pred if logits is None else logits, "float32"),
            from_logits=logits is not None,
            label_smoothing=self.label_smoothing,
        )
        if self.class_weights:
            cost = cost * ops.sum(y_true * weight_vector(self.class_weights, y_true), axis=-1)
        weights = voxel_weights(sample_weight, cost)
        return cost * one_or_nan * (1.0 if weights is None else weights), weights

    def get_config(self):
        names = ("class_weights", "label_smoothing")
        return super().get_config() | {name: getattr(self, name) for name in names}


def weight_vector(class_weights: Sequence[float], truth):
    """Weights as a tensor of the dtype of the truth `(..., classes)`.

    Raises:
        ValueError: where there are more or fewer of them.
    """
    if len(class_weights) != truth.shape[-1]:
        given, needed = len(class_weights), truth.shape[-1]
        raise ValueError(f"{given} class_weights do not fit {needed} classes.")
    return ops.convert_to_tensor(class_weights, truth.dtype)


def checked_shares(y_true, y_pred):
    """The truth `(batch, classes)`, and 1.0, or NaN where it is none; see `refuse`."""
    if not fit_together(tuple(y_true.shape), tuple(y_pred.shape)):
        raise ValueError(
            f"The truth {tuple(y_true.shape)} of a prediction {tuple(y_pred.shape)} has to be "
            "(batch, classes). Numbers of classes become it by keras.ops.one_hot(truth, classes)."
        )
    total = ops.sum(y_true, axis=-1)
    wrong = ops.logical_or(ops.any(y_true < 0, axis=-1), ops.abs(total - 1) > ROUNDING)
    wrong = ops.logical_or(wrong, ops.isnan(total))
    needed = (
        f"{y_pred.shape[-1]} classes: an image has a 1 for its class and 0 for the others, or "
        "shares from 0 to 1 that add up to 1."
    )
    return refuse(wrong, total, "shares that add up to", needed, y_true)
