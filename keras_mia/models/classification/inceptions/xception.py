"""Xception.

Chollet (2016), Xception: Deep Learning with Depthwise Separable Convolutions, arXiv:1610.02357.
"""

from collections.abc import Sequence

import keras

from keras_mia.layers import nd
from keras_mia.layers.nd import space_and_channels
from keras_mia.models.classification.head import head
from keras_mia.models.classification.inceptions.branches import Style
from keras_mia.models.classification.input_checks import check_sizes, least_size

# Figure 5: the widths of the convolutions, and of the separable ones of each block.
STEM = (32, 64)
ENTRY = ((128, 128), (256, 256), (728, 728))
MIDDLE = (728, 728, 728)
EXIT = (728, 1024)
END = (1536, 2048)
# The stem's two convolutions are unpadded.
LEAST = least_size((3, 2), (3, 1))


def xception(
    input_shape: Sequence[int | None],
    classes: int,
    *,
    repeats: int = 8,
    width: float = 1.0,
    norm: str | None = "batch",
    dropout: float = 0.5,
    activation: str | None = "softmax",
    name: str = "xception",
) -> keras.Model:
    """Residual blocks of separable convolutions: space first, channel by channel, then channels.

    Args:
        input_shape: `(*space, channels)` with one, two or three axes of space, each of at least 7
            voxels. A side may be None.
        classes: values in the output; 1 goes with `activation="sigmoid"`.
        repeats: number of blocks of the middle flow.
        width: factor of all numbers of feature maps.
        norm: "batch", "instance", "group" or None, after each convolution.
        dropout: share of the features that are dropped in training before the last layer.
        activation: "softmax", "sigmoid", or None for logits.
        name: the model's name.

    Returns:
        A model from `(batch, *space, channels)` to float32 `(batch, classes)`.

    Raises:
        ValueError: a side is too short, or an option has an unknown value.

    Source: Chollet (2016), arXiv:1610.02357.

    Departs from the paper: nothing; with 299 x 299 x 3 and 1000 classes it has the 22,910,480
    parameters of `keras.applications.Xception`.

    Example:
        >>> model = xception((64, 64, 1), 2, width=0.125, repeats=1)
        >>> model.output_shape
        (None, 2)
    """
    input_shape = space_and_channels(input_shape)
    if repeats < 0:
        raise ValueError(f"repeats is at least 0, not {repeats}.")
    check_sizes(input_shape[:-1], LEAST)
    style = Style(norm, width)

    inputs = keras.Input(input_shape, name="image")
    x = inputs
    for i, filters in enumerate(STEM, start=1):
        prefix, strides = f"stem_{i}", 2 if i == 1 else 1
        x = conv(x, filters, 3, style, f"stem_{i}", strides=strides, padding="valid")
        x = keras.layers.ReLU(name=f"{prefix}_relu")(x)
    for i, widths in enumerate(ENTRY, start=1):
        x = halving_block(x, widths, style, f"entry_{i}", rectified=i == 1)
    for i in range(1, repeats + 1):
        y = separables(x, MIDDLE, style, f"middle_{i}")
        x = keras.layers.Add(name=f"middle_{i}_add")([x, y])
    x = halving_block(x, EXIT, style, "exit")
    for i, filters in enumerate(END, start=1):
        x = separable(x, filters, style, f"end_{i}")
        x = keras.layers.ReLU(name=f"end_{i}_relu")(x)
    return keras.Model(inputs, head(x, classes, activation, dropout), name=name)


def conv(x, filters: int, size: int, style: Style, name: str, **options):
    """A convolution, normalized."""
    bias = style.norm is None
    filters = style.filters(filters)
    x = nd.conv(x, filters, size, use_bias=bias, name=f"{name}_conv", **options)
    return nd.normalize(x, style.norm, name=f"{name}_norm")


def separable(x, filters: int, style: Style, name: str):
    """A separable convolution, normalized."""
    x = nd.separable_conv(x, style.filters(filters), use_bias=style.norm is None, name=name)
    return nd.normalize(x, style.norm, name=f"{name}_norm")


def separables(x, widths: Sequence[int], style: Style, name: str, rectified: bool = False):
    """Separable convolutions, each after a ReLU; `rectified`: `x` has had its own."""
    for i, filters in enumerate(widths, start=1):
        if i > 1 or not rectified:
            x = keras.layers.ReLU(name=f"{name}_relu_{i}")(x)
        x = separable(x, filters, style, f"{name}_separable_{i}")
    return x


def halving_block(x, widths: Sequence[int], style: Style, name: str, rectified: bool = False):
    """Separable convolutions and pooling; the way around them is a convolution with stride 2."""
    shortcut = conv(x, widths[-1], 1, style, f"{name}_shortcut", strides=2)
    x = separables(x, widths, style, name, rectified)
    x = nd.max_pool(x, 3, strides=2, padding="same", name=f"{name}_pool")
    return keras.layers.Add(name=f"{name}_add")([x, shortcut])
