"""Changing the grey values of one example `(*space, channels)`, which is z-scored.

Gamma and the bias field keep each channel's mean and standard deviation, as the z-score of an image
that was acquired so would have them.
"""

from collections.abc import Callable

import tensorflow as tf

from keras_mia.data.augment.spatial import along, spline_matrix


def recolor(image: tf.Tensor, parameters: dict) -> tf.Tensor:
    """All changes of grey values that were drawn for this example, in the order of acquisition.

    Args:
        image: `(*space, channels)`.
        parameters: the change of one example, as `draw` gives it.

    Returns:
        An image of the same shape.
    """
    p = parameters
    image = apply_if(tf.reduce_any(p["bias"] != 0), lambda x: bias(x, p["bias"]), image)
    image = apply_if(p["brightness"] != 1, lambda x: x * p["brightness"], image)
    image = apply_if(p["contrast"] != 1, lambda x: contrast(x, p["contrast"]), image)
    image = apply_if(p["gamma"] != 1, lambda x: gamma(x, p["gamma"]), image)
    coarser = (p["blur"] > 0) | (p["resolution"] < 1)
    image = apply_if(coarser, lambda x: coarsen(x, p["blur"], p["resolution"]), image)
    image = apply_if(p["noise"] > 0, lambda x: noise(x, p["noise"], p["noise_key"]), image)
    erased = tf.reduce_any(p["erased"] != 0)
    return apply_if(erased, lambda x: erase(x, p["erased"]), image)


def apply_if(drawn: tf.Tensor, change: Callable, image: tf.Tensor) -> tf.Tensor:
    """The changed image where that was drawn; nothing is computed where not.

    Args:
        drawn: a boolean scalar.
        change: image -> image of the same shape.
        image: `(*space, channels)`.

    Returns:
        An image of the same shape.
    """
    return tf.cond(drawn, lambda: change(image), lambda: image)


def bias(image: tf.Tensor, control: tf.Tensor) -> tf.Tensor:
    """Multiplies what is above the darkest value by `exp` of a smooth field of control points.

    Args:
        image: `(*space, channels)`.
        control: the field's control points, `(points,) * rank`.

    Returns:
        An image of the same shape, with the mean and deviation of each channel.
    """
    *space, _ = image.shape
    field = along(control[..., None], [spline_matrix(n, control.shape[0]) for n in space])
    darkest = tf.reduce_min(image, _axes(image), keepdims=True)
    return _as_before((image - darkest) * tf.exp(field[0])[..., None], image)


def contrast(image: tf.Tensor, factor: tf.Tensor) -> tf.Tensor:
    """Stretches the values about their mean, inside the range that they had.

    Args:
        image: `(*space, channels)`.
        factor: scalar; above 1 stretches.

    Returns:
        An image of the same shape.
    """
    axes = _axes(image)
    low, high = tf.reduce_min(image, axes, True), tf.reduce_max(image, axes, True)
    mean = tf.reduce_mean(image, axes, True)
    return tf.clip_by_value(image * factor + mean * (1 - factor), low, high)


def gamma(image: tf.Tensor, power: tf.Tensor) -> tf.Tensor:
    """Raises the values, brought to [0, 1], to a power.

    Args:
        image: `(*space, channels)`.
        power: scalar.

    Returns:
        An image of the same shape, with the mean and deviation of each channel.
    """
    axes = _axes(image)
    low, high = tf.reduce_min(image, axes, True), tf.reduce_max(image, axes, True)
    share = (image - low) * (1 / (high - low + 1e-7))
    return _as_before(tf.exp(power * tf.math.log(share + 1e-7)), image)  # tf.pow is 4 times slower


def coarsen(image: tf.Tensor, sigma: tf.Tensor, resolution: tf.Tensor) -> tf.Tensor:
    """Blurs by a Gaussian and reads every `1 / resolution`-th voxel, interpolated back: one pass.

    Args:
        image: `(*space, channels)`.
        sigma: the Gaussian's standard deviation in voxels; 0 blurs nothing.
        resolution: the share of voxels kept an axis; 1 keeps all.

    Returns:
        An image of the same shape.
    """
    matrices = [_lower(n, resolution) @ _gaussian(n, sigma) for n in image.shape[:-1]]
    return tf.transpose(along(image, matrices), [*range(1, len(image.shape)), 0])


def _gaussian(length: int, sigma: tf.Tensor) -> tf.Tensor:
    at = tf.range(length, dtype=tf.float32)
    weight = tf.exp(-0.5 * ((at[:, None] - at) / tf.maximum(sigma, 1e-2)) ** 2)
    return weight / tf.reduce_sum(weight, 1, keepdims=True)


def _lower(length: int, resolution: tf.Tensor) -> tf.Tensor:
    """Nearest to a coarse grid, linear back, as one `(side, side)` matrix."""
    count = tf.maximum(tf.round(length * resolution), 1)
    position = (tf.range(length, dtype=tf.float32) + 0.5) * count / length - 0.5
    position = tf.clip_by_value(position, 0, count - 1)
    below = tf.floor(position)
    weight = (position - below)[:, None]

    def fine(coarse):
        at = tf.floor((tf.minimum(coarse, count - 1) + 0.5) * length / count)
        return tf.one_hot(tf.cast(at, tf.int32), length)

    return fine(below) * (1 - weight) + fine(below + 1) * weight


def noise(image: tf.Tensor, deviation: tf.Tensor, key: tf.Tensor) -> tf.Tensor:
    """Adds normal noise, which follows from its key.

    Args:
        image: `(*space, channels)`.
        deviation: standard deviation of the noise, scalar.
        key: int32 `(2,)`.

    Returns:
        An image of the same shape.
    """
    return image + deviation * tf.random.stateless_normal(image.shape, key)


def erase(image: tf.Tensor, boxes: tf.Tensor) -> tf.Tensor:
    """Fills boxes with the channel's mean.

    Args:
        image: `(*space, channels)`.
        boxes: `(n, 2, rank)`, lower and upper corners as shares of the sides.

    Returns:
        An image of the same shape.
    """
    *space, _ = image.shape
    erased = tf.zeros(space, bool)
    for box in tf.unstack(boxes):
        inside = True
        for axis, length in enumerate(space):
            at = (tf.range(length, dtype=tf.float32) + 0.5) / length
            between = (at >= box[0, axis]) & (at < box[1, axis])
            inside &= tf.reshape(between, [-1 if k == axis else 1 for k in range(len(space))])
        erased |= inside
    return tf.where(erased[..., None], tf.reduce_mean(image, _axes(image), True), image)


def _as_before(changed: tf.Tensor, image: tf.Tensor) -> tf.Tensor:
    """The changed image with the mean and the standard deviation that the image has."""
    mean, variance = tf.nn.moments(image, _axes(image), keepdims=True)
    new_mean, new_variance = tf.nn.moments(changed, _axes(image), keepdims=True)
    scale = tf.sqrt(variance / tf.maximum(new_variance, 1e-12))
    return changed * scale + (mean - new_mean * scale)


def _axes(image: tf.Tensor) -> list[int]:
    return list(range(len(image.shape) - 1))
