"""Normalization by TensorFlow's fused kernel: one pass over the tensor, statistics in float32.

The kernel normalizes each channel of one stack of images. `instance_norm` and `group_norm` run it
image by image; `group_norm` first takes the statistics of the channels from it, joins them into
those of the groups, and runs it again with these as given.

The formulas are for what the kernel does not do, and for second orders. Keras' own layers take
their moments from `tf.nn.moments` (TensorFlow 2.21), which holds the mean still where it squares
the distances from it. That leaves the gradient as it is, since these add up to zero, but not the
gradient of the gradient: through Keras' batch, group and layer normalization, a gradient penalty
trains the weights before them by gradients that are wrong by a few percent up to their whole size.
Keras' synchronized moments, and those of a mask, are right.

All functions take `(batch, *space, channels)` with any number of axes of space, none included, in
float16, bfloat16 or float32, `gamma` and `beta` in float32 `(channels,)`, and give `x`'s dtype; the
formulas also take float64, and give float32 or float64.
"""

from collections.abc import Callable

import keras
import tensorflow as tf
from keras import ops

DTYPES = ("float16", "bfloat16", "float32")
# cuDNN's least; TensorFlow's own wrapper silently raises a smaller one to it.
LEAST_EPSILON = 1.001e-5
# Up to here a batch is unrolled, which saves a fifth of the time against a loop in the graph.
UNROLLED = 16


def batch_norm(x, gamma, beta, epsilon: float):
    """`(outputs, mean, variance)` with the moments of the batch; the variance is divided by n."""
    o = _kernel(_flat(x), gamma, beta, epsilon)
    return _like(o.y, x), o.batch_mean, _divided_by_n(o.batch_variance, tf.size(x), x.shape[-1])


def frozen_norm(x, gamma, beta, mean, variance, epsilon: float):
    """Outputs for moments that are given, `(channels,)` each."""
    return _like(_kernel(_flat(x), gamma, beta, epsilon, mean, variance).y, x)


def instance_norm(x, gamma, beta, epsilon: float):
    """Normalizes each channel of each image over space."""

    @tf.custom_gradient
    def normalize(x, gamma, beta):
        def forward(image):
            o = _kernel(_flat(image), gamma, beta, epsilon)
            return o.y[0, 0], o.reserve_space_1, o.reserve_space_2, o.reserve_space_3

        y, *saved = _each(forward, (x.dtype, *["float32"] * 3), _images(x))

        @tf.custom_gradient
        def gradients(x, gamma, beta, dy):
            def backward(image, dy, *saved):
                o = _kernel_gradient(_flat(image), _flat(dy), gamma, epsilon, *saved)
                return o.x_backprop[0, 0], o.scale_backprop, o.offset_backprop

            kinds = (x.dtype, "float32", "float32")
            dx, dgamma, dbeta = _each(backward, kinds, _images(x), _images(dy), *saved)
            results = _like(dx, x), tf.reduce_sum(dgamma, 0), tf.reduce_sum(dbeta, 0)
            # The kernel's own second order is wrong within a loop.
            return results, _second_order(x, gamma, beta, dy, epsilon, x.shape[-1])

        return _like(y, x), lambda dy: gradients(x, gamma, beta, dy)

    return normalize(x, gamma, beta)


def group_norm(x, gamma, beta, epsilon: float, groups: int):
    """Normalizes each group of neighbouring channels of each image over group and space."""
    channels = x.shape[-1]

    def group_mean(values):
        """A value a channel in, the mean of its group for each channel out."""
        means = tf.reduce_mean(tf.reshape(values, (groups, -1)), axis=1)
        return tf.repeat(means, channels // groups)

    @tf.custom_gradient
    def normalize(x, gamma, beta):
        images = _images(x)

        def forward(image):
            o = _kernel(_flat(image), tf.ones(channels), tf.zeros(channels), epsilon)
            mean = group_mean(o.batch_mean)
            variance = _divided_by_n(o.batch_variance, tf.size(image), channels)
            variance = group_mean(variance + (o.batch_mean - mean) ** 2)
            return frozen_norm(image, gamma, beta, mean, variance, epsilon), mean, variance

        y, mean, variance = _each(forward, (x.dtype, "float32", "float32"), images)

        @tf.custom_gradient
        def gradients(x, gamma, beta, dy):
            def backward(image, dy, mean, variance):
                nothing = tf.zeros(0)
                o = _kernel_gradient(
                    _flat(image), _flat(dy), gamma, epsilon, mean, variance, nothing, training=False
                )
                # What the moments add: the group's means of dy and of dy times the normalized x.
                voxels = tf.cast(tf.size(image) // channels, "float32")
                share = tf.math.rsqrt(variance + epsilon) / voxels
                slope = share * group_mean(gamma * o.scale_backprop)
                level = share * group_mean(gamma * o.offset_backprop)
                through_moments = frozen_norm(image, slope, level, mean, variance, epsilon)
                dx = o.x_backprop[0, 0] - through_moments
                return dx, o.scale_backprop, o.offset_backprop

            kinds = (x.dtype, "float32", "float32")
            dx, dgamma, dbeta = _each(backward, kinds, _images(x), _images(dy), mean, variance)
            results = _like(dx, x), tf.reduce_sum(dgamma, 0), tf.reduce_sum(dbeta, 0)
            return results, _second_order(x, gamma, beta, dy, epsilon, groups)

        return _like(y, x), lambda dy: gradients(x, gamma, beta, dy)

    return normalize(x, gamma, beta)


def _second_order(x, gamma, beta, dy, epsilon, groups):
    """The gradient of the gradients, through the formula: rare, so it may be slow."""

    def gradient(*upstream):
        sources = [x, gamma, beta, dy]
        with tf.GradientTape() as outer:
            outer.watch(sources)
            with tf.GradientTape() as inner:
                inner.watch(sources[:3])
                y = tf.cast(plain_group_norm(x, gamma, beta, epsilon, groups), x.dtype)
            first = inner.gradient(y, sources[:3], output_gradients=dy)
        return outer.gradient(
            first, sources, output_gradients=upstream, unconnected_gradients="zero"
        )

    return gradient


def plain_batch_norm(x, gamma, beta, epsilon: float, axis: int = -1):
    """`batch_norm` by its formula, for channels at any axis."""
    x = ops.moveaxis(_wide(x), axis, -1)
    mean, variance = _moments(x, range(len(x.shape) - 1))
    y = _scaled((x - mean) * tf.math.rsqrt(variance + epsilon), gamma, beta)
    return ops.moveaxis(y, -1, axis), tf.reshape(mean, (-1,)), tf.reshape(variance, (-1,))


def plain_group_norm(x, gamma, beta, epsilon: float, groups: int, axis: int = -1):
    """`group_norm` by its formula, for channels at any axis."""
    x = ops.moveaxis(_wide(x), axis, -1)
    shape, channels = tf.shape(x), x.shape[-1]
    grouped = tf.reshape(x, (shape[0], -1, groups, channels // groups))
    mean, variance = _moments(grouped, (1, 3))
    y = tf.reshape((grouped - mean) * tf.math.rsqrt(variance + epsilon), shape)
    return ops.moveaxis(tf.ensure_shape(_scaled(y, gamma, beta), x.shape), -1, axis)


def _wide(x):
    return tf.cast(x, keras.backend.result_type(x.dtype, "float32"))


def _moments(x, axes):
    mean = tf.reduce_mean(x, list(axes), keepdims=True)
    return mean, tf.reduce_mean(tf.math.squared_difference(x, mean), list(axes), keepdims=True)


def _scaled(y, gamma, beta):
    y = y if gamma is None else y * tf.cast(gamma, y.dtype)
    return y if beta is None else y + tf.cast(beta, y.dtype)


def _kernel(x, gamma, beta, epsilon, mean=None, variance=None):
    training = mean is None
    return tf.raw_ops.FusedBatchNormV3(
        x=x,
        scale=gamma,
        offset=beta,
        mean=tf.zeros(0) if training else mean,
        variance=tf.zeros(0) if training else variance,
        epsilon=epsilon,
        is_training=training,
    )


def _kernel_gradient(x, dy, gamma, epsilon, saved_1, saved_2, saved_3, training=True):
    return tf.raw_ops.FusedBatchNormGradV3(
        y_backprop=dy,
        x=x,
        scale=gamma,
        reserve_space_1=saved_1,
        reserve_space_2=saved_2,
        reserve_space_3=saved_3,
        epsilon=epsilon,
        is_training=training,
    )


def _divided_by_n(variance, size, channels):
    """The kernel divides by n - 1, Keras by n."""
    n = tf.cast(size // channels, "float32")
    return variance * (n - 1) / n


def _each(function: Callable, kinds: tuple, *batches):
    """`function` of each example of `batches`; results, of dtypes `kinds`, are batched."""
    batch = batches[0].shape[0]
    if batch is None or not 0 < batch <= UNROLLED:
        return tf.map_fn(lambda parts: function(*parts), batches, fn_output_signature=kinds)
    unstacked = [tf.unstack(part, num=batch) for part in batches]
    results = [function(*parts) for parts in zip(*unstacked, strict=True)]
    if batch == 1:
        return tuple(result[None] for result in results[0])
    return tuple(tf.stack(parts) for parts in zip(*results, strict=True))


def _images(x):
    """`(batch, voxels, channels)`."""
    return tf.reshape(x, (tf.shape(x)[0], -1, x.shape[-1]))


def _flat(x):
    """The four axes that the kernel takes: those of images, else all but the channels in one.

    Reshaped, images would keep TensorFlow from joining the kernel with the convolution before it
    and the rectification behind it.
    """
    return x if x.shape.rank == 4 else tf.reshape(x, (1, 1, -1, x.shape[-1]))


def _like(y, x):
    if y.shape.rank == x.shape.rank == 4:
        return y
    return tf.ensure_shape(tf.reshape(y, tf.shape(x)), x.shape)
