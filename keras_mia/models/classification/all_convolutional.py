"""The all-convolutional network: no dense layer, and no pooling but the last mean.

Springenberg et al. (2014), Striving for Simplicity: The All Convolutional Net, arXiv:1412.6806.
"""

from collections.abc import Sequence

import keras

from keras_mia.layers import nd
from keras_mia.layers.nd import space_and_channels
from keras_mia.models.classification.blocks import conv_relu
from keras_mia.models.classification.input_checks import check_choice, check_sizes, least_size
from keras_mia.models.output_activation import output_activation

# The paper's table 1: sizes of the convolutions before each of the two reductions.
VARIANTS = {"A": (5,), "B": (5, 1), "C": (3, 3)}
LEAST = least_size((1, 2), (1, 2), (3, 1))


def all_convolutional(
    input_shape: Sequence[int | None],
    classes: int,
    *,
    variant: str = "C",
    filters: int = 96,
    norm: str | None = None,
    pooling: str | None = None,
    dropout: float = 0.5,
    activation: str | None = "softmax",
    name: str = "all_convolutional",
) -> keras.Model:
    """Convolutions only: those at stride 2 stand where others pool.

    The last convolution makes a map a class, whose mean over space is the class's value: the maps
    themselves show where it comes from.

    Args:
        input_shape: `(*space, channels)`. A side may be None; it is at least 9. The paper's images
            have 32 x 32 pixels.
        classes: values of the output; 1 goes with `activation="sigmoid"`.
        variant: a column of the paper's table 1: "A": a convolution of size 5 before each
            reduction; "B": one of size 1 after it; "C": two of size 3.
        filters: feature maps of the first level; the second and third have twice as many.
        norm: "batch", "instance", "group" or None, after each convolution but the last.
        pooling: None: a convolution of size 3 at stride 2; "max", "average" or "l2": pooling of the
            same size in its place, which is the paper's base network.
        dropout: share of the values that is dropped in training after each of the two reductions.
        activation: "softmax", "sigmoid", or None for logits.
        name: the model's name.

    Returns:
        A model from `(batch, *space, channels)` to float32 `(batch, classes)`.

    Raises:
        ValueError: a side is below 9, or an option has an unknown value.

    Source: Springenberg et al. (2014), arXiv:1412.6806.

    Departs from the paper: the maps of the classes are not rectified, the image itself is not
    dropped from, and `norm` is not in it.

    Example:
        >>> all_convolutional((32, 32, 3), classes=10).count_params()
        1369738
    """
    input_shape = space_and_channels(input_shape)
    check_choice("variant", variant, tuple(VARIANTS))
    check_sizes(input_shape[:-1], LEAST)
    activation = output_activation(classes, activation)

    inputs = keras.Input(input_shape, name="image")
    x = inputs
    for level, width in enumerate((filters, 2 * filters), start=1):
        for number, size in enumerate(VARIANTS[variant], start=1):
            x = conv_relu(x, width, size, f"level_{level}_{{}}_{number}", norm=norm)
        x = reduced(x, pooling, f"level_{level}_reduction", norm)
        if dropout:
            x = keras.layers.Dropout(dropout, name=f"level_{level}_dropout")(x)
    x = conv_relu(x, 2 * filters, 3, "level_3_{}_1", norm=norm, padding="valid")
    x = conv_relu(x, 2 * filters, 1, "level_3_{}_2", norm=norm)
    maps = nd.conv(x, classes, 1, dtype="float32", name="head")
    y = nd.global_average_pool(maps, dtype="float32", name="mean")
    if activation is not None:
        y = keras.layers.Activation(activation, dtype="float32", name="head_activation")(y)
    return keras.Model(inputs, y, name=name)


def reduced(x, pooling: str | None, name: str, norm: str | None):
    """Half the sides, by windows of size 3: learned ones, or pooled."""
    if pooling is None:
        return conv_relu(x, x.shape[-1], 3, f"{name}_{{}}", norm=norm, strides=2)
    return nd.pool(x, pooling, 3, strides=2, padding="same", name=f"{name}_pool")
