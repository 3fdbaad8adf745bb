"""Layers for images of any rank: the rank is read from the tensor, never passed along.

A builder that calls these functions serves signals, images and volumes with the same lines.
Each takes a batch `(batch, *space, channels)`; a size is a number, or one number an axis.
"""

import math
from collections.abc import Sequence

import keras

from keras_mia.layers.borders import Margins, MirrorPadding, margins_of
from keras_mia.layers.convolutions import grouped, small_maps, strided_pointwise
from keras_mia.layers.convolutions.depthwise import DepthwiseConv
from keras_mia.layers.normalization import (
    BatchNormalization,
    GroupNormalization,
    InstanceNormalization,
)
from keras_mia.layers.pooling import L2Pooling
from keras_mia.layers.upsampling import Upsampling

Size = int | Sequence[int]
NORMS = ("batch", "instance", "group", None)


def space_and_channels(input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
    """The shape of what a network takes; a signal without channels has one.

    Args:
        input_shape: `(*space, channels)`, or `(samples,)` of a signal.

    Example:
        >>> space_and_channels((140,)), space_and_channels((64, 64, 3))
        ((140, 1), (64, 64, 3))
    """
    shape = tuple(input_shape)
    return (*shape, 1) if len(shape) == 1 else shape


def rank(x) -> int:
    """Number of axes of space.

    Example:
        >>> rank(keras.Input((64, 64, 32, 1)))
        3
    """
    return len(x.shape) - 2


def of_rank(name: str, x) -> type[keras.Layer]:
    """Keras' layer for the rank of `x`, or the package's of that name.

    Example:
        >>> of_rank("Conv{}D", keras.Input((64, 64, 32, 1))).__name__
        'Conv3D'
    """
    kind = name.format(rank(x))
    return getattr(small_maps, kind, None) or getattr(keras.layers, kind)


def conv(x, filters: int, kernel_size: Size = 3, *, padding: str = "same", **options):
    """Convolution; `options` are those of `keras.layers.Conv2D`."""
    kind = of_rank("Conv{}D", x)
    if options.get("groups", 1) > 1:
        kind = getattr(grouped, f"GroupedConv{rank(x)}D")
    elif rank(x) < 3 and _largest(kernel_size) == 1 < _largest(options.get("strides", 1)):
        kind = getattr(strided_pointwise, f"StridedPointwiseConv{rank(x)}D")
    return kind(filters, kernel_size, padding=padding, **options)(x)


def _largest(size: Size) -> int:
    return size if isinstance(size, int) else max(size)


def separable_conv(x, filters: int, kernel_size: int = 3, *, name: str, **options):
    """A kernel for each channel, then a convolution of size 1, whose `options` these are.

    Source: Chollet (2016), Xception, arXiv:1610.02357.
    """
    x = DepthwiseConv(kernel_size, name=f"{name}_depthwise")(x)
    return conv(x, filters, 1, name=f"{name}_pointwise", **options)


def conv_transpose(x, filters: int, size: Size = 2, *, kernel_size: Size | None = None, **options):
    """Transposed convolution, which makes each axis `size` times longer.

    Args:
        x: `(batch, *space, channels)`.
        filters: channels of the output.
        size: strides: a number, or one an axis.
        kernel_size: the window over which each voxel is spread, likewise; None: `size`, so that no
            two overlap. Larger windows overlap; where an axis' is no multiple of its stride they
            do so unevenly, which shows as a checkerboard (Odena et al., 2016).
        **options: those of `keras.layers.Conv2DTranspose`.

    Source of overlapping windows: Radford et al. (2015), DCGAN, arXiv:1511.06434.

    Example:
        >>> conv_transpose(keras.Input((7, 7, 8)), 4, 2, kernel_size=5).shape
        (None, 14, 14, 4)
    """
    kind = of_rank("Conv{}DTranspose", x)
    if kernel_size is None:
        return kind(filters, size, strides=size, **options)(x)
    # "valid" would make the output longer by what reaches over the border.
    return kind(filters, kernel_size, **{"strides": size, "padding": "same"} | options)(x)


def max_pool(x, size: Size = 2, **options):
    """The largest value of each window."""
    return of_rank("MaxPooling{}D", x)(size, **options)(x)


def average_pool(x, size: Size = 2, **options):
    """The mean of each window."""
    return of_rank("AveragePooling{}D", x)(size, **options)(x)


def l2_pool(x, size: Size = 2, **options):
    """The root mean square of each window."""
    return L2Pooling(size, **options)(x)


POOLINGS = {"max": max_pool, "average": average_pool, "l2": l2_pool}


def pool(x, kind: str, size: Size = 2, **options):
    """`kind` is "max", "average" or "l2"; `options` are `strides`, `padding` and `name`.

    Raises:
        ValueError: another kind.
    """
    if kind not in POOLINGS:
        raise ValueError(f"pooling is one of {tuple(POOLINGS)}, not {kind!r}.")
    return POOLINGS[kind](x, size, **options)


def global_average_pool(x, **options):
    """The mean over space, `(batch, channels)`."""
    return of_rank("GlobalAveragePooling{}D", x)(**options)(x)


def upsample(x, size: Size = 2, *, interpolation: str = "linear", **options):
    """Enlarges by whole factors; `interpolation` is "linear" or "nearest"."""
    return Upsampling(size, interpolation, **options)(x)


def dropout(x, rate: float, **options):
    """Drops whole channels of an image, as neighbouring voxels would tell what single ones held.

    Source: Tompson et al. (2015), arXiv:1411.4280.
    """
    return of_rank("SpatialDropout{}D", x)(rate, **options)(x)


def normalize(x, kind: str | None, **options):
    """`kind` is "batch", "instance", "group" or None, which leaves `x` as it is.

    "group" has 8 groups, or as many as divide 8 and the channels.

    Raises:
        ValueError: another kind.
    """
    if kind not in NORMS:
        raise ValueError(f"norm is one of {NORMS}, not {kind!r}.")
    if kind is None:
        return x
    if kind == "group":
        return GroupNormalization(math.gcd(8, x.shape[-1]), **options)(x)
    if kind == "instance":
        return InstanceNormalization(**options)(x)
    # Keras' own 0.99 needs several hundred steps until validation sees the right statistics.
    return BatchNormalization(**{"momentum": 0.9} | options)(x)


def crop(x, margins: Margins, **options):
    """Takes voxels off the ends of each axis: `margins` off both, or `(before, after)` an axis."""
    both = margins_of(margins, rank(x))
    return of_rank("Cropping{}D", x)(both if rank(x) > 1 else both[0], **options)(x)


def mirror_pad(x, margins: Margins, **options):
    """Continues the image beyond its borders by its mirror image, without doubling the border."""
    return MirrorPadding(margins, **options)(x)


def per_axis(size: Size, axes: int) -> tuple[int, ...]:
    """A size as one number an axis.

    Raises:
        ValueError: it has another number of axes.

    Example:
        >>> per_axis(2, 3)
        (2, 2, 2)
    """
    sizes = (size,) * axes if isinstance(size, int) else tuple(size)
    if len(sizes) != axes:
        raise ValueError(f"{size} was given for {axes} axes of space: give a number or {axes}.")
    return sizes
