"""DenseNet: every layer of a block sees the maps of all layers before it.

Huang et al. (2016), Densely Connected Convolutional Networks, arXiv:1608.06993.
"""

from collections.abc import Sequence

import keras

from keras_mia.layers import nd
from keras_mia.layers.nd import space_and_channels
from keras_mia.models.classification.blocks import (
    norm_relu,
    relu_conv,
    strided_stem,
)
from keras_mia.models.classification.head import head
from keras_mia.models.classification.input_checks import check_choice, check_sizes, least_size

# The paper's table 1: how many layers each block has.
DEPTHS = {
    121: (6, 12, 24, 16),
    169: (6, 12, 32, 32),
    201: (6, 12, 48, 32),
    264: (6, 12, 64, 48),
}
STEMS = {"strided": [(1, 2), (1, 2)], "plain": []}


def densenet(
    input_shape: Sequence[int | None],
    classes: int,
    *,
    depth: int | Sequence[int] = 121,
    growth_rate: int = 32,
    compression: float = 0.5,
    dropout: float = 0.0,
    stem: str = "strided",
    norm: str | None = "batch",
    pooling: str = "average",
    activation: str | None = "softmax",
    name: str = "densenet",
) -> keras.Model:
    """Blocks whose layers each add a few maps to those that are there, with poolings between.

    A layer is a convolution of size 1, which makes four times its `growth_rate` of maps out of all
    that are there, and one of size 3, which makes its own out of these (DenseNet-BC).

    Args:
        input_shape: `(*space, channels)`. A side may be None; it is at least 29 with the strided
            stem and four blocks.
        classes: values of the output; 1 goes with `activation="sigmoid"`.
        depth: 121, 169, 201 or 264 layers as in the paper, or how many layers each block has.
        growth_rate: feature maps that each layer adds; the stem makes twice as many.
        compression: share of the feature maps that is kept between two blocks.
        dropout: share of each layer's new feature maps that is dropped in training.
        stem: "strided": a convolution of size 7 at stride 2, then maximum pooling by 2, for images
            of some 200 voxels a side; "plain": one of size 3 at full resolution, for those of
            some 30.
        norm: "batch", "instance", "group" or None, before each convolution.
        pooling: "average", "max" or "l2", between two blocks.
        activation: "softmax", "sigmoid", or None for logits.
        name: the model's name.

    Returns:
        A model from `(batch, *space, channels)` to float32 `(batch, classes)`.

    Raises:
        ValueError: a side is too short, or an option has an unknown value.

    Source: Huang et al. (2016), arXiv:1608.06993.

    Departs from the paper: dropout drops whole feature maps. `densenet((32, 32, 3), 10,
    depth=(16, 16, 16), growth_rate=12, stem="plain")` is its DenseNet-BC of 100 layers.

    Example:
        >>> model = densenet((64, 64, 32, 1), classes=2, depth=(2, 4), growth_rate=8)
        >>> model.get_layer("block_2_layer_4_join").output.shape
        (None, 8, 8, 4, 48)
    """
    input_shape = space_and_channels(input_shape)
    check_choice("stem", stem, tuple(STEMS))
    if isinstance(depth, int):
        check_choice("depth", depth, tuple(DEPTHS))
    blocks = DEPTHS[depth] if isinstance(depth, int) else tuple(depth)
    smaller = ', or stem="plain"' if stem == "strided" else ", or fewer blocks"
    least = least_size(*STEMS[stem], *[(2, 2)] * (len(blocks) - 1))
    check_sizes(input_shape[:-1], least, instead=smaller)

    inputs = keras.Input(input_shape, name="image")
    if stem == "strided":
        x = strided_stem(inputs, 2 * growth_rate, norm=norm, pooling="max")
    else:
        x = nd.conv(inputs, 2 * growth_rate, use_bias=norm is None, name="stem_conv")
    for block, layers in enumerate(blocks, start=1):
        if block > 1:
            kept = int(x.shape[-1] * compression)
            x = relu_conv(x, kept, 1, f"transition_{block - 1}_{{}}", norm=norm)
            x = nd.pool(x, pooling, name=f"transition_{block - 1}_pool")
        for number in range(1, layers + 1):
            prefix = f"block_{block}_layer_{number}"
            y = relu_conv(x, 4 * growth_rate, 1, f"{prefix}_{{}}_1", norm=norm)
            y = relu_conv(y, growth_rate, 3, f"{prefix}_{{}}_2", norm=norm)
            if dropout:
                y = nd.dropout(y, dropout, name=f"{prefix}_dropout")
            x = keras.layers.Concatenate(name=f"{prefix}_join")([x, y])
    x = norm_relu(x, "final_{}", norm=norm)
    return keras.Model(inputs, head(x, classes, activation), name=name)
