"""Which sides an encoder and decoder can take, and what unpadded convolutions cost of them.

`factors` holds, a level of pooling, one factor an axis of space.
"""

import math
from collections.abc import Sequence

from keras_mia.layers.nd import Size, per_axis

Factors = tuple[tuple[int, ...], ...]
# Each of the two 3x3 convolutions of a block takes one voxel off both ends.
BLOCK_MARGIN = 2


def factors_of(pool: Size | Sequence[Size], depth: int, axes: int) -> Factors:
    """`pool` as one factor a level and axis.

    Raises:
        ValueError: it names another number of levels or axes.

    Example:
        >>> factors_of([(1, 2, 2), 2], depth=2, axes=3)
        ((1, 2, 2), (2, 2, 2))
    """
    if depth < 1:
        raise ValueError(f"depth is at least 1, not {depth}.")
    if isinstance(pool, int):
        return (per_axis(pool, axes),) * depth
    if len(pool) != depth:
        raise ValueError(f"pool names {len(pool)} levels, depth {depth}: give one entry a level.")
    return tuple(per_axis(level, axes) for level in pool)


def check_divides(space: Sequence[int | None], factors: Factors) -> None:
    """Raises a ValueError that names the nearest sides where one does not divide.

    Example:
        >>> check_divides((64, 64, None), factors_of(2, depth=4, axes=3))
    """
    for size, axis in zip(space, zip(*factors, strict=True), strict=True):
        factor = math.prod(axis)
        if size is not None and size % factor:
            smaller, larger = size // factor * factor, -(-size // factor) * factor
            crop = f"crop to {smaller}, " if smaller else ""
            raise ValueError(
                f"A side of {size} is divided by {factor} on the way down, and leaves a rest: "
                f"{crop}pad to {larger}, or lower depth."
            )


def check_valid(space: Sequence[int | None], factors: Factors) -> None:
    """Raises a ValueError where unpadded convolutions would lose a voxel in pooling.

    Example:
        >>> check_valid((572, 572), factors_of(2, depth=4, axes=2))
    """
    for size, axis in zip(space, zip(*factors, strict=True), strict=True):
        if size is None:
            continue
        least = bottom_for(1, axis)
        bottom = least
        while input_size(bottom, axis) < size:
            bottom += 1
        if input_size(bottom, axis) != size:
            fits = [input_size(b, axis) for b in (bottom - 1, bottom) if b >= least]
            raise ValueError(
                f"A side of {size} does not fit unpadded convolutions and pooling; "
                f"the nearest that do: {', '.join(map(str, fits))}."
            )


def mirrored(space: Sequence[int | None], factors: Factors) -> list[tuple[int, int]]:
    """Voxels to add before and after each axis, so that unpadded convolutions give `space` again.

    What they give can be longer than asked for, at the far end.

    Raises:
        ValueError: a side is not known.

    Example:
        >>> mirrored((388, 387), factors_of(2, depth=4, axes=2))
        [(92, 92), (92, 93)]
    """
    margins = []
    for size, axis in zip(space, zip(*factors, strict=True), strict=True):
        if size is None:
            raise ValueError('padding="mirror" needs every side of input_shape as a number.')
        bottom = bottom_for(size, axis)
        margin = (input_size(bottom, axis) - output_size(bottom, axis)) // 2
        margins.append((margin, margin + output_size(bottom, axis) - size))
    return margins


def bottom_for(size: int, axis: Sequence[int]) -> int:
    """The least side after the deepest block whose output is at least `size`."""
    bottom = 1
    while output_size(bottom, axis) < size:
        bottom += 1
    return bottom


def input_size(bottom: int, axis: Sequence[int]) -> int:
    """The side of the input, from the side after the deepest block."""
    size = bottom + 2 * BLOCK_MARGIN
    for factor in reversed(axis):
        size = size * factor + 2 * BLOCK_MARGIN
    return size


def output_size(bottom: int, axis: Sequence[int]) -> int:
    """The side of the output, from the side after the deepest block."""
    size = bottom
    for factor in reversed(axis):
        size = size * factor - 2 * BLOCK_MARGIN
    return size
