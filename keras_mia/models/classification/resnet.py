"""ResNet: every block learns what to add to what it was given.

He et al. (2015), Deep Residual Learning for Image Recognition, arXiv:1512.03385. He et al. (2016),
Identity Mappings in Deep Residual Networks, arXiv:1603.05027. Zagoruyko and Komodakis (2016), Wide
Residual Networks, arXiv:1605.07146.
"""

from collections.abc import Sequence

import keras

from keras_mia.layers.nd import conv, normalize, space_and_channels
from keras_mia.models.classification.blocks import (
    conv_relu,
    norm_relu,
    strided_stem,
)
from keras_mia.models.classification.head import head
from keras_mia.models.classification.input_checks import check_choice, check_sizes

# The paper's table 1: the kind of block, and how many each stage has.
DEPTHS = {
    18: ("basic", (2, 2, 2, 2)),
    34: ("basic", (3, 4, 6, 3)),
    50: ("bottleneck", (3, 4, 6, 3)),
    101: ("bottleneck", (3, 4, 23, 3)),
    152: ("bottleneck", (3, 8, 36, 3)),
}
BLOCKS = ("basic", "bottleneck")
STEMS = ("strided", "plain")


def resnet(
    input_shape: Sequence[int | None],
    classes: int,
    *,
    depth: int | Sequence[int] = 50,
    block: str | None = None,
    filters: int = 64,
    width: int = 1,
    preactivation: bool = False,
    stem: str = "strided",
    norm: str | None = "batch",
    pooling: str = "max",
    activation: str | None = "softmax",
    name: str = "resnet",
) -> keras.Model:
    """Stages of residual blocks; each stage halves the sides and doubles the feature maps.

    Args:
        input_shape: `(*space, channels)`. A side may be None; it is at least 2 for each halving:
            32 with the strided stem and four stages.
        classes: values of the output; 1 goes with `activation="sigmoid"`.
        depth: 18, 34, 50, 101 or 152 layers as in the paper, or how many blocks each stage has.
        block: "basic": two convolutions of size 3; "bottleneck": one of size 3 between two of size
            1, which make a quarter of the feature maps and all of them again. None: as the paper
            at this depth, and basic where `depth` counts blocks.
        filters: feature maps of the stem and of the first stage's convolutions of size 3.
        width: by how many times the blocks are wider: all their feature maps, or a bottleneck's
            inner ones.
        preactivation: normalize and rectify before each convolution rather than after it, so that
            nothing stands in the way of what is added.
        stem: "strided": a convolution of size 7 at stride 2, then pooling by 2, for images of some
            200 voxels a side; "plain": one of size 3 at full resolution, for those of some 30.
        norm: "batch", "instance", "group" or None, with each convolution.
        pooling: "max", "average" or "l2", in the strided stem.
        activation: "softmax", "sigmoid", or None for logits.
        name: the model's name.

    Returns:
        A model from `(batch, *space, channels)` to float32 `(batch, classes)`.

    Raises:
        ValueError: a side is too short, or an option has an unknown value.

    Source: He et al. (2015), arXiv:1512.03385; He et al. (2016), arXiv:1603.05027; Zagoruyko and
    Komodakis (2016), arXiv:1605.07146.

    Departs from the paper: a bottleneck halves the sides by its convolution of size 3, not by the
    first of size 1, which never looks at three voxels of four. Where a convolution is normalized it
    has no bias. `resnet((32, 32, 3), 10, depth=(4, 4, 4), filters=16, width=10, preactivation=True,
    stem="plain")` is the WRN-28-10 of the third paper, whose dropout is left out.

    Example:
        >>> model = resnet((64, 64, 32, 1), classes=2, depth=18, filters=8)
        >>> model.get_layer("stage_4_block_2_relu_2").output.shape
        (None, 2, 2, 1, 64)
    """
    input_shape = space_and_channels(input_shape)
    check_choice("stem", stem, STEMS)
    kind, blocks = layout(depth, block)
    halvings = len(blocks) - 1 + 2 * (stem == "strided")
    smaller = ', or stem="plain"' if stem == "strided" else ", or fewer stages"
    check_sizes(input_shape[:-1], 2**halvings, instead=smaller)
    residual = preactivated_block if preactivation else residual_block

    inputs = keras.Input(input_shape, name="image")
    if stem == "strided":
        x = strided_stem(inputs, filters, norm=norm, pooling=pooling)
    else:
        x = conv_relu(inputs, filters, 3, "stem_{}", norm=norm)
    for stage, count in enumerate(blocks, start=1):
        for number in range(1, count + 1):
            stride = 2 if stage > 1 and number == 1 else 1
            steps = convolutions(kind, filters * 2 ** (stage - 1), width, stride)
            x = residual(x, steps, f"stage_{stage}_block_{number}", norm)
    if preactivation:
        x = norm_relu(x, "final_{}", norm=norm)
    return keras.Model(inputs, head(x, classes, activation), name=name)


def layout(depth: int | Sequence[int], block: str | None) -> tuple[str, tuple[int, ...]]:
    """The kind of block, and how many each stage has.

    Example:
        >>> layout(34, None)
        ('basic', (3, 4, 6, 3))
    """
    if isinstance(depth, int):
        check_choice("depth", depth, tuple(DEPTHS))
    usual, blocks = DEPTHS[depth] if isinstance(depth, int) else ("basic", tuple(depth))
    kind = usual if block is None else block
    check_choice("block", kind, BLOCKS)
    return kind, blocks


def convolutions(kind: str, filters: int, width: int, stride: int) -> list[tuple[int, int, int]]:
    """`(filters, size, stride)` of each convolution of a block.

    Example:
        >>> convolutions("bottleneck", 64, width=1, stride=2)
        [(64, 1, 1), (64, 3, 2), (256, 1, 1)]
    """
    inner = filters * width
    if kind == "basic":
        return [(inner, 3, stride), (inner, 3, 1)]
    return [(inner, 1, 1), (inner, 3, stride), (4 * filters, 1, 1)]


def residual_block(x, steps, name: str, norm: str | None):
    """Convolutions, each normalized and rectified; the last one after what came in is added."""
    shortcut = x
    if changes(x, steps):
        shortcut = project(x, steps, name, norm)
        shortcut = normalize(shortcut, norm, name=f"{name}_shortcut_norm")
    for number, (filters, size, stride) in enumerate(steps, start=1):
        bias = norm is None
        x = conv(x, filters, size, strides=stride, use_bias=bias, name=f"{name}_conv_{number}")
        x = normalize(x, norm, name=f"{name}_norm_{number}")
        if number == len(steps):
            x = keras.layers.Add(name=f"{name}_add")([x, shortcut])
        x = keras.layers.ReLU(name=f"{name}_relu_{number}")(x)
    return x


def preactivated_block(x, steps, name: str, norm: str | None):
    """Convolutions, each of what is first normalized and rectified; what came in is added."""
    shortcut = x
    for number, (filters, size, stride) in enumerate(steps, start=1):
        # The stem has done so for the very first block, before the two ways part.
        if (name, number) != ("stage_1_block_1", 1):
            x = norm_relu(x, f"{name}_{{}}_{number}", norm=norm)
        if number == 1 and changes(x, steps):
            shortcut = project(x, steps, name, norm)
        bias = norm is None
        x = conv(x, filters, size, strides=stride, use_bias=bias, name=f"{name}_conv_{number}")
    return keras.layers.Add(name=f"{name}_add")([x, shortcut])


def changes(x, steps) -> bool:
    """Whether what a block gives has other sides or feature maps than what it is given."""
    return steps[-1][0] != x.shape[-1] or any(stride > 1 for _, _, stride in steps)


def project(x, steps, name: str, norm: str | None):
    """`x` with the sides and feature maps that the block gives, by a convolution of size 1."""
    stride = max(stride for _, _, stride in steps)
    bias = norm is None
    return conv(x, steps[-1][0], 1, strides=stride, use_bias=bias, name=f"{name}_shortcut")
