"""Random changes of images and targets on one grid: drawn from a key first, then applied.

`draw` turns a stateless key into the few numbers that say what happens to one example; `apply` is
a pure function of a batch and these numbers. A change can so be repeated, shown, and applied to
boxes too (`boxes.py`). The rank is read from the tensors.
"""

import math
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from keras_mia.data.augment.intensity import recolor
from keras_mia.data.augment.settings import Augmentation, Chance, plane_pairs, source_space
from keras_mia.data.augment.spatial import move
from keras_mia.data.targets.array_kind import LABEL_MAP, ArrayKind

__all__ = ["Augmentation", "Chance", "apply", "augmenter", "draw", "draw_batch", "source_space"]

SINGLE = 64
"""Random numbers that an example has for all that takes one or a few."""


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
    return {name: values[0] for name, values in draw_batch(key[None], rank, settings).items()}


def draw_batch(keys: tf.Tensor, rank: int, settings: Augmentation) -> dict[str, tf.Tensor]:
    """What happens to each example of a batch: `draw`, for all of them at once.

    Each key has random numbers of its own; all that follows from them is computed for the batch,
    since TensorFlow takes longer to begin these some hundred operations than to compute them.

    Args:
        keys: int32 `(batch, 2)`.
        rank: 1, 2 or 3, axes of space.
        settings: what may happen.

    Returns:
        As `draw`, each tensor with a leading axis of `batch`.

    Example:
        >>> keys = tf.constant([[0, 7], [0, 8]])
        >>> tuple(draw_batch(keys, 2, Augmentation.none())["matrix"].shape)
        (2, 2, 2)
    """
    count = SINGLE + sum(map(math.prod, _fields(rank, settings).values()))

    def numbers(key):
        noise_key = tf.random.experimental.stateless_fold_in(key, 4)
        return tf.random.stateless_uniform([count], key), noise_key

    specs = tf.TensorSpec([count]), tf.TensorSpec([2], keys.dtype)
    uniform, noise_keys = tf.map_fn(numbers, keys, fn_output_signature=specs)
    return _drawn(uniform, noise_keys, rank, settings)


def _fields(rank: int, settings: Augmentation) -> dict[str, list[int]]:
    """The shapes of what takes many numbers."""
    return {
        "flip": [rank],
        "erased": [settings.erase_boxes, rank],
        "bias": [settings.bias_points] * rank,
        "control": [*[settings.elastic_points] * rank, rank],
    }


def _drawn(
    numbers: tf.Tensor, noise_keys: tf.Tensor, rank: int, settings: Augmentation
) -> dict[str, tf.Tensor]:
    """What the numbers `(batch, count)` say."""
    shapes = _fields(rank, settings)
    single, *many = tf.split(numbers, [SINGLE, *map(math.prod, shapes.values())], axis=1)
    uniform = {
        name: tf.reshape(part, [-1, *shape])
        for part, (name, shape) in zip(many, shapes.items(), strict=True)
    }
    pick, planes = _picker(single), plane_pairs(rank)
    matrix = _matrix(
        planes,
        rank,
        angles=pick(settings.rotation_deg, 0.0, len(planes)),
        scale=pick(settings.scale, 1.0),
        shears=pick(settings.shear, 0.0, len(planes)),
    )
    if settings.spacing is not None:
        spacing = np.asarray(settings.spacing, float)
        matrix *= spacing[None] / spacing[:, None]

    def times(strength: tf.Tensor, field: tf.Tensor) -> tf.Tensor:
        return tf.reshape(strength, [-1] + [1] * (len(field.shape) - 1)) * field

    shift = pick(settings.shift, 0.0, rank)
    control = times(pick(settings.elastic, 0.0), 2 * uniform["control"] - 1)
    sizes = times(pick(settings.erase, 0.0), tf.ones_like(uniform["erased"]))
    low = uniform["erased"] * (1 - sizes)
    return {
        "matrix": tf.cast(matrix, tf.float32),
        "shift": shift,
        "flip": (uniform["flip"] < settings.flip_probability)
        & [axis in settings.flip_axes for axis in range(rank)],
        "control": control,
        "bias": times(pick(settings.bias, 0.0), 2 * uniform["bias"] - 1),
        "brightness": pick(settings.brightness, 1.0),
        "contrast": pick(settings.contrast, 1.0),
        "gamma": pick(settings.gamma, 1.0),
        "blur": pick(settings.blur, 0.0),
        "resolution": pick(settings.resolution, 1.0),
        "noise": pick(settings.noise, 0.0),
        "noise_key": noise_keys,
        "erased": tf.where(sizes[:, :, None] > 0, tf.stack([low, low + sizes], 2), 0.0),
    }


def _picker(single: tf.Tensor) -> Callable:
    """`pick(chance, identity)`: each takes the next numbers, whatever the settings are."""
    numbers = iter(range(SINGLE))

    def pick(chance: Chance, identity: float, count: int | None = None):
        happens = single[:, next(numbers)] < chance.probability
        taken = [next(numbers) for _ in range(count or 1)]
        share = single[:, taken[0] : taken[-1] + 1]
        low = tf.constant(chance.low, tf.float32)
        value = tf.where(happens[:, None], low + share * (chance.high - low), identity)
        return value[:, 0] if count is None else value

    return pick


def _matrix(planes, rank, *, angles, scale, shears) -> tf.Tensor:
    """Rotation, shear and scale as float64 matrices: right angles are then exact in float32."""
    angles, shears = tf.cast(angles, tf.float64) * (math.pi / 180), tf.cast(shears, tf.float64)
    matrix = tf.eye(rank, dtype=tf.float64)
    for plane, (i, j) in enumerate(planes):
        cos, sin = tf.cos(angles[:, plane]), tf.sin(angles[:, plane])
        matrix = matrix @ _entries(rank, {(i, i): cos, (i, j): -sin, (j, i): sin, (j, j): cos})
        matrix = matrix @ _entries(rank, {(i, j): shears[:, plane]})
    return matrix / tf.cast(scale, tf.float64)[:, None, None]


def _entries(rank: int, entries: dict[tuple[int, int], tf.Tensor]) -> tf.Tensor:
    """Unit matrices with some entries replaced."""
    like = next(iter(entries.values()))
    unit = {True: tf.ones_like(like), False: tf.zeros_like(like)}
    rows = [[entries.get((i, j), unit[i == j]) for j in range(rank)] for i in range(rank)]
    return tf.stack([tf.stack(row, -1) for row in rows], -2)


def apply(
    images: tf.Tensor,
    targets: tf.Tensor,
    parameters: dict,
    *,
    window: tuple[int, ...],
    kind: ArrayKind = LABEL_MAP,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Applies what was drawn to a batch of patches.

    An example pays only for what was drawn for it.

    Args:
        images: float32 `(batch, *space, channels)`, z-scored; all but `batch` known.
        targets: of the kind: label maps `(batch, *space)`, or images with channels.
        parameters: as `draw` gives them, with a leading axis of `batch`.
        window: the shape to return, at most `space`. What is read from between `space` and `window`
            keeps the corners of a turned window inside the image.
        kind: of the targets: what is between two voxels, and outside of the patch. Intensities
            alone are changed of images, never of targets.

    Returns:
        Images `(batch, *window, channels)`, 0 outside of the patch, and targets `(batch, *window)`,
        with channels where they have some. Without changes both are the crop in the middle, bit for
        bit.

    Raises:
        ValueError: the window is larger than the patch.
    """
    window = tuple(window)

    def one(example):
        image, target, drawn = example
        image, target = move(image, target, drawn, window, kind)
        return recolor(image, drawn), target

    specs = (
        tf.TensorSpec((*window, images.shape[-1]), images.dtype),
        tf.TensorSpec((*window, *targets.shape[1 + len(window) :]), targets.dtype),
    )
    return tf.map_fn(one, (images, targets, parameters), fn_output_signature=specs)


def augmenter(
    settings: Augmentation, window: tuple[int, ...], kind: ArrayKind = LABEL_MAP
) -> Callable:
    """The `transform` of a stream: draws for each key, then applies.

    Args:
        settings: what may happen.
        window: the shape to return.
        kind: of the targets.

    Returns:
        A function of keys int32 `(batch, 2)`, images and targets, to images and targets, as
        `apply`.

    Example:
        >>> transform = augmenter(Augmentation.none(), (2, 2))
        >>> images, labels = tf.ones((1, 4, 4, 1)), tf.zeros((1, 4, 4), tf.uint8)
        >>> [tuple(part.shape) for part in transform(tf.constant([[0, 7]]), images, labels)]
        [(1, 2, 2, 1), (1, 2, 2)]
    """

    @tf.autograph.experimental.do_not_convert  # there is nothing to convert, which takes seconds
    def transform(keys, images, targets):
        drawn = draw_batch(keys, len(window), settings)
        return apply(images, targets, drawn, window=window, kind=kind)

    return transform
