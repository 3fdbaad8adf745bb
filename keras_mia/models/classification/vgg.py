"""VGG: convolutions of size 3 and nothing else, many of them.

Simonyan and Zisserman (2014), Very Deep Convolutional Networks for Large-Scale Image Recognition,
arXiv:1409.1556.
"""

from collections.abc import Sequence

import keras

from keras_mia.layers.local_response import LocalResponseNormalization
from keras_mia.layers.nd import pool, space_and_channels
from keras_mia.models.classification.blocks import conv_relu, dense, dense_head
from keras_mia.models.classification.input_checks import check_choice, check_sizes, least_size

# The paper's table 1: sizes of the convolutions of each block; a pooling follows each block.
VARIANTS = {
    "A": ((3,), (3,), (3, 3), (3, 3), (3, 3)),
    "A-LRN": ((3,), (3,), (3, 3), (3, 3), (3, 3)),
    "B": ((3, 3), (3, 3), (3, 3), (3, 3), (3, 3)),
    "C": ((3, 3), (3, 3), (3, 3, 1), (3, 3, 1), (3, 3, 1)),
    "D": ((3, 3), (3, 3), (3, 3, 3), (3, 3, 3), (3, 3, 3)),
    "E": ((3, 3), (3, 3), (3, 3, 3, 3), (3, 3, 3, 3), (3, 3, 3, 3)),
}
# Its feature maps, block by block, in multiples of the first block's.
WIDTHS = (1, 2, 4, 8, 8)
LEAST = least_size(*[(2, 2)] * len(WIDTHS))


def vgg(
    input_shape: Sequence[int | None],
    classes: int,
    *,
    variant: str = "D",
    filters: int = 64,
    units: int = 4096,
    norm: str | None = None,
    pooling: str = "max",
    dropout: float = 0.5,
    activation: str | None = "softmax",
    name: str = "vgg",
) -> keras.Model:
    """Five blocks of convolutions, each pooled by 2, then three dense layers.

    The dense layers take the flattened maps, and most of the weights: 123.6 of 138.4 million for
    variant D at 224 x 224 x 3 with 1000 classes; in 3D the first of them alone would have
    719 million.

    Args:
        input_shape: `(*space, channels)`, every side a number and at least 32.
        classes: values of the output; 1 goes with `activation="sigmoid"`.
        variant: a column of the paper's table 1: "A" (11 layers with weights), "A-LRN" (the same
            with local response normalization), "B" (13), "C" (16, three of them of size 1),
            "D" (16, known as VGG16) or "E" (19, VGG19).
        filters: feature maps of the first block; they double from block to block up to the fourth.
        units: of each of the two dense layers before the last.
        norm: "batch", "instance", "group" or None, after each convolution.
        pooling: "max", "average" or "l2".
        dropout: share of the dense layers' values that is dropped in training.
        activation: "softmax", "sigmoid", or None for logits.
        name: the model's name.

    Returns:
        A model from `(batch, *space, channels)` to float32 `(batch, classes)`.

    Raises:
        ValueError: a side is None or below 32, or an option has an unknown value.

    Source: Simonyan and Zisserman (2014), arXiv:1409.1556.

    Departs from the paper: `norm` is not in it, which trained the deep variants from the weights of
    shallow ones; with `norm="batch"` they train from the start.

    Example:
        >>> model = vgg((64, 64, 1), classes=2, filters=8, units=32)
        >>> model.get_layer("block_5_pool").output.shape
        (None, 2, 2, 64)
    """
    input_shape = space_and_channels(input_shape)
    check_choice("variant", variant, tuple(VARIANTS))
    check_sizes(input_shape[:-1], LEAST, flattened=True)

    inputs = keras.Input(input_shape, name="image")
    x = inputs
    for block, (sizes, width) in enumerate(zip(VARIANTS[variant], WIDTHS, strict=True), start=1):
        for number, size in enumerate(sizes, start=1):
            x = conv_relu(x, filters * width, size, f"block_{block}_{{}}_{number}", norm=norm)
        if variant == "A-LRN" and block == 1:
            x = LocalResponseNormalization(name="block_1_response")(x)
        x = pool(x, pooling, name=f"block_{block}_pool")
    x = keras.layers.Flatten(name="flat")(x)
    for number in (1, 2):
        x = dense(x, units, f"hidden_{number}_{{}}", dropout=dropout)
    return keras.Model(inputs, dense_head(x, classes, activation), name=name)
