"""Critics with a layer in their middle, in pairs: ours, and Keras' own or a formula.

Normalization has formulas beside it, and not Keras' own layers, whose second order is wrong on
TensorFlow (see `keras_mia.layers.fused`).
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import keras
import numpy as np
import tensorflow as tf

from keras_mia import layers
from keras_mia.layers import nd

SPACES = {1: (8,), 2: (6, 8), 3: (4, 6, 8)}
LINES = (True, True, False, False, False, True)


@dataclass(frozen=True)
class Row:
    """A layer and what it equals.

    Args:
        name: of the row.
        ours: makes the layer.
        other: makes Keras' own or a formula for so many axes of space; its weights come in the same
            order and shapes.
        axes: numbers of axes of space that it takes.
        inputs: how many images it is called with.
    """

    name: str
    ours: Callable[[], Callable]
    other: Callable[[int], Callable]
    axes: tuple[int, ...] = (1, 2, 3)
    inputs: int = 1


class BatchFormula(keras.layers.BatchNormalization):
    def call(self, inputs, training=None):
        x = tf.cast(inputs, keras.backend.result_type(inputs.dtype, "float32"))
        shape = [n if i == self.axis % len(x.shape) else 1 for i, n in enumerate(x.shape)]
        if training and self.trainable:
            axes = [i for i, n in enumerate(shape) if n == 1]
            mean = tf.reduce_mean(x, axes, keepdims=True)
            variance = tf.reduce_mean((x - mean) ** 2, axes, keepdims=True)
        else:
            mean, variance = (
                tf.reshape(moment, shape) for moment in (self.moving_mean, self.moving_variance)
            )
        y = (x - mean) / tf.sqrt(variance + self.epsilon)
        return tf.cast(
            y * tf.reshape(self.gamma, shape) + tf.reshape(self.beta, shape), inputs.dtype
        )


class GroupFormula(keras.layers.GroupNormalization):
    def call(self, inputs):
        x = tf.cast(inputs, keras.backend.result_type(inputs.dtype, "float32"))
        parts = []
        for group in tf.split(x, self.groups, axis=-1):
            axes = list(range(1, len(x.shape)))
            mean = tf.reduce_mean(group, axes, keepdims=True)
            variance = tf.reduce_mean((group - mean) ** 2, axes, keepdims=True)
            parts.append((group - mean) / tf.sqrt(variance + self.epsilon))
        return tf.cast(tf.concat(parts, -1) * self.gamma + self.beta, inputs.dtype)


class DepthwiseFormula(keras.Layer):
    """Each channel's kernel of 3 as a sum of shifted images."""

    def build(self, input_shape):
        shape = (*[3] * (len(input_shape) - 2), input_shape[-1], 1)
        self.kernel = self.add_weight(shape=shape, name="kernel")

    def call(self, inputs):
        space = inputs.shape[1:-1]
        x = tf.pad(inputs, [(0, 0), *[(1, 1)] * len(space), (0, 0)])
        total = 0
        for shift in itertools.product(range(3), repeat=len(space)):
            window = (slice(i, i + n) for i, n in zip(shift, space, strict=True))
            total += x[(slice(None), *window)] * self.kernel[shift][:, 0]
        return total


class Formula(keras.Layer):
    """A function of TensorFlow without weights."""

    def __init__(self, function, **options):
        super().__init__(**options)
        self.function = function

    def call(self, inputs):
        return self.function(inputs)


def formula(function) -> Callable[[int], keras.Layer]:
    return lambda axes: Formula(function)


def of_keras(name: str, **options) -> Callable[[int], keras.Layer]:
    """Keras' layer whose name holds the number of axes."""
    return lambda axes: getattr(keras.layers, name.format(axes))(**options)


def frozen(layer: keras.Layer) -> keras.Layer:
    """The layer with statistics that do not move."""
    layer.trainable = False
    return layer


def linear(x):
    """Twice the size: three quarters of the nearest voxel and a quarter of the next one."""
    for axis in range(1, len(x.shape) - 1):
        n = x.shape[axis]
        before = tf.gather(x, [0, *range(n - 1)], axis=axis)
        behind = tf.gather(x, [*range(1, n), n - 1], axis=axis)
        pairs = tf.stack([0.75 * x + 0.25 * before, 0.75 * x + 0.25 * behind], axis + 1)
        x = tf.reshape(pairs, (-1, *x.shape[1:axis], 2 * n, *x.shape[axis + 1 :]))
    return x


def mirrored(x):
    for axis in range(1, len(x.shape) - 1):
        n = x.shape[axis]
        x = tf.gather(x, [2, 1, *range(n), n - 2, n - 3], axis=axis)
    return x


def beside_neighbours(x):
    """Local response of 3 channels, with a bias of 2 and alpha and beta of a half."""
    square = tf.pad(x**2, [(0, 0)] * (len(x.shape) - 1) + [(1, 1)])
    return x / tf.sqrt(2 + 0.5 * (square[..., :-2] + square[..., 1:-1] + square[..., 2:]))


def pooled(reduce, x):
    """`reduce` of windows of 2, an axis after the other."""
    for axis in range(1, len(x.shape) - 1):
        before, behind = x.shape[1:axis], x.shape[axis + 1 :]
        x = reduce(tf.reshape(x, (-1, *before, x.shape[axis] // 2, 2, *behind)), axis + 1)
    return x


def consistent(inputs):
    """Lines of k-space along the first of two axes."""
    prediction, measured = (
        tf.signal.fft(tf.cast(tf.transpose(x, (0, 2, 3, 1)), "complex64")) for x in inputs
    )
    joined = tf.where(tf.constant(LINES), measured, prediction)
    return tf.cast(
        tf.transpose(tf.math.real(tf.signal.ifft(joined)), (0, 3, 1, 2)), inputs[0].dtype
    )


NORMS = (
    Row("batch norm", layers.BatchNormalization, lambda axes: BatchFormula()),
    Row("group norm", lambda: layers.GroupNormalization(2), lambda axes: GroupFormula(2)),
    Row("instance norm", layers.InstanceNormalization, lambda axes: GroupFormula(-1)),
)
OTHER_NORMS = (
    Row(
        "frozen batch norm",
        lambda: frozen(layers.BatchNormalization()),
        lambda axes: frozen(BatchFormula()),
    ),
    Row(
        "synchronized batch norm",
        lambda: layers.BatchNormalization(synchronized=True),
        of_keras("BatchNormalization", synchronized=True),
    ),
    Row(
        "batch norm that is not fused",
        lambda: layers.BatchNormalization(axis=2, epsilon=1e-6),
        lambda axes: BatchFormula(axis=2, epsilon=1e-6),
        axes=(2,),
    ),
    Row(
        "group norm that is not fused",
        lambda: layers.GroupNormalization(2, epsilon=1e-6),
        lambda axes: GroupFormula(2, epsilon=1e-6),
        axes=(2,),
    ),
)
ROWS = (
    *NORMS,
    *OTHER_NORMS,
    Row("linear upsampling", layers.Upsampling, formula(linear)),
    Row(
        "nearest upsampling",
        lambda: layers.Upsampling(2, "nearest"),
        of_keras("UpSampling{}D", size=2),
    ),
    Row(
        "transposed convolution",
        lambda: partial(nd.conv_transpose, filters=4, kernel_size=4),
        of_keras("Conv{}DTranspose", filters=4, kernel_size=4, strides=2, padding="same"),
    ),
    Row("mirror padding", lambda: layers.MirrorPadding(2), formula(mirrored)),
    Row("crop", lambda: partial(nd.crop, margins=1), of_keras("Cropping{}D", cropping=1)),
    Row(
        "local response",
        lambda: layers.LocalResponseNormalization(3, alpha=0.5, beta=0.5),
        formula(beside_neighbours),
    ),
    Row("max pooling", lambda: nd.max_pool, formula(partial(pooled, tf.reduce_max))),
    Row("average pooling", lambda: nd.average_pool, formula(partial(pooled, tf.reduce_mean))),
    Row("l2 pooling", layers.L2Pooling, formula(lambda x: tf.sqrt(pooled(tf.reduce_mean, x**2)))),
    Row("depthwise convolution", layers.DepthwiseConv, lambda axes: DepthwiseFormula()),
    Row(
        "channels taken",
        lambda: layers.TakeChannels((2, 1, 0, 0)),
        formula(lambda x: tf.gather(x, [2, 1, 0, 0], axis=-1)),
    ),
    Row(
        "data consistency",
        lambda: layers.DataConsistency(LINES),
        formula(consistent),
        axes=(2,),
        inputs=2,
    ),
    *(
        Row(
            f"grouped convolution {axes}D",
            lambda kind=f"GroupedConv{axes}D": getattr(layers, kind)(
                4, 3, groups=2, padding="same"
            ),
            of_keras("Conv{}D", filters=4, kernel_size=3, groups=2, padding="same"),
            axes=(axes,),
        )
        for axes in (1, 2, 3)
    ),
    *(
        Row(
            f"{name} {axes}D",
            partial(getattr(layers, kind.format(axes)), 4, 3, strides=2, padding="same"),
            of_keras(kind, filters=4, kernel_size=3, strides=2, padding="same"),
            axes=(axes,),
        )
        for axes in (2, 3)
        for name, kind in (("convolution", "Conv{}D"), ("transposed", "Conv{}DTranspose"))
    ),
    *(
        Row(
            f"strided pointwise convolution {axes}D",
            lambda kind=f"StridedPointwiseConv{axes}D": getattr(layers, kind)(4, 1, strides=2),
            of_keras("Conv{}D", filters=4, kernel_size=1, strides=2),
            axes=(axes,),
        )
        for axes in (1, 2)
    ),
)


def critic(middle: Callable, space: tuple[int, ...], inputs: int = 1) -> keras.Model:
    """Convolution, layer, convolution, bent between: a value an image."""
    images = keras.Input((*space, 2), dtype=keras.config.dtype_policy().variable_dtype)
    x = nd.conv(images, 4, activation="swish")
    x = middle([keras.ops.roll(x, i, axis=-1) for i in range(inputs)] if inputs > 1 else x)
    x = nd.conv(keras.layers.Activation("tanh")(x), 1, use_bias=False)
    return keras.Model(images, nd.global_average_pool(x))


def pair(row: Row, axes: int, dtype: str = "float32") -> tuple[keras.Model, keras.Model]:
    """Our critic and the other one, with the same weights, none of them at its start value."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(dtype)
    try:
        ours, other = (
            critic(make(), SPACES[axes], row.inputs) for make in (row.ours, lambda: row.other(axes))
        )
    finally:
        keras.config.set_dtype_policy(before)
    for model in (ours, other):
        for i, weight in enumerate(model.weights):
            random = np.random.default_rng(i)
            draw = random.normal if len(weight.shape) > 1 else random.random
            weight.assign(draw(size=weight.shape) + (len(weight.shape) == 1) * 0.5)
    return ours, other
