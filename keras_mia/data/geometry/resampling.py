"""Resampling of images and label maps on voxel grids."""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter1d

SLAB = 2**20
"""Voxels of a label map that are resampled at a time."""


def resampled_space(
    space: Sequence[int], spacing: Sequence[float], target: Sequence[float]
) -> tuple[int, ...]:
    """The number of voxels of `target` mm that cover what `space` voxels of `spacing` mm cover.

    An axis whose spacing is within 1 % of the target stays as it is: resampling would blur more
    than it repairs.

    Args:
        space: voxels an axis.
        spacing: in mm.
        target: the spacing to come, in mm.

    Returns:
        Voxels an axis, at least one.

    Example:
        >>> resampled_space((100, 51, 30), (1.0, 1.0, 5.0), (1.004, 2.0, 1.0))
        (100, 26, 150)
    """
    return tuple(
        size if abs(now / goal - 1) < 0.01 else max(1, round(size * now / goal))
        for size, now, goal in zip(space, spacing, target, strict=True)
    )


def voxel_centres(old: int, new: int, step: float) -> np.ndarray:
    """Where along an axis of `old` voxels the centres of `new` ones lie, each as long as `step`.

    The middles of both rows lie on each other: what is beyond -0.5 or `old - 0.5` is outside.

    Args:
        old: voxels that there are.
        new: voxels that are wanted.
        step: length of a new voxel in old ones.

    Returns:
        float64 `(new,)`, the first old voxel lying at 0.
    """
    return (np.arange(new) + 0.5 - new / 2) * step + (old - 1) / 2


def linear_weights(
    old: int, new: int, step: float | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each of `new` voxels along an axis: the two of `old` beside it, and the upper's share.

    Args:
        old: voxels that there are.
        new: voxels that are wanted.
        step: how many of the old ones a new one is long; None: so many that the ends meet.

    Returns:
        Indices of the lower and of the upper neighbour, and float32 shares, `(new,)` each.
    """
    centre = np.clip(voxel_centres(old, new, step or old / new), 0, old - 1)
    low = np.floor(centre).astype(np.intp)
    return low, np.minimum(low + 1, old - 1), (centre - low).astype(np.float32)


def resample(
    array: np.ndarray,
    new_space: Sequence[int],
    *,
    steps: Sequence[float] | None = None,
    smooth: bool = True,
) -> np.ndarray:
    """Linear resampling, one axis after the other.

    Args:
        array: `(*space, ...)`; axes behind those of space stay.
        new_space: the new number of voxels an axis.
        steps: how many voxels a new one is long, an axis: the grids then share their centre, and
            what lies outside of the array repeats its border; None: they share their outer edges.
        smooth: whether an axis that shrinks by more than 1.5 is smoothed first, so that detail
            between the new voxels counts as well.

    Returns:
        `(*new_space, ...)` float32; the array itself where nothing changes.

    Example:
        >>> resample(np.array([0.0, 1.0]), (4,)).tolist()
        [0.0, 0.25, 0.75, 1.0]
    """
    result = np.asarray(array, np.float32)
    if steps is None:
        steps = [old / new for old, new in zip(array.shape, new_space, strict=False)]
    # The axis that shrinks most goes first: the later ones then have less to do.
    order = sorted(range(len(new_space)), key=lambda axis: new_space[axis] / array.shape[axis])
    for axis in order:
        old, new, step = result.shape[axis], new_space[axis], steps[axis]
        if old == new and step == 1:
            continue
        if smooth and step > 1.5:
            result = gaussian_filter1d(result, (step - 1) / 2, axis, mode="nearest")
        result = _interpolated(result, axis, *linear_weights(old, new, step))
    return result


def _interpolated(
    array: np.ndarray, axis: int, low: np.ndarray, high: np.ndarray, share: np.ndarray
) -> np.ndarray:
    """Between the voxels of an axis, a slab after the other: memory holds the result alone."""
    result = np.empty((*array.shape[:axis], len(low), *array.shape[axis + 1 :]), array.dtype)
    rows = max(1, SLAB // max(1, result[:1].size))
    across = (-1,) + (1,) * (array.ndim - axis - 1)
    for start in range(0, len(result), rows):
        part = slice(start, start + rows)
        lower, upper = (
            array[index[part]] if axis == 0 else array[part].take(index, axis)
            for index in (low, high)
        )
        upper -= lower
        upper *= (share[part] if axis == 0 else share).reshape(across)
        np.add(lower, upper, out=result[part])
    return result


def resample_labels(labels: np.ndarray, new_space: Sequence[int]) -> np.ndarray:
    """Resampling of a label map: each new voxel takes the label that weighs most around it.

    It is what linear resampling of every class by itself, then the largest, would give, at a cost
    that does not grow with the number of classes. Nearest would leave jagged borders.

    Args:
        labels: `(*space)` integer.
        new_space: the new number of voxels an axis.

    Returns:
        `(*new_space)` of the same dtype; the array itself where nothing changes.

    Example:
        >>> resample_labels(np.array([0, 0, 7]), (6,)).tolist()
        [0, 0, 0, 0, 7, 7]
    """
    space = labels.shape
    if space == tuple(new_space):
        return labels
    axes = [linear_weights(old, new) for old, new in zip(space, new_space, strict=True)]
    result = np.empty(new_space, labels.dtype)
    rows = max(1, SLAB // max(1, int(np.prod(new_space[1:]))))
    for start in range(0, new_space[0], rows):
        part = slice(start, min(start + rows, new_space[0]))
        first = tuple(values[part] for values in axes[0])
        result[part] = _vote(labels, [first, *axes[1:]])
    return result


def _vote(labels: np.ndarray, axes: Sequence[tuple]) -> np.ndarray:
    values: list[np.ndarray] = [labels]
    corners: list[tuple[np.ndarray, ...]] = [()]
    for axis, (low, high, share) in enumerate(axes):
        ends = [(low, 1 - share), (high, share)] if share.any() else [(low, 1 - share)]
        values = [value.take(index, axis) for value in values for index, _ in ends]
        corners = [(*before, weight) for before in corners for _, weight in ends]
    result = values[0].copy()
    mixed = np.zeros(result.shape, bool)
    for other in values[1:]:
        mixed |= other != result
    where = np.nonzero(mixed)
    if not where[0].size:
        return result
    around = np.stack([value[where] for value in values])
    by_axis = [[corner[axis][index] for corner in corners] for axis, index in enumerate(where)]
    weight = np.prod(np.array(by_axis), axis=0)
    support = np.stack([np.where(around == label, weight, 0).sum(axis=0) for label in around])
    result[where] = np.take_along_axis(around, support.argmax(axis=0)[None], axis=0)[0]
    return result
