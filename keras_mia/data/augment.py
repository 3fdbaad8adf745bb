"""Random changes of images and their label maps: drawn from a key first, then applied.

`draw` turns a stateless key into the few numbers that say what happens to one example; `apply` is
a pure function of a batch and these numbers. A change can so be repeated, shown, and applied to
boxes too (`augment_boxes.py`). The rank is read from the tensors.
"""

import math
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from keras_mia.data.augment_intensity import recolor
from keras_mia.data.augment_spatial import move
from keras_mia.data.augmentation import Augmentation, Chance, plane_pairs, source_space

__all__ = ["Augmentation", "Chance", "apply", "augmenter", "draw", "source_space"]


def draw(key: tf.Tensor, rank: int, settings: Augmentation) -> dict[str, tf.Tensor]:
    """What happens to one example.

    Args:
        key: int32 `(2,)`, such as seed and the example's number.
        rank: 1, 2 or 3, axes of space.
        settings: what may happen.

    Returns:
        Small tensors by name, all float32 but `flip` (bool) and `noise_key` (int32): `matrix` leads
        from the window to the patch, `control` holds the elastic displacements and `bias` the
        field's logarithm at their control points, `erased` boxes as shares of the sides.

    Example:
        >>> sorted(draw(tf.constant([0, 7]), 2, Augmentation.none()))[:4]
        ['bias', 'blur', 'brightness', 'contrast']
    """
    pick, uniform = _chances(key)
    planes = plane_pairs(rank)
    matrix = _matrix(
        planes,
        rank,
        angles=pick(settings.rotation_deg, 0.0, len(planes)),
        scale=pick(settings.scale, 1.0),
        shears=pick(settings.shear, 0.0, len(planes)),
    )
    if settings.spacing is not None:
        sides = np.asarray(settings.spacing, float)
        matrix *= sides[None] / sides[:, None]
    chosen = [axis in settings.flip_axes for axis in range(rank)]
    points = [settings.elastic_points] * rank + [rank]
    sizes = tf.where(tf.ones([settings.erase_boxes, rank], bool), pick(settings.erase, 0.0), 0.0)
    low = uniform(3, [settings.erase_boxes, rank]) * (1 - sizes)
    return {
        "matrix": tf.cast(matrix, tf.float32),
        "shift": pick(settings.shift, 0.0, rank),
        "flip": (uniform(0, [rank]) < settings.flip_probability) & chosen,
        "control": pick(settings.elastic, 0.0) * (2 * uniform(1, points) - 1),
        "bias": pick(settings.bias, 0.0) * (2 * uniform(2, [settings.bias_points] * rank) - 1),
        "brightness": pick(settings.brightness, 1.0),
        "contrast": pick(settings.contrast, 1.0),
        "gamma": pick(settings.gamma, 1.0),
        "blur": pick(settings.blur, 0.0),
        "resolution": pick(settings.resolution, 1.0),
        "noise": pick(settings.noise, 0.0),
        "noise_key": tf.random.experimental.stateless_fold_in(key, 4),
        "erased": tf.where(sizes[:, None] > 0, tf.stack([low, low + sizes], 1), 0.0),
    }


def _chances(key: tf.Tensor) -> tuple[Callable, Callable]:
    """`pick(chance, identity)`, `uniform(number, shape)`: the same whatever the settings are."""
    numbers = iter(tf.unstack(tf.random.stateless_uniform([64], key)))

    def pick(chance: Chance, identity: float, count: int | None = None):
        happens = next(numbers) < chance.probability
        share = next(numbers) if count is None else tf.stack([next(numbers) for _ in range(count)])
        low = tf.constant(chance.low, tf.float32)
        return tf.where(happens, low + share * (chance.high - low), identity)

    def uniform(number: int, shape):
        return tf.random.stateless_uniform(
            shape, tf.random.experimental.stateless_fold_in(key, number)
        )

    return pick, uniform


def _matrix(planes, rank, *, angles, scale, shears) -> tf.Tensor:
    """Rotation, shear and scale as one float64 matrix: right angles are then exact in float32."""
    matrix = tf.eye(rank, dtype=tf.float64)
    for (i, j), angle, shear in zip(planes, tf.unstack(angles), tf.unstack(shears), strict=True):
        angle = tf.cast(angle, tf.float64) * (math.pi / 180)
        shear = tf.cast(shear, tf.float64)
        cos, sin = tf.cos(angle), tf.sin(angle)
        matrix = matrix @ _entries(rank, {(i, i): cos, (i, j): -sin, (j, i): sin, (j, j): cos})
        matrix = matrix @ _entries(rank, {(i, j): shear})
    return matrix / tf.cast(scale, tf.float64)


def _entries(rank: int, entries: dict) -> tf.Tensor:
    """The unit matrix with some entries replaced."""
    unit = tf.eye(rank, dtype=tf.float64)
    where = [list(place) for place in entries]
    return tf.tensor_scatter_nd_update(unit, where, list(entries.values()))


def apply(
    images: tf.Tensor, labels: tf.Tensor, parameters: dict, *, window: tuple[int, ...]
) -> tuple[tf.Tensor, tf.Tensor]:
    """Applies what was drawn to a batch of patches.

    An example pays only for what was drawn for it.

    Args:
        images: float32 `(batch, *space, channels)`, z-scored; all but `batch` known.
        labels: integer `(batch, *space)`.
        parameters: as `draw` gives them, with a leading axis of `batch`.
        window: the shape to return, at most `space`. What is read from between `space` and `window`
            keeps the corners of a turned window inside the image.

    Returns:
        Images `(batch, *window, channels)`, 0 outside of the patch, and labels `(batch, *window)`,
        IGNORE there. Without changes both are the crop in the middle, bit for bit.

    Raises:
        ValueError: the window is larger than the patch.
    """
    window = tuple(window)

    def one(example):
        image, label, drawn = example
        image, label = move(image, label, drawn, window)
        return recolor(image, drawn), label

    specs = (
        tf.TensorSpec((*window, images.shape[-1]), images.dtype),
        tf.TensorSpec(window, labels.dtype),
    )
    return tf.map_fn(one, (images, labels, parameters), fn_output_signature=specs)


def augmenter(settings: Augmentation, window: tuple[int, ...]) -> Callable:
    """The `transform` of a stream: draws for each key, then applies.

    Args:
        settings: what may happen.
        window: the shape to return.

    Returns:
        A function of keys int32 `(batch, 2)`, images and labels, to images and labels, as `apply`.

    Example:
        >>> transform = augmenter(Augmentation.none(), (2, 2))
        >>> images, labels = tf.ones((1, 4, 4, 1)), tf.zeros((1, 4, 4), tf.uint8)
        >>> [tuple(part.shape) for part in transform(tf.constant([[0, 7]]), images, labels)]
        [(1, 2, 2, 1), (1, 2, 2)]
    """
    rank = len(window)
    example = draw(tf.zeros([2], tf.int32), rank, settings)
    specs = tf.nest.map_structure(tf.TensorSpec.from_tensor, example)

    def transform(keys, images, labels):
        parameters = tf.map_fn(
            lambda key: draw(key, rank, settings), keys, fn_output_signature=specs
        )
        return apply(images, labels, parameters, window=window)

    return transform
