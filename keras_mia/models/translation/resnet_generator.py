"""A generator that keeps an image's places: halved, changed by residual blocks, enlarged again.

Johnson et al. (2016), Perceptual Losses for Real-Time Style Transfer and Super-Resolution,
arXiv:1603.08155; Zhu et al. (2017), CycleGAN, arXiv:1703.10593.
"""

from collections.abc import Sequence
from typing import Any

import keras

from keras_mia.layers.nd import conv, conv_transpose, mirror_pad
from keras_mia.models.generation.blocks import normalized

WIDE = 7
"""Sides of the first and the last kernel."""


def resnet_generator(
    image_shape: Sequence[int | None],
    channels: int | None = None,
    *,
    filters: int = 64,
    blocks: int = 6,
    depth: int = 2,
    norm: str | None = "instance",
    activation: str | None = None,
    change: bool = False,
    name: str = "resnet_generator",
) -> keras.Model:
    """From an image to one of the same size.

    Args:
        image_shape: `(*space, channels)`; sides divide by 2 as often as `depth` says, and may be
            None.
        channels: of the image that is made; None: as many.
        filters: at full size; each halving doubles them.
        blocks: residual ones at the smallest size; the paper has 6 for images of 128, 9 for 256.
        depth: how often sides are halved.
        norm: "batch", "instance", "group" or None.
        activation: of the output: "tanh", "sigmoid", or None for any number.
        change: whether what is made is added to the image, of as many channels: it begins as the
            image itself.
        name: the model's.

    Returns:
        A network from `(batch, *space, channels)` to float32 of that size.

    Raises:
        ValueError: a side does not divide, or `change` with other channels.

    Source: Zhu et al. (2017), arXiv:1703.10593, section 7.2.

    Departs from the paper: transposed kernels of 4, which cover each voxel equally often at a
    stride of 2, for its 3; and `activation` is None, as medical images have no common range.

    Example:
        >>> resnet_generator((32, 32, 16, 1), filters=4, blocks=2).output_shape
        (None, 32, 32, 16, 1)
    """
    *space, given = image_shape
    assert given is not None, "channels are known"
    channels = given if channels is None else channels
    step = 2**depth
    if wrong := [length for length in space if length and length % step]:
        raise ValueError(
            f"Sides divide by {step} (depth={depth}), not {', '.join(map(str, wrong))}."
        )
    if change and channels != given:
        raise ValueError(f"A change of {given} channels has as many, not {channels}.")
    image = keras.Input((*space, given), name="image")
    x = _bent(image, filters, WIDE, norm, name="first")
    for level in range(1, depth + 1):
        x = _bent(x, filters * 2**level, 3, norm, strides=2, name=f"down_{level}")
    for block in range(blocks):
        x = _block(x, filters * step, norm, name=f"block_{block}")
    for level in range(depth - 1, -1, -1):
        x = conv_transpose(
            x, filters * 2**level, 2, kernel_size=4, use_bias=norm is None, name=f"up_{level}_conv"
        )
        x = keras.layers.ReLU(name=f"up_{level}_relu")(normalized(x, norm, name=f"up_{level}_norm"))
    zeros = {"kernel_initializer": "zeros"} if change else {}
    padded = mirror_pad(x, WIDE // 2, name="last_border")
    x = conv(padded, channels, WIDE, padding="valid", dtype="float32", name="last_conv", **zeros)
    if change:
        x = keras.layers.Add(dtype="float32", name="changed")([image, x])
    made = keras.layers.Activation(activation or "linear", dtype="float32", name="made")(x)
    return keras.Model(image, made, name=name)


def _bent(x, filters: int, size: int, norm: str | None, *, strides: int = 1, name: str):
    """A convolution over mirrored borders, normalized and rectified."""
    if strides == 1:
        x = mirror_pad(x, size // 2, name=f"{name}_border")
    padding = "valid" if strides == 1 else "same"
    options: dict[str, Any] = {"strides": strides, "padding": padding, "use_bias": norm is None}
    x = conv(x, filters, size, name=f"{name}_conv", **options)
    return keras.layers.ReLU(name=f"{name}_relu")(normalized(x, norm, name=f"{name}_norm"))


def _block(x, filters: int, norm: str | None, *, name: str):
    y = _bent(x, filters, 3, norm, name=f"{name}_1")
    y = mirror_pad(y, 1, name=f"{name}_2_border")
    y = conv(y, filters, 3, padding="valid", use_bias=norm is None, name=f"{name}_2_conv")
    y = normalized(y, norm, name=f"{name}_2_norm")
    return keras.layers.Add(name=f"{name}_sum")([x, y])
