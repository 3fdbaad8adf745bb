"""The parts that encoders and decoders are made of."""

from collections.abc import Sequence

import keras

from keras_mia.layers import nd
from keras_mia.layers.nd import conv, conv_transpose, normalize, upsample
from keras_mia.models.segmentation.sizes import Factors


def double_conv(x, widths: Sequence[int], name: str, *, norm, residual: bool, unpadded: bool):
    """Two 3x3 convolutions, each normalized and rectified; `residual` adds what came in."""
    shortcut = x
    padding = "valid" if unpadded else "same"
    for i, width in enumerate(widths, start=1):
        x = conv(x, width, padding=padding, use_bias=norm is None, name=f"{name}_conv_{i}")
        x = normalize(x, norm, name=f"{name}_norm_{i}")
        if residual and i == 2:
            x = add_shortcut(x, shortcut, name, norm, unpadded)
        x = keras.layers.ReLU(name=f"{name}_relu_{i}")(x)
    return x


def add_shortcut(x, shortcut, name: str, norm: str | None, unpadded: bool):
    """Adds `shortcut`, projected by a convolution of size 1 where the feature maps differ."""
    if unpadded:
        shortcut = nd.crop(shortcut, 2, name=f"{name}_shortcut_crop")
    if shortcut.shape[-1] != x.shape[-1]:
        bias = norm is None
        shortcut = conv(shortcut, x.shape[-1], 1, use_bias=bias, name=f"{name}_shortcut")
        shortcut = normalize(shortcut, norm, name=f"{name}_shortcut_norm")
    return keras.layers.Add(name=f"{name}_add")([x, shortcut])


def enlarge(x, filters: int, size: nd.Size, how: str, name: str):
    """Up-convolution: transposed, or of size 1 and then interpolated (in this order it is the
    same, and cheaper)."""
    if how == "transpose":
        return conv_transpose(x, filters, size, name=name)
    return upsample(conv(x, filters, 1, name=f"{name}_conv"), size, name=name)


def heads(
    levels: Sequence,
    classes: int,
    activation: str | None,
    factors: Factors,
    *,
    unpadded: bool,
    rest: Sequence[tuple[int, int]],
) -> list:
    """An output of each level of a decoder, all of the finest one's size.

    Args:
        levels: feature maps of the decoder, the finest first.
        classes: channels of each output.
        activation: of the outputs; None: logits.
        factors: by how much each level is pooled.
        unpadded: whether convolutions lose voxels at the borders.
        rest: voxels to crop before and after each axis.

    Returns:
        float32 tensors `(batch, *space, classes)`.
    """
    cropped = any(after for _, after in rest)
    # Losses find the logits beside a softmax or a sigmoid that is the last layer.
    inner = None if cropped else activation
    outputs = [head(levels[0], classes, inner)]
    for i, x in enumerate(levels[1:], start=1):
        outputs.append(coarse_head(x, classes, factors[:i], unpadded, inner, f"head_{i}"))
    if not cropped:
        return outputs
    crops = [
        nd.crop(y, rest, dtype="float32", name=f"output_{i}_crop") for i, y in enumerate(outputs)
    ]
    return [activated(y, activation, f"output_{i}") for i, y in enumerate(crops)]


def head(x, classes: int, activation: str | None):
    """A value a class for each voxel, in float32 whatever the precision policy is."""
    return conv(x, classes, 1, activation=activation, dtype="float32", name="head")


def coarse_head(x, classes: int, factors: Factors, unpadded: bool, activation, name: str):
    """The same from a coarse level, enlarged level by level as the decoder does."""
    y = conv(x, classes, 1, dtype="float32", name=name)
    for level in reversed(range(len(factors))):
        y = upsample(y, factors[level], dtype="float32", name=f"{name}_up_{level}")
        if unpadded:
            y = nd.crop(y, 2, dtype="float32", name=f"{name}_crop_{level}")
    return activated(y, activation, name)


def activated(y, activation: str | None, name: str):
    """The activation as a layer of its own; None: none."""
    if activation is None:
        return y
    return keras.layers.Activation(activation, dtype="float32", name=f"{name}_activation")(y)
