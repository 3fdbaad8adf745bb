"""How much of the image a value of a network can depend on, from its layers' sizes and strides.

Araujo et al. (2019), Computing Receptive Fields of Convolutional Neural Networks,
doi:10.23915/distill.00021.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import keras

from keras_mia.layers.nd import per_axis

# Layers and operations whose values each depend on one voxel, by the names of their classes.
POINTWISE = re.compile(
    "InputLayer|Identity|Activation|ReLU|LeakyReLU|PReLU|ELU|Softmax|Relu|Sigmoid|Dense|Rescaling"
    "|(Batch|Group|Instance|Layer|LocalResponse)Normalization"
    "|(Spatial|Gaussian)?Dropout(.D)?|GaussianNoise"
    "|Add|Subtract|Multiply|Divide|Average|Maximum|Minimum|Concatenate"
    "|Cropping.D|ZeroPadding.D|MirrorPadding|TakeChannels"
)
WHOLE = re.compile("Flatten|Global(Average|Max)Pooling.D")
ENLARGING = re.compile("Up[sS]ampling(.D)?")
TRANSPOSED = re.compile("Conv.DTranspose")


@dataclass(frozen=True)
class ReceptiveField:
    """What one value depends on.

    Args:
        field: voxels of the image along each axis; inf: all of them.
        step: by how many voxels of the image the field of its neighbour lies further along each
            axis.
    """

    field: tuple[float, ...]
    step: tuple[Fraction, ...]

    def through(self, sizes: Sequence[float], steps: Sequence[Fraction | int]) -> "ReceptiveField":
        """After windows of `sizes`, each `steps` voxels from the next."""
        grown = (
            n + (size - 1) * step if size < math.inf else math.inf
            for n, size, step in zip(self.field, sizes, self.step, strict=True)
        )
        further = (a * b for a, b in zip(self.step, steps, strict=True))
        return ReceptiveField(tuple(float(n) for n in grown), tuple(further))


def start(axes: int) -> ReceptiveField:
    """What a voxel of the image depends on: itself."""
    return ReceptiveField((1.0,) * axes, (Fraction(1),) * axes)


def after(layer: keras.Operation, fields: Sequence[ReceptiveField]) -> ReceptiveField | None:
    """What a value of the layer depends on, from what those of its inputs do; None: not known.

    Where ways join, the widest counts. That normalizing needs the statistics of more voxels is left
    out, as it is everywhere.
    """
    sizes = zip(*(view.field for view in fields), strict=True)
    widest = ReceptiveField(tuple(max(field) for field in sizes), fields[0].step)
    if min(widest.field) == math.inf:
        return widest
    windows = windows_of(layer, len(widest.field))
    return None if windows is None else widest.through(*windows)


def windows_of(
    layer: keras.Operation, axes: int
) -> tuple[Sequence[float], Sequence[Fraction | int]] | None:
    """The window of its input that a value of the layer depends on: its size, and how far the next
    one's lies from it, along each axis; None: not known.

    Example:
        >>> windows_of(keras.layers.Conv2D(8, 3, dilation_rate=2), axes=2)
        ((5, 5), (1, 1))
    """
    one = (1,) * axes
    if is_a(layer, POINTWISE):
        return one, one
    if is_a(layer, WHOLE):
        return (math.inf,) * axes, one
    if is_a(layer, ENLARGING):
        factors = per_axis(layer.size, axes)
        linear = getattr(layer, "interpolation", "nearest") != "nearest"
        sizes = tuple(2 if linear and factor > 1 else 1 for factor in factors)
        return sizes, tuple(Fraction(1, factor) for factor in factors)
    if hasattr(layer, "pool_size"):
        return per_axis(layer.pool_size, axes), per_axis(layer.strides, axes)
    if not hasattr(layer, "kernel_size"):
        return None
    rates = per_axis(layer.dilation_rate, axes)
    kernel = zip(per_axis(layer.kernel_size, axes), rates, strict=True)
    sizes = tuple((size - 1) * rate + 1 for size, rate in kernel)
    strides = per_axis(layer.strides, axes)
    if is_a(layer, TRANSPOSED):
        sizes = tuple(-(-size // step) for size, step in zip(sizes, strides, strict=True))
        return sizes, tuple(Fraction(1, step) for step in strides)
    return sizes, strides


def is_a(layer: keras.Operation, kind: re.Pattern) -> bool:
    """Whether its class, or one that it derives from, has such a name.

    Example:
        >>> is_a(keras.layers.Conv2D(8, 3), POINTWISE)
        False
    """
    return any(kind.fullmatch(each.__name__) for each in type(layer).__mro__)
