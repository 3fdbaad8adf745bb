"""Moving one example: affine and elastic change together, in one resampling.

A voxel `x` of the window is read from the patch at `matrix (x + u(x) - middle) + middle'`, where
`u` is a cubic B-spline of a few control points. No control point moves by more than 0.4 of the
distance between control points, so that no place is folded over another.

Source: Choi and Lee (2000), Injectivity conditions of 2D and 3D uniform cubic B-spline functions,
doi:10.1006/gmod.2000.0531.
"""

import functools
import math

import numpy as np
import tensorflow as tf

from keras_mia.data.labels import IGNORE


def is_moved(parameters: dict) -> tf.Tensor:
    """Whether anything but a flip was drawn."""
    matrix = parameters["matrix"]
    return (
        tf.reduce_any(matrix != tf.eye(matrix.shape[-1]))
        | tf.reduce_any(parameters["control"] != 0)
        | tf.reduce_any(parameters["shift"] != 0)
    )


def move(
    image: tf.Tensor, label: tf.Tensor | None, parameters: dict, window: tuple[int, ...]
) -> tuple:
    """The window of one patch: image `(*space, channels)`, label `(*space)`, one resampling.

    Without a label the patch is a whole image, which goes on beyond its borders as it is there.
    """

    def resampled():
        return sample(image, label, places(parameters, image.shape[:-1], window))

    def cropped():
        cut = tuple(
            slice(start, start + side)
            for start, side in zip(starts(image.shape[:-1], window), window, strict=True)
        )
        return image[cut], None if label is None else label[cut]

    image, label = tf.cond(is_moved(parameters), resampled, cropped)
    if label is None:
        # Changed together with the others of its batch, an image cannot tell how many axes turn.
        for axis in range(len(window)):
            image = tf.where(parameters["flip"][axis], tf.reverse(image, [axis]), image)
        return image, None
    flipped = tf.cast(tf.where(parameters["flip"])[:, 0], tf.int32)
    return tf.reverse(image, flipped), tf.reverse(label, flipped)


def starts(space, window) -> list[int]:
    """Where the window in the middle of the patch begins."""
    if any(side > size for size, side in zip(space, window, strict=True)):
        raise ValueError(f"a window of {tuple(window)} is larger than a patch of {tuple(space)}")
    return [(size - side) // 2 for size, side in zip(space, window, strict=True)]


def places(parameters: dict, space, window) -> list[tf.Tensor]:
    """Where in the patch each voxel of the window comes from: a `(*window)` for each axis."""
    rank, matrix = len(window), parameters["matrix"]
    shift = tf.linalg.matvec(matrix, parameters["shift"] * tf.cast(window, tf.float32))
    found = []
    for i, start in enumerate(starts(space, window)):
        place = (window[i] - 1) / 2 + start + shift[i]
        for j, side in enumerate(window):
            offset = tf.range(side, dtype=tf.float32) - (side - 1) / 2
            place += tf.reshape(matrix[i, j] * offset, [-1 if k == j else 1 for k in range(rank)])
        found.append(place)

    def bent():
        fields = tf.unstack(_field(parameters, window))
        return [place + field for place, field in zip(found, fields, strict=True)]

    return tf.cond(tf.reduce_any(parameters["control"] != 0), bent, lambda: found)


def _field(parameters: dict, window) -> tf.Tensor:
    """By how much elastic change moves each voxel, turned as the window is: `(rank, *window)`."""
    points = parameters["control"].shape[0]
    distance = [(side - 1) / (points - 3) for side in window]
    control = tf.linalg.matvec(parameters["matrix"], parameters["control"] * distance)
    return along(control, [spline_matrix(side, points) for side in window])


def sample(image: tf.Tensor, label: tf.Tensor | None, places: list[tf.Tensor]) -> tuple:
    """Image (linear) and label (nearest) at these places; 0 and IGNORE outside of the patch.

    Without a label the image's border goes on outside.
    """
    space = image.shape[:-1]
    inside = [
        (tf.reduce_min(place) >= 0) & (tf.reduce_max(place) < size - 1)
        for place, size in zip(places, space, strict=True)
    ]

    def clipped():
        near = [
            tf.clip_by_value(place, 0.0, np.nextafter(np.float32(size - 1), np.float32(0)))
            for place, size in zip(places, space, strict=True)
        ]
        if label is None:
            return interpolate(image, None, near)
        far = [tf.abs(a - b) > 0.5 for a, b in zip(places, near, strict=True)]
        outside = functools.reduce(tf.logical_or, far)
        found, marked = interpolate(image, label, near)
        return (
            tf.where(outside[..., None], 0.0, found),
            tf.where(outside, tf.cast(IGNORE, label.dtype), marked),
        )

    return tf.cond(tf.reduce_all(inside), lambda: interpolate(image, label, places), clipped)


def interpolate(image: tf.Tensor, label: tf.Tensor | None, places: list[tf.Tensor]) -> tuple:
    """Image (linear) and label (nearest) at places inside of the patch."""
    *space, channels = image.shape
    index = nearest = tf.constant(0)
    weights = []
    for place, size in zip(places, space, strict=True):
        floor = tf.cast(place, tf.int32)
        weights.append(place - tf.cast(floor, tf.float32))
        index = index * size + floor
        nearest = nearest * size + tf.cast(place + 0.5, tf.int32)
    if channels > 1:
        weights = [weight[..., None] for weight in weights]
    steps = [math.prod(space[axis + 1 :]) * (space[axis] > 1) for axis in range(len(space))]
    flat = tf.reshape(image, [-1, channels] if channels > 1 else [-1])
    if channels == 1:
        flat = tf.complex(flat, tf.concat([flat[1:], flat[-1:]], 0) - flat)
    found = tf.reshape(_linear(flat, index, weights, steps), [*index.shape, channels])
    if label is None:
        return found, None
    return found, tf.gather_nd(tf.reshape(label, [-1]), nearest[..., None])


def _linear(flat, index, weights, steps):
    if not weights:
        return tf.gather_nd(flat, index[..., None])  # twice as fast as tf.gather
    if len(weights) == 1 and flat.dtype.is_complex:
        # A voxel and the step to the next one in one number: half of the gathering.
        both = tf.gather_nd(flat, index[..., None])
        return tf.math.real(both) + weights[0] * tf.math.imag(both)
    below = _linear(flat, index, weights[1:], steps[1:])
    above = _linear(flat, index + steps[0], weights[1:], steps[1:])
    return below + weights[0] * (above - below)


def along(x: tf.Tensor, matrices: list[tf.Tensor]) -> tf.Tensor:
    """Each axis of `x (*space, channels)` times its matrix `(out, in)`: `(channels, *out)`."""
    shape = list(x.shape)
    for matrix in matrices:
        x = tf.reshape(x, [shape[0], -1])
        x = tf.matmul(x, matrix, transpose_a=True, transpose_b=True)
        shape = [*shape[1:], matrix.shape[0]]
    return tf.reshape(x, shape)


def spline_matrix(side: int, points: int) -> tf.Tensor:
    """What each control point gives to each voxel of an axis, `(side, points)`."""
    return spline(tf.range(side, dtype=tf.float32) * ((points - 3) / max(side - 1, 1)), points)


def spline(position: tf.Tensor, points: int) -> tf.Tensor:
    """Weights `(..., points)` of the cubic B-spline, control point `k` lying at `k - 1`."""
    away = tf.abs(position[..., None] + 1 - tf.range(points, dtype=tf.float32))
    near = 2 / 3 - away**2 + away**3 / 2
    return tf.where(away < 1, near, tf.maximum(2 - away, 0) ** 3 / 6)
