"""Networks that are written as tables of parallel branches, as the Inception papers draw them.

A stage is a tuple of branches, whose outputs are concatenated; a branch is a tuple of steps; a
step is what stands in one box of the papers' figures:

    ("conv", size, filters)               convolution, padded
    ("conv_valid", size, filters)         unpadded (the figures' "V")
    ("conv_half", size, filters)          unpadded, with stride 2
    ("conv_axes", size, filters, last)    a kernel along each axis, one after the other: 1x7, then
                                          7x1 (and one more in 3D); the last one has `last` maps
    ("conv_split", size, filters)         a kernel along each axis, side by side
    ("mean", size), ("max", size)         pooling with stride 1, padded
    ("max_half", size)                    pooling with stride 2, unpadded

Szegedy et al. (2014), arXiv:1409.4842; (2015), arXiv:1512.00567; (2016), arXiv:1602.07261.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras

from keras_mia.layers import nd
from keras_mia.models.classification.blocks import conv_relu
from keras_mia.models.classification.input_checks import check_choice, check_sizes, least_size

Branch = tuple[tuple, ...]
Stage = tuple[Branch, ...]


@dataclass(frozen=True)
class Style:
    """What all convolutions of a network have in common.

    Args:
        norm: "batch", "instance", "group" or None, after each convolution.
        width: factor of all numbers of feature maps.
        padding: "valid", or "same" where the steps that the papers leave unpadded are padded too.
    """

    norm: str | None
    width: float
    padding: str = "same"

    def __post_init__(self):
        check_choice("padding", self.padding, ("valid", "same"))
        if self.width <= 0:
            raise ValueError(f"width is above 0, not {self.width}.")

    def filters(self, number: int) -> int:
        """`number` of the table, made as wide as the network is to be."""
        return max(1, round(number * self.width))


def unit(x, filters: int, size: nd.Size, style: Style, name: str, **options):
    """A convolution of the table, normalized and rectified."""
    filters, parts = style.filters(filters), f"{name}_{{}}"
    return conv_relu(x, filters, size, parts, norm=style.norm, scale=False, **options)


def conv(x, style: Style, name: str, size: int, filters: int):
    """Padded, with stride 1."""
    return unit(x, filters, size, style, name)


def conv_valid(x, style: Style, name: str, size: int, filters: int):
    """Unpadded but where the style pads all, with stride 1."""
    return unit(x, filters, size, style, name, padding=style.padding)


def conv_half(x, style: Style, name: str, size: int, filters: int):
    """Unpadded but where the style pads all, with stride 2."""
    return unit(x, filters, size, style, name, padding=style.padding, strides=2)


def conv_axes(x, style: Style, name: str, size: int, filters: int, last: int):
    """A kernel along each axis, the last axis first; `last` maps along the first one."""
    axes = reversed(range(nd.rank(x)))
    for axis in axes:
        number = filters if axis else last
        x = unit(x, number, along(axis, size, nd.rank(x)), style, f"{name}_axis_{axis}")
    return x


def conv_split(x, style: Style, name: str, size: int, filters: int):
    """A kernel along each axis, each of `x`, concatenated."""
    ends = [
        unit(x, filters, along(axis, size, nd.rank(x)), style, f"{name}_axis_{axis}")
        for axis in range(nd.rank(x))
    ]
    return join(ends, name)


def mean(x, style: Style, name: str, size: int):
    """The mean of each window, padded, with stride 1."""
    return nd.average_pool(x, size, strides=1, padding="same", name=f"{name}_mean")


def largest(x, style: Style, name: str, size: int):
    """The largest value of each window, padded, with stride 1."""
    return nd.max_pool(x, size, strides=1, padding="same", name=f"{name}_max")


def max_half(x, style: Style, name: str, size: int):
    """The largest value of each window with stride 2, unpadded but where the style pads all."""
    return nd.max_pool(x, size, strides=2, padding=style.padding, name=f"{name}_max")


STEPS: dict[str, Callable] = {
    "conv": conv,
    "conv_valid": conv_valid,
    "conv_half": conv_half,
    "conv_axes": conv_axes,
    "conv_split": conv_split,
    "mean": mean,
    "max": largest,
    "max_half": max_half,
}


def along(axis: int, size: int, axes: int) -> tuple[int, ...]:
    """The kernel that is long along one axis.

    Example:
        >>> along(1, 7, 3)
        (1, 7, 1)
    """
    return tuple(size if i == axis else 1 for i in range(axes))


def join(ends: Sequence, name: str):
    """The branches' ends as one tensor."""
    return ends[0] if len(ends) == 1 else keras.layers.Concatenate(name=name)(ends)


def stage(x, branches: Stage, style: Style, name: str):
    """All branches of `x`, concatenated."""
    ends = []
    for i, branch in enumerate(branches, start=1):
        y = x
        for j, (kind, *numbers) in enumerate(branch, start=1):
            step_name = f"{name}_{j}" if len(branches) == 1 else f"{name}_branch_{i}_{j}"
            y = STEPS[kind](y, style, step_name, *numbers)
        ends.append(y)
    return join(ends, name)


def check_stages(space: Sequence[int | None], stages: Sequence[Stage], style: Style) -> None:
    """Raises a ValueError that names the shortest side where one is too short."""
    if style.padding == "valid":
        least = least_size(*[window for branches in stages for window in windows(branches)])
        check_sizes(space, least, instead=', or take padding="same"')


def windows(branches: Stage) -> list[tuple[int, int]]:
    """Size and stride of the unpadded steps, of the branch with most of them.

    Example:
        >>> windows(((("max_half", 3),), (("conv", 1, 64), ("conv_valid", 3, 96))))
        [(3, 2)]
    """
    strides = {"conv_valid": 1, "conv_half": 2, "max_half": 2}
    unpadded = [
        [(size, strides[kind]) for kind, size, *_ in branch if kind in strides]
        for branch in branches
    ]
    return max(unpadded, key=lambda steps: least_size(*steps))


def repeated(modules: Sequence, times: int) -> list:
    """The first modules of a table; beyond its end the last one again.

    Example:
        >>> repeated(["a", "b"], 3)
        ['a', 'b', 'b']
    """
    return [modules[min(i, len(modules) - 1)] for i in range(times)]


def check_repeats(repeats: Sequence[int]) -> None:
    """Raises a ValueError unless `repeats` is a number of modules for each of three grids."""
    if len(repeats) != 3 or min(repeats) < 1:
        raise ValueError(f"repeats is three numbers of modules, at least 1 each, not {repeats}.")
