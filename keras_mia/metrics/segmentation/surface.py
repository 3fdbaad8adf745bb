"""Distances between the surfaces of two masks, in mm, at any spacing, in 1D, 2D and 3D.

The surface of a mask is its voxels with a face neighbour outside of it; beyond the image's border
is outside. A distance is that of voxel centres. Where a mask is empty, all distances are NaN.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.spatial import KDTree

NONE = 255
"""A byte that stands for all distances from it on."""


class SurfaceDistances(NamedTuple):
    """How far each surface voxel of one mask is from the nearest one of the other, in mm.

    Args:
        from_truth: `(n,)`, of the truth's surface voxels to the prediction's surface.
        from_prediction: `(m,)`, of the prediction's surface voxels to the truth's surface. Both
            are empty where one of the masks is.
    """

    from_truth: np.ndarray
    from_prediction: np.ndarray


def surface_distances(
    truth: np.ndarray, prediction: np.ndarray, spacing_mm: Sequence[float] | None = None
) -> SurfaceDistances:
    """Measures two masks against each other; what follows from it is in the functions below.

    Args:
        truth: `(*space)`, bool or 0 and 1.
        prediction: of the same shape.
        spacing_mm: the voxels' sides; None: 1 along each axis.

    Returns:
        The distances, in mm, from each surface voxel of the one mask to the surface of the other,
        both empty where a mask is.

    Raises:
        ValueError: where the shapes, or the spacing's length, do not fit.

    Example:
        >>> distances = surface_distances(np.eye(1, 5, 0)[0], np.eye(1, 5, 3)[0], [2.0])
        >>> hausdorff_mm(distances)
        6.0
    """
    truth, prediction = np.asarray(truth, bool), np.asarray(prediction, bool)
    spacing = np.ones(truth.ndim) if spacing_mm is None else np.asarray(spacing_mm, float)
    if truth.shape != prediction.shape or spacing.shape != (truth.ndim,):
        raise ValueError(
            f"A truth of {truth.shape}, a prediction of {prediction.shape} and a spacing of "
            f"{spacing.shape} do not fit."
        )
    box = _box(truth | prediction)
    of_truth, of_prediction = surface_of(truth[box]), surface_of(prediction[box])
    if not of_truth.any() or not of_prediction.any():
        return SurfaceDistances(np.zeros(0), np.zeros(0))
    return SurfaceDistances(
        _to_nearest(of_truth, of_prediction, spacing), _to_nearest(of_prediction, of_truth, spacing)
    )


def surface_of(mask: np.ndarray) -> np.ndarray:
    """Where a mask's surface lies, of the mask's shape.

    Args:
        mask: `(*space)`, bool.

    Returns:
        bool `(*space)`.

    Example:
        >>> surface_of(np.array([False, True, True, True]))
        array([False,  True, False,  True])
    """
    padded = np.pad(mask, 1)
    inside = mask.copy()
    core = [slice(1, -1)] * mask.ndim
    for axis in range(mask.ndim):
        for neighbours in (slice(0, -2), slice(2, None)):
            inside &= padded[(*core[:axis], neighbours, *core[axis + 1 :])]
    return mask & ~inside


def hausdorff_mm(distances: SurfaceDistances) -> float:
    """The largest of all distances, `max(d(T, P), d(P, T))`.

    Args:
        distances: of `surface_distances`.

    Returns:
        In mm, or in voxels where no spacing was given; NaN where a mask is empty.
    """
    return _nan_or(np.max, np.concatenate(distances))


def hd95_mm(distances: SurfaceDistances) -> float:
    """The larger of the two directed 95th percentiles (linear), `max(P95 d(T, P), P95 d(P, T))`.

    Some tools take one percentile of both directions pooled instead, which is smaller or equal.

    Args:
        distances: of `surface_distances`.

    Returns:
        In mm, or in voxels where no spacing was given; NaN where a mask is empty.

    Source: Huttenlocher et al. (1993), doi:10.1109/34.232073 (directed, with a rank); Maier-Hein et
    al. (2024), Metrics reloaded, arXiv:2206.01653.
    """
    return max(_nan_or(_percentile_95, directed) for directed in distances)


def mean_surface_distance_mm(distances: SurfaceDistances) -> float:
    """The mean over the surface voxels of both masks together (ASSD).

    Args:
        distances: of `surface_distances`.

    Returns:
        In mm, or in voxels where no spacing was given; NaN where a mask is empty.
    """
    return _nan_or(np.mean, np.concatenate(distances))


def surface_dice(distances: SurfaceDistances, tolerance_mm: float) -> float:
    """The share of both surfaces' voxels that lie within the tolerance of the other surface.

    NaN where a mask is empty; `metrics.scores` makes it 0 where only one of them is.

    Args:
        distances: of `surface_distances`.
        tolerance_mm: the greatest distance that still counts as right.

    Returns:
        0 to 1; NaN where a mask is empty.

    Source: Nikolov et al. (2018), arXiv:1809.04430.

    Departs from the paper: surface voxels are counted, not weighed by the area they stand for.
    """
    return _nan_or(lambda pooled: np.mean(pooled <= tolerance_mm), np.concatenate(distances))


def _to_nearest(surface: np.ndarray, other: np.ndarray, spacing: np.ndarray) -> np.ndarray:
    """Of each voxel of a surface, in order, the distance to the other surface.

    Each line along the first axis knows how far the other surface is within it. A voxel asks its
    own line and then those beside it, the nearest first, until none can hold anything nearer: two
    masks of one thing lie close together. Who is still asking far away asks a tree.
    """
    shells = _shells(tuple(spacing[1:]))
    reach = [0, *np.abs(np.concatenate([offsets for _, offsets in shells])).max(axis=0)]
    lines = _in_line(np.pad(other, [(width, width) for width in reach]))
    along = (np.arange(NONE + 1) * spacing[0]) ** 2
    along[NONE] = np.inf
    strides = np.array(lines.strides[1:], int) // lines.itemsize
    points = np.stack(np.unravel_index(np.flatnonzero(surface), surface.shape), -1)
    index = np.ravel_multi_index(tuple((points + reach).T), lines.shape)
    squares, remaining = np.full(len(points), np.inf), np.arange(len(points))
    for across, offsets in shells:
        settled = squares[remaining] <= min(across, (NONE * spacing[0]) ** 2)
        remaining, index = remaining[~settled], index[~settled]
        if not len(remaining):
            return np.sqrt(squares)
        steps = np.minimum.reduce([lines.ravel()[index + step] for step in offsets @ strides])
        squares[remaining] = np.minimum(squares[remaining], along[steps] + across)
    # No median search and no shrunk boxes: building such a tree costs more than it saves here.
    tree = KDTree(
        np.argwhere(other) * spacing, leafsize=30, balanced_tree=False, compact_nodes=False
    )
    distances = np.sqrt(squares)
    distances[remaining] = tree.query(points[remaining] * spacing, workers=-1)[0]
    return distances


def _in_line(mask: np.ndarray) -> np.ndarray:
    """How many voxels along the first axis it is to where a mask is set, uint8: `NONE` where it is
    as far or farther, or nowhere."""
    steps = np.where(mask, np.uint8(0), np.uint8(NONE))
    for i in range(1, len(steps)):
        np.minimum(steps[i], np.minimum(steps[i - 1], NONE - 1) + 1, out=steps[i, ...])
    for i in range(len(steps) - 2, -1, -1):
        np.minimum(steps[i], np.minimum(steps[i + 1], NONE - 1) + 1, out=steps[i, ...])
    return steps


@lru_cache
def _shells(spacing: tuple[float, ...]) -> list[tuple[float, np.ndarray]]:
    """Offsets `(n, rank)` within about eight voxels by their squared length in mm, least first."""
    if not spacing:
        return [(0.0, np.zeros((1, 0), int))]
    radius = 8 * math.prod(spacing) ** (1 / len(spacing))
    ranges = [np.arange(-int(radius / length), int(radius / length) + 1) for length in spacing]
    offsets = np.stack(np.meshgrid(*ranges, indexing="ij"), -1).reshape(-1, len(spacing))
    squares, shell = np.unique(((offsets * spacing) ** 2).sum(axis=1), return_inverse=True)
    inside = np.flatnonzero(squares <= radius**2)
    return [(float(squares[i]), offsets[shell == i]) for i in inside]


def _box(mask: np.ndarray) -> tuple[slice, ...]:
    """The smallest box around what is set; an empty one, where nothing is."""
    box: tuple[slice, ...] = ()
    for axis in range(mask.ndim):  # each looks only at what the ones before have left
        others = tuple(i for i in range(mask.ndim) if i != axis)
        inside = np.flatnonzero(mask[box].any(axis=others))
        box = (*box, slice(inside[0], inside[-1] + 1) if len(inside) else slice(0, 0))
    return box


def _percentile_95(values: np.ndarray) -> float:
    return np.percentile(values, 95)


def _nan_or(statistic, values: np.ndarray) -> float:
    return float(statistic(values)) if len(values) else float("nan")
