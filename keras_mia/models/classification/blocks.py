"""The parts that classifiers are made of.

Several layers of one step share a name with a gap for what each is: `"block_1_{}_2"` gives
`block_1_conv_2`, `block_1_norm_2` and `block_1_relu_2`.
"""

import keras

from keras_mia.layers import nd
from keras_mia.layers.nd import Size, conv, normalize
from keras_mia.models.output_activation import output_activation


def conv_relu(
    x,
    filters: int,
    size: Size,
    name: str,
    *,
    norm: str | None = None,
    scale: bool = True,
    **options,
):
    """A convolution, normalized and rectified; `options` are those of the convolution. Without
    `scale` the normalization has none: the next convolution has one."""
    x = conv(x, filters, size, use_bias=norm is None, name=name.format("conv"), **options)
    return norm_relu(x, name, norm=norm, scale=scale)


def relu_conv(x, filters: int, size: Size, name: str, *, norm: str | None = None, **options):
    """A convolution of what is first normalized and rectified."""
    x = norm_relu(x, name, norm=norm)
    return conv(x, filters, size, use_bias=norm is None, name=name.format("conv"), **options)


def norm_relu(x, name: str, *, norm: str | None, scale: bool = True):
    """Normalized and rectified."""
    x = normalize(x, norm, scale=scale, name=name.format("norm"))
    return keras.layers.ReLU(name=name.format("relu"))(x)


def strided_stem(x, filters: int, *, norm: str | None, pooling: str):
    """A convolution of size 7 and a pooling of size 3, each of which halves the sides."""
    x = conv_relu(x, filters, 7, "stem_{}", norm=norm, strides=2)
    return nd.pool(x, pooling, 3, strides=2, padding="same", name="stem_pool")


def dense(x, units: int, name: str, *, nonlinearity: str = "relu", dropout: float = 0.0):
    """A dense layer with its nonlinearity; `dropout` of its values are dropped in training."""
    x = keras.layers.Dense(units, name=name.format("dense"))(x)
    x = keras.layers.Activation(nonlinearity, name=name.format(nonlinearity))(x)
    return keras.layers.Dropout(dropout, name=name.format("dropout"))(x) if dropout else x


def dense_head(x, classes: int, activation: str | None):
    """A value a class, in float32 whatever the precision policy is."""
    activation = output_activation(classes, activation)
    return keras.layers.Dense(classes, activation=activation, dtype="float32", name="head")(x)
