"""U-Net for signals, images and volumes.

Ronneberger et al. (2015), U-Net: Convolutional Networks for Biomedical Image Segmentation,
arXiv:1505.04597. Çiçek et al. (2016), 3D U-Net, arXiv:1606.06650. Residual blocks as in
He et al. (2015), arXiv:1512.03385; deep supervision and a pooling that differs between axes as in
Isensee et al. (2021), nnU-Net, doi:10.1038/s41592-020-01008-z.
"""

import sys
from collections.abc import Sequence
from functools import partial

import keras

from keras_mia.layers import nd
from keras_mia.layers.nd import Size, space_and_channels
from keras_mia.models.output_activation import output_activation
from keras_mia.models.segmentation.blocks import double_conv, enlarge, heads
from keras_mia.models.segmentation.sizes import check_divides, check_valid, factors_of, mirrored

CHOICES = {
    "block": ("plain", "residual"),
    "upsampling": ("transpose", "resize"),
    "padding": ("same", "valid", "mirror"),
    "doubling": ("after_pool", "before_pool"),
}


def unet(
    input_shape: Sequence[int | None],
    classes: int,
    *,
    filters: int = 32,
    depth: int = 4,
    max_filters: int | None = None,
    pool: Size | Sequence[Size] = 2,
    norm: str | None = "instance",
    block: str = "plain",
    upsampling: str = "transpose",
    dropout: float = 0.0,
    padding: str = "same",
    doubling: str = "after_pool",
    deep_supervision: bool = False,
    activation: str | None = "softmax",
    name: str = "unet",
) -> keras.Model:
    """Encoder, bridge and decoder, joined by skip connections.

    Args:
        input_shape: `(*space, channels)` with one, two or three axes of space. A side may be None;
            with `padding="same"` it divides by the product of its factors in `pool`.
        classes: channels of the output, background included; 1 goes with `activation="sigmoid"`.
        filters: feature maps at full resolution; each level down doubles them.
        depth: how many times the image is pooled.
        max_filters: no level has more feature maps; None: no limit.
        pool: by how much each level is pooled: a number, or an entry a level, which is a number or
            one number an axis (`[(1, 2, 2), 2, 2, 2]` for a volume whose first axis is coarse).
        norm: "batch", "instance", "group" or None, after each convolution.
        block: "plain": two convolutions; "residual": the block's input is added to them.
        upsampling: "transpose": transposed convolution; "resize": linear interpolation after a
            convolution of size 1.
        dropout: share of the feature maps that are dropped in training at the end of the
            contracting path: at the last level and in the bridge.
        padding: "same": zeros around the image, so that output and input have one size; "valid":
            the paper's unpadded convolutions, whose output is smaller than the input (388 for 572
            at `depth=4`); "mirror": the input is mirrored at its borders by what "valid" would
            lose, so that output and input have one size and any side fits.
        doubling: "after_pool": a level's first convolution doubles the feature maps (2D paper);
            "before_pool": its second one does, and the up-convolutions keep their number
            (3D paper; `filters` are then those of the very first convolution).
        deep_supervision: also give the outputs of the coarser levels of the decoder, enlarged to
            the size of the first: a list of `depth` outputs, the finest first, all of which are
            compared with the same label map; `compile(loss=[...], loss_weights=[1, 0.5, ...])`.
        activation: "softmax", "sigmoid", or None for logits.
        name: the model's name.

    Returns:
        A model from `(batch, *space, channels)` to float32 `(batch, *space, classes)`, or to a
        list of such with `deep_supervision`.

    Raises:
        ValueError: a side does not fit, or an option has an unknown value.

    Source: Ronneberger et al. (2015), arXiv:1505.04597; Çiçek et al. (2016), arXiv:1606.06650.

    Departs from the paper: by default convolutions are padded and normalized, and 32 filters are
    taken for 64. `unet((572, 572, 1), 2, filters=64, norm=None, padding="valid")` is the paper's
    network; dropout drops whole feature maps, and upsampling by "resize" is not in it.

    Example:
        >>> model = unet((128, 128, 64, 1), classes=3, filters=8, depth=3)
        >>> model.output_shape
        (None, 128, 128, 64, 3)
    """
    input_shape = space_and_channels(input_shape)
    check_choices(block=block, upsampling=upsampling, padding=padding, doubling=doubling)
    activation = output_activation(classes, activation)
    space = tuple(input_shape[:-1])
    factors = factors_of(pool, depth, len(space))
    widths = level_widths(filters, depth, doubling, max_filters)
    unpadded = padding != "same"
    convs = partial(double_conv, norm=norm, residual=block == "residual", unpadded=unpadded)

    inputs = keras.Input(input_shape, name="image")
    x, rest = with_borders(inputs, factors, padding)
    skips = []
    for level in range(depth):
        x = convs(x, widths[level], f"encoder_{level}")
        if dropout and level == depth - 1:
            x = nd.dropout(x, dropout, name=f"encoder_{level}_dropout")
        skips.append(x)
        x = nd.max_pool(x, factors[level], name=f"encoder_{level}_pool")

    x = convs(x, widths[depth], "bridge")
    if dropout:
        x = nd.dropout(x, dropout, name="bridge_dropout")

    margins = [2] * len(space)
    decoded: list = []
    for level in reversed(range(depth)):
        width = widths[level][1]
        kept = width if doubling == "after_pool" else widths[level + 1][1]
        x = enlarge(x, kept, factors[level], upsampling, f"decoder_{level}_up")
        margins = [n * factor for n, factor in zip(margins, factors[level], strict=True)]
        if unpadded:
            skips[level] = nd.crop(skips[level], margins, name=f"decoder_{level}_crop")
        x = keras.layers.Concatenate(name=f"decoder_{level}_skip")([skips[level], x])
        x = convs(x, (width, width), f"decoder_{level}")
        margins = [n + 4 for n in margins]
        decoded.insert(0, x)

    supervised = decoded if deep_supervision else decoded[:1]
    outputs = heads(supervised, classes, activation, factors, unpadded=unpadded, rest=rest)
    return keras.Model(inputs, outputs if deep_supervision else outputs[0], name=name)


def check_choices(**chosen: str) -> None:
    """Raises a ValueError where an option has a value that is none of `CHOICES`.

    Example:
        >>> check_choices(block="plain", padding="mirror")
    """
    for option, value in chosen.items():
        if value not in CHOICES[option]:
            raise ValueError(f"{option} is one of {CHOICES[option]}, not {value!r}.")


def level_widths(
    filters: int, depth: int, doubling: str, max_filters: int | None
) -> list[tuple[int, int]]:
    """Feature maps of the two convolutions of each level, the bridge's last.

    Example:
        >>> level_widths(32, 3, "before_pool", None)
        [(32, 64), (64, 128), (128, 256), (256, 512)]
    """
    first = filters if doubling == "after_pool" else 2 * filters
    second = [min(first * 2**level, max_filters or sys.maxsize) for level in range(depth + 1)]
    if doubling == "after_pool":
        return [(width, width) for width in second]
    return list(zip([min(filters, second[0]), *second], second, strict=False))


def with_borders(inputs, factors, padding: str):
    """The image as the first convolution takes it, and what is then too much of each output."""
    space = inputs.shape[1:-1]
    rest = [(0, 0)] * len(space)
    if padding == "same":
        check_divides(space, factors)
    elif padding == "valid":
        check_valid(space, factors)
    else:
        margins = mirrored(space, factors)
        inputs = nd.mirror_pad(inputs, margins, name="mirror")
        rest = [(0, after - before) for before, after in margins]
    return inputs, rest
