"""Where patches lie in an image, and cutting them out."""

from collections.abc import Sequence
from itertools import product

import numpy as np


def grid(
    space: Sequence[int], window: Sequence[int], overlap: float = 0.5
) -> list[tuple[int, ...]]:
    """Starts of windows that cover an image evenly; the first and the last touch its borders.

    Args:
        space: the image's shape in voxels, without channels.
        window: the window's shape. An axis on which it is longer than the image starts at 0 only:
            pad the image there.
        overlap: the least share of a window's side that neighbours have in common, in [0, 1).

    Returns:
        The starts, the last axis moving fastest.

    Raises:
        ValueError: `overlap` is outside [0, 1), or the ranks differ.

    Source: Isensee et al. (2021), nnU-Net, arXiv:1904.08128.

    Example:
        >>> grid((10,), (4,), overlap=0.5)
        [(0,), (2,), (4,), (6,)]
    """
    if not 0 <= overlap < 1:
        raise ValueError(f"overlap must be in [0, 1), got {overlap}")
    axes = []
    for size, length in zip(space, window, strict=True):
        last = max(size - length, 0)
        steps = int(np.ceil(last / max(1, int(length * (1 - overlap)))))
        axes.append([round(last * i / max(steps, 1)) for i in range(steps + 1)])
    return list(product(*axes))


SIGMA = 1 / 8
"""The standard deviation of a window's weight as a share of each side."""


def gaussian_weight(window: Sequence[int]) -> np.ndarray:
    """How much each voxel of a window counts where windows overlap: most in the middle.

    Args:
        window: the window's shape.

    Returns:
        float32 `window`, symmetric, the product of its one-dimensional weights; its largest value
        is 1 and its smallest above 0.

    Source: Isensee et al. (2021), nnU-Net, arXiv:1904.08128.

    Example:
        >>> gaussian_weight((4,)).round(2)
        array([0.02, 1.  , 1.  , 0.02], dtype=float32)
    """
    weight = np.ones((), np.float32)
    for length in window:
        offset = np.arange(length) - (length - 1) / 2
        bell = np.exp(-0.5 * (offset / (length * SIGMA)) ** 2)
        bell = np.maximum(bell / bell.max(), 1e-12).astype(np.float32)
        weight = weight[..., None] * bell
    return weight


def uniform_start(
    generator: np.random.Generator, space: Sequence[int], window: Sequence[int]
) -> tuple[int, ...]:
    """The start of a window that lies anywhere in the image.

    Positions up to a quarter of a side beyond the image are drawn too and moved back inside:
    windows that touch a border are rare otherwise, but every image is predicted with some.

    On an axis on which the window is longer than the image, the image lies in its middle and the
    start is negative.

    Args:
        generator: where chance comes from.
        space: the image's shape, without channels.
        window: the window's shape.

    Returns:
        One an axis.

    Example:
        >>> uniform_start(np.random.default_rng(0), (5, 4), (5, 6))
        (0, -1)
    """
    starts = []
    for size, length in zip(space, window, strict=True):
        last, beyond = size - length, length // 4
        if last >= 0:
            at = int(generator.integers(-beyond, last + beyond + 1))
            starts.append(min(max(at, 0), last))
        else:
            starts.append(last // 2)
    return tuple(starts)


def foreground_start(
    generator: np.random.Generator,
    points: np.ndarray,
    space: Sequence[int],
    window: Sequence[int],
) -> tuple[int, ...]:
    """The start of a window around one of some voxels, moved to lie inside the image.

    Args:
        generator: where chance comes from.
        points: integer `(n, rank)`, voxels of which one is picked. Without any, the window lies
            anywhere.
        space: the image's shape, without channels.
        window: the window's shape.

    Returns:
        The start of a window that holds the voxel; as in `uniform_start`, it is negative on an axis
        on which the window is longer than the image.

    Example:
        >>> foreground_start(np.random.default_rng(0), np.array([[9, 4]]), (10, 10), (4, 4))
        (6, 2)
    """
    if len(points) == 0:
        return uniform_start(generator, space, window)
    point = points[generator.integers(len(points))]
    starts = []
    for at, size, length in zip(point, space, window, strict=True):
        last = size - length
        starts.append(min(max(int(at) - length // 2, 0), last) if last >= 0 else last // 2)
    return tuple(starts)


def extract(
    array: np.ndarray, start: Sequence[int], window: Sequence[int], fill: float = 0
) -> np.ndarray:
    """Cuts a window out of an array, which may be a memory map.

    Args:
        array: `(*space)` or `(*space, channels)`.
        start: the window's first voxel; may be negative, or so large that the window leaves the
            image.
        window: the window's shape, as long as `start`.
        fill: the value outside of the image.

    Returns:
        A copy `(*window)` or `(*window, channels)` of the array's dtype.

    Example:
        >>> extract(np.arange(5), (3,), (4,), fill=9)
        array([3, 4, 9, 9])
    """
    source, target = [], []
    for at, length, size in zip(start, window, array.shape, strict=False):
        low, high = min(max(at, 0), size), max(min(at + length, size), 0)
        high = max(low, high)
        source.append(slice(low, high))
        target.append(slice(low - at, high - at) if high > low else slice(0, 0))
    shape = (*window, *array.shape[len(window) :])
    if all(part.stop - part.start == length for part, length in zip(source, window, strict=True)):
        return np.array(array[tuple(source)])
    patch = np.full(shape, fill, array.dtype)
    patch[tuple(target)] = array[tuple(source)]
    return patch
