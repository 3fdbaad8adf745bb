"""Distances between the surfaces of two masks, in mm, at any spacing, in 1D, 2D and 3D.

The surface of a mask is its voxels with a face neighbour outside of it; beyond the image's border
is outside. A distance is that of voxel centres. Where a mask is empty, all distances are NaN.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.spatial import KDTree


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
    points_true = surface_points(truth) * spacing
    points_guessed = surface_points(prediction) * spacing
    if not len(points_true) or not len(points_guessed):
        return SurfaceDistances(np.zeros(0), np.zeros(0))
    return SurfaceDistances(
        _to_nearest(points_true, points_guessed), _to_nearest(points_guessed, points_true)
    )


def surface_points(mask: np.ndarray) -> np.ndarray:
    """The indices `(n, rank)` of a mask's surface voxels, in order.

    Args:
        mask: `(*space)`, bool.

    Example:
        >>> surface_points(np.array([False, True, True, True])).ravel()
        array([1, 3])
    """
    box, start = _box(mask)
    if not box.size:
        return np.zeros((0, mask.ndim), int)
    padded = np.pad(box, 1)
    inside = box.copy()
    core = [slice(1, -1)] * mask.ndim
    for axis in range(mask.ndim):
        for side in (slice(0, -2), slice(2, None)):
            inside &= padded[(*core[:axis], side, *core[axis + 1 :])]
    return np.argwhere(box & ~inside) + start


def hausdorff_mm(distances: SurfaceDistances) -> float:
    """The largest of all distances, `max(d(T, P), d(P, T))`."""
    return _nan_or(np.max, np.concatenate(distances))


def hd95_mm(distances: SurfaceDistances) -> float:
    """The larger of the two directed 95th percentiles (linear), `max(P95 d(T, P), P95 d(P, T))`.

    Some tools take one percentile of both directions pooled instead, which is smaller or equal.

    Source: Huttenlocher et al. (1993), doi:10.1109/34.232073 (directed, with a rank); Maier-Hein et
    al. (2024), Metrics reloaded, arXiv:2206.01653.
    """
    return max(_nan_or(_percentile_95, directed) for directed in distances)


def mean_surface_distance_mm(distances: SurfaceDistances) -> float:
    """The mean over the surface voxels of both masks together (ASSD)."""
    return _nan_or(np.mean, np.concatenate(distances))


def surface_dice(distances: SurfaceDistances, tolerance_mm: float) -> float:
    """The share of both surfaces' voxels that lie within the tolerance of the other surface.

    NaN where a mask is empty; `metrics.scores` makes it 0 where only one of them is.

    Source: Nikolov et al. (2018), arXiv:1809.04430.

    Departs from the paper: surface voxels are counted, not weighed by the area they stand for.
    """
    return _nan_or(lambda pooled: np.mean(pooled <= tolerance_mm), np.concatenate(distances))


def _to_nearest(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    # No median search and no shrunk boxes: building such a tree costs more than it saves here.
    tree = KDTree(others, leafsize=30, balanced_tree=False, compact_nodes=False)
    return tree.query(points, workers=-1)[0]


def _box(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mask cropped to where it is set (nothing, where it is nowhere), and the crop's start."""
    starts = []
    for axis in range(mask.ndim):  # each looks only at what the one before has left
        others = tuple(i for i in range(mask.ndim) if i != axis)
        found = np.flatnonzero(mask.any(axis=others))
        low, high = (found[0], found[-1] + 1) if len(found) else (0, 0)
        mask = mask[(*[slice(None)] * axis, slice(low, high))]
        starts.append(low)
    return mask, np.array(starts)


def _percentile_95(values: np.ndarray) -> float:
    return np.percentile(values, 95)


def _nan_or(statistic, values: np.ndarray) -> float:
    return float(statistic(values)) if len(values) else float("nan")
