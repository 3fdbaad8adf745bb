"""The parts of GANs: from noise to maps, each twice as large, and the way back."""

import math
from collections.abc import Sequence

import keras

from keras_mia.layers.nd import conv, conv_transpose, normalize, space_and_channels

SMALLEST, LARGEST = 4, 16
"""Sizes of the first maps along the shortest side."""


def fixed_shape(image_shape: Sequence[int | None]) -> tuple[int, ...]:
    """The shape of images that are made, `(*space, channels)`; a signal without channels has one.

    Raises:
        ValueError: a side is None.

    Example:
        >>> fixed_shape((140,))
        (140, 1)
    """
    shape = space_and_channels(image_shape)
    if not all(shape):
        raise ValueError(f"What is made has a size: {shape} leaves it open.")
    return tuple(int(size or 0) for size in shape)


def levels_of(space: Sequence[int]) -> int:
    """How often a size can be halved until its shortest side is next to 4; no less often than until
    that is 16, which sides have to divide by.

    Example:
        >>> levels_of((28, 28)), levels_of((64, 64)), levels_of((24, 20)), levels_of((30, 30))
        (2, 4, 2, 1)
    """
    most = int(math.log2(max(min(space), 2 * SMALLEST) / SMALLEST))
    least = math.ceil(math.log2(max(min(space), 2 * LARGEST) / LARGEST))
    depths = range(most, least - 1, -1)
    return next((depth for depth in depths if not any(length % 2**depth for length in space)), most)


def check_image_size(space: Sequence[int], depth: int) -> None:
    """Sees to it that images of a size can be made by doubling one.

    Args:
        space: of the images.
        depth: how often it is doubled.

    Raises:
        ValueError: it cannot be; names the sizes next to it that can.
    """
    step = 2**depth
    if depth < 1:
        raise ValueError(f"depth is 1 or more, not {depth}.")
    if any(not length or length % step for length in space):
        below = " x ".join(str(max(step, length // step * step)) for length in map(int, space))
        above = " x ".join(str(-(-length // step) * step) for length in map(int, space))
        sizes = f"{below} or {above}" if below != above else below
        raise ValueError(
            f"Images of {' x '.join(map(str, space))} cannot be made by doubling {depth} times:"
            f" sides divide by {step}, as of {sizes} (with depth={depth})."
        )


def maps_of(noise, space: Sequence[int], filters: int, depth: int, kernel_size: int, norm):
    """From noise to the last maps, which are half as large as the image."""
    x = start_of(noise, space, filters, depth, norm)
    for level in range(depth - 2, -1, -1):
        x = enlarge(x, filters * 2**level, kernel_size, norm, name=f"level_{level + 1}")
    return x


def features_of(image, filters: int, depth: int, kernel_size: int, norm: str | None):
    """From an image to the numbers that a discriminator decides by; the first layer has no norm."""
    x = image
    for level in range(depth):
        kind = norm if level else None
        x = narrow(x, filters * 2**level, kernel_size, kind, name=f"level_{level}")
    return keras.layers.Flatten(name="flat")(x)


def start_of(noise, space: Sequence[int], filters: int, depth: int, norm: str | None):
    """The first maps, from noise."""
    start, width = [length // 2**depth for length in space], filters * 2 ** (depth - 1)
    x = keras.layers.Dense(math.prod(start) * width, use_bias=norm is None, name="start")(noise)
    x = keras.layers.Reshape((*start, width), name="start_maps")(x)
    x = normalized(x, norm, name="start_norm")
    return keras.layers.ReLU(name="start_relu")(x)


def enlarge(x, filters: int, kernel_size: int, norm: str | None, *, name: str):
    """Maps of twice the size."""
    bias = norm is None
    x = conv_transpose(x, filters, 2, kernel_size=kernel_size, use_bias=bias, name=f"{name}_conv")
    x = normalized(x, norm, name=f"{name}_norm")
    return keras.layers.ReLU(name=f"{name}_relu")(x)


def head_of(x, channels: int, kernel_size: int, activation: str | None):
    """The image of the last maps, of twice their size."""
    # Half precision has three digits: enough for what is squeezed into a range, not for any number.
    options = {} if activation else {"dtype": "float32"}
    x = conv_transpose(x, channels, 2, kernel_size=kernel_size, name="values", **options)
    return keras.layers.Activation(activation or "linear", dtype="float32", name="sample")(x)


def narrow(x, filters: int, kernel_size: int, norm: str | None, *, name: str):
    """Maps of half the size."""
    x = conv(x, filters, kernel_size, strides=2, use_bias=norm is None, name=f"{name}_conv")
    x = normalized(x, norm, name=f"{name}_norm")
    return nonlinear(x, "leaky_relu", name=f"{name}_leaky_relu")


def normalized(x, norm: str | None, *, name: str):
    """Normalized as asked; replicas share the moments of a batch."""
    if norm is None:
        return x
    return normalize(x, norm, name=name, **({"synchronized": True} if norm == "batch" else {}))


def nonlinear(x, kind: str, name: str):
    """A nonlinearity by name; leaky rectified units have the slope 0.2 that GANs use."""
    if kind == "leaky_relu":
        return keras.layers.LeakyReLU(0.2, name=name)(x)
    return keras.layers.Activation(kind, name=name)(x)
