"""Context by dilation: the field of view grows as fast as by pooling, at full resolution.

Yu and Koltun (2015), Multi-scale Context Aggregation by Dilated Convolutions, arXiv:1511.07122.
"""

from collections.abc import Sequence

import keras

from keras_mia.layers.nd import space_and_channels
from keras_mia.models.classification.blocks import conv_relu
from keras_mia.models.classification.head import head
from keras_mia.models.classification.input_checks import check_sizes


def dilated(
    input_shape: Sequence[int | None],
    classes: int,
    *,
    filters: int = 32,
    dilations: Sequence[int] = (1, 1, 2, 4, 8, 16, 1),
    norm: str | None = "batch",
    activation: str | None = "softmax",
    name: str = "dilated",
) -> keras.Model:
    """Convolutions of size 3 whose elements lie further and further apart; nothing is pooled.

    Each layer adds twice its dilation to the field of view: 67 voxels a side after the seven of the
    paper, for the weights of seven ordinary layers. Every feature map has the image's full size,
    which costs memory: 32 maps of 224 x 224 are 6.4 MB a layer and image.

    Args:
        input_shape: `(*space, channels)`. A side may be None; it is longer than any dilation.
        classes: values of the output; 1 goes with `activation="sigmoid"`.
        filters: feature maps of every layer.
        dilations: steps between the elements of each layer's filters, a number a layer.
        norm: "batch", "instance", "group" or None, after each convolution of size 3.
        activation: "softmax", "sigmoid", or None for logits.
        name: the model's name.

    Returns:
        A model from `(batch, *space, channels)` to float32 `(batch, classes)`.

    Raises:
        ValueError: a side is too short, or an option has an unknown value.

    Source: Yu and Koltun (2015), arXiv:1511.07122, the basic context module of table 1.

    Departs from the paper: its module refines the class maps of a segmentation network; here it
    takes the image itself, and its last layer, of size 1, follows the mean over space, which comes
    to the same. The borders are padded, and normalization stands in for the paper's start from the
    identity.

    Example:
        >>> model = dilated((64, 64, 1), classes=2, filters=8)
        >>> model.get_layer("context_7_relu").output.shape
        (None, 64, 64, 8)
    """
    input_shape = space_and_channels(input_shape)
    check_sizes(input_shape[:-1], max(dilations) + 1, instead=", or smaller dilations")

    inputs = keras.Input(input_shape, name="image")
    x = inputs
    for number, rate in enumerate(dilations, start=1):
        x = conv_relu(x, filters, 3, f"context_{number}_{{}}", norm=norm, dilation_rate=rate)
    return keras.Model(inputs, head(x, classes, activation), name=name)
