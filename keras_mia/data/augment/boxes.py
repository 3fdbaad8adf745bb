"""Where points and boxes of a patch come to lie, by the change that its image went through."""

from itertools import product

import tensorflow as tf

from keras_mia.data.augment.spatial import spline, starts


def move_boxes(
    boxes: tf.Tensor,
    parameters: dict[str, tf.Tensor],
    *,
    space: tuple[int, ...],
    window: tuple[int, ...],
) -> tf.Tensor:
    """The boxes around the moved corners of boxes, the elastic change included.

    Args:
        boxes: float32 `(n, 2, rank)`, lower and upper corners in the patch; voxel `i` is at `i`.
        parameters: the change of one example, as `draw` gives it.
        space: the patch's shape.
        window: the window's shape.

    Returns:
        float32 `(n, 2, rank)` in the window; they may reach out of it.

    Example:
        >>> from keras_mia.data.augment.examples import draw
        >>> from keras_mia.data.augment.settings import Augmentation
        >>> cut = draw(tf.constant([0, 7]), 1, Augmentation.none())
        >>> box = tf.constant([[[3.0], [5.0]]])
        >>> move_boxes(box, cut, space=(10,), window=(8,)).numpy().tolist()
        [[[2.0], [4.0]]]
    """
    rank = len(window)
    corners = tf.stack(
        [
            tf.stack([boxes[:, end, axis] for axis, end in enumerate(ends)], -1)
            for ends in product((0, 1), repeat=rank)
        ],
        1,
    )
    moved = move_points(tf.reshape(corners, [-1, rank]), parameters, space, window)
    moved = tf.reshape(moved, [-1, 2**rank, rank])
    return tf.stack([tf.reduce_min(moved, 1), tf.reduce_max(moved, 1)], 1)


def move_points(points: tf.Tensor, parameters: dict, space, window) -> tf.Tensor:
    """Where points of the patch come to lie in the window.

    The way back through the elastic change is found by a damped fixed point, to about 0.01 voxels.

    Args:
        points: float32 `(n, rank)`, voxel `i` of an axis being at `i`.
        parameters: the change of one example, as `draw` gives it.
        space: the patch's shape.
        window: the window's shape.

    Returns:
        float32 `(n, rank)`.
    """
    middle = (tf.cast(window, tf.float32) - 1) / 2
    matrix = parameters["matrix"]
    back = tf.linalg.inv(matrix)
    source = middle + tf.cast(starts(space, window), tf.float32)
    target = tf.linalg.matvec(back, points - source) + middle
    target -= parameters["shift"] * tf.cast(window, tf.float32)
    moved = target
    for _ in range(30):
        moved = 0.3 * moved + 0.7 * (target - displacement(moved, parameters["control"], window))
    return tf.where(parameters["flip"], 2 * middle - moved, moved)


def displacement(points: tf.Tensor, control: tf.Tensor, window) -> tf.Tensor:
    """The elastic displacement `u`, in voxels, at points `(n, rank)` of the window.

    Args:
        points: float32, voxel `i` of an axis being at `i`.
        control: control points `(points, ..., rank)`, as `draw` gives them.
        window: the window's shape.

    Returns:
        float32 `(n, rank)`.
    """
    count, field = control.shape[0], control[None]
    distance = [(length - 1) / (count - 3) for length in window]
    for axis, step in enumerate(distance):
        position = tf.clip_by_value(points[:, axis] / max(step, 1e-6), 0.0, count - 3.0)
        weight = spline(position, count)
        field = tf.reduce_sum(
            tf.reshape(weight, [-1, count] + [1] * (len(field.shape) - 2)) * field, 1
        )
    return field * distance
