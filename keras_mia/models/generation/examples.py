"""What a GAN is given to learn from, looked at before it trains."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_mia.models.generation.output_range import check_reached

BATCH = 32
"""Examples in a batch of arrays, where Keras is told nothing."""
NO_WEIGHTS = "The examples of a GAN have no weights: leave sample_weight and class_weight out."


def check_examples(generator: keras.Model, x: Any, y: Any = None, weights: Any = None) -> None:
    """Sees to it that a generator can make examples such as those that `fit` is given.

    Args:
        generator: functional.
        x: an array, a list, a tensor; a `tf.data.Dataset` or a `PyDataset`, of which the first
            batch is looked at. What can be walked through only once is not looked at.
        y: classes of arrays.
        weights: of the examples; there are to be none.

    Raises:
        ValueError: shapes, ranges or classes are not what the generator has.
    """
    check_unweighted(weights)
    first = _first_batch(x)
    if isinstance(x, tf.data.Dataset | keras.utils.PyDataset):
        x, y, _ = keras.utils.unpack_x_y_sample_weight(first)
    elif first is None:
        return
    takes_classes = isinstance(generator.input, list)
    if takes_classes and y is None:
        raise ValueError(f"{generator.name} needs the class of each example: give integers as y.")
    if y is not None and not takes_classes:
        raise ValueError(f"{generator.name} takes no classes: leave y out, or use `conditional`.")
    if takes_classes:
        check_classes(generator, np.asarray(y))
    examples = np.asarray(x)
    if examples.shape[1:] != generator.output_shape[1:]:
        raise ValueError(
            f"Examples have the shape {examples.shape[1:]}, the generator makes"
            f" {generator.output_shape[1:]}."
        )
    check_reached(generator, examples)


def check_classes(generator: keras.Model, classes: np.ndarray) -> None:
    """Sees to it that classes are some that a generator has: a negative one would be another.

    Args:
        generator: functional, with an embedding of the class.
        classes: `(n,)` or `(n, 1)`.

    Raises:
        ValueError: they are not.
    """
    sizes = [one.input_dim for one in generator.layers if isinstance(one, keras.layers.Embedding)]
    is_list = classes.ndim == 1 or (classes.ndim == 2 and classes.shape[1] == 1)
    if not is_list or classes.dtype.kind not in "iufb" or (classes % 1 != 0).any():
        raise ValueError(
            f"Classes are whole numbers, one an example: not {classes.dtype} {classes.shape}."
        )
    count = min(sizes, default=np.inf)
    if classes.size and (classes.min() < 0 or classes.max() >= count):
        raise ValueError(
            f"Classes reach from {classes.min():g} to {classes.max():g}, those of"
            f" {generator.name} from 0 to {count - 1:g}."
        )


def check_divides(x: Any, batch_size: int | None, parts: int) -> None:
    """Sees to it that all batches of arrays divide by the moves of a step.

    Args:
        x: as `fit` is given it; data sets are looked at step by step, by `checked_batch`.
        batch_size: likewise.
        parts: moves of the discriminator in a step.

    Raises:
        ValueError: a batch does not.
    """
    if parts == 1 or not hasattr(x, "__len__") or isinstance(x, keras.utils.PyDataset):
        return
    if isinstance(x, tf.data.Dataset):
        return
    count, size = len(x), batch_size or BATCH
    sizes = ([size] if count >= size else []) + ([count % size] if count % size else [])
    if wrong := [one for one in sizes if one % parts]:
        raise ValueError(
            f"discriminator_steps={parts} divides each batch into {parts} parts: {count} examples"
            f" in batches of {size} make one of {wrong[0]}. Leave examples out or take another"
            " batch_size."
        )


def check_unweighted(weights: Any) -> None:
    """Refuses weights of examples.

    Raises:
        ValueError: there are some.
    """
    if weights is not None:
        raise ValueError(NO_WEIGHTS)


def check_unconditional(condition: Any) -> None:
    """Refuses a condition.

    Raises:
        ValueError: there is one.
    """
    if condition is not None:
        raise ValueError(
            "Classes are given to a GAN that takes none: leave them out, or take a ConditionalGAN."
        )


def part_of(condition, part: int, parts: int):
    """Every so many rows of a condition, where there is one.

    Args:
        condition: `(batch, ...)`, or None.
        part: number of the first row.
        parts: of how many rows one is taken.
    """
    return None if condition is None else condition[part::parts]


def checked_batch(examples, parts: int):
    """A batch, once it is known to divide by the moves of a step, also within a graph.

    Args:
        examples: `(batch, ...)`.
        parts: moves of the discriminator in a step.

    Returns:
        The examples, which are there once they are known to divide.

    Raises:
        ValueError: it does not.
    """
    message = f"A batch (of each device) has to divide by discriminator_steps={parts}."
    count = examples.shape[0]
    if count is not None and count % parts:
        raise ValueError(f"{message} It has {count}.")
    if count is not None or parts == 1:
        return examples
    rest = tf.shape(examples)[0] % parts
    with tf.control_dependencies([tf.debugging.assert_equal(rest, 0, message)]):
        return tf.identity(examples)


def _first_batch(x: Any):
    """Of data sets; arrays as a whole; None: it is not known without taking it away."""
    if isinstance(x, tf.data.Dataset):
        return next(iter(x.take(1)), None)
    if isinstance(x, keras.utils.PyDataset):
        return x[0]
    return x if isinstance(x, np.ndarray | list | tf.Tensor) else None
