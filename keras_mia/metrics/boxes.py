"""How much boxes have in common."""

import math

import numpy as np


def box_overlap(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Intersection over union of boxes (Jaccard's index of what they cover).

    Args:
        one: `(n, 2 * axes)`, lower corners and then upper ones.
        other: of the same shape and in the same unit.

    Returns:
        `(n,)` from 0 to 1; NaN where both boxes are empty.

    Source: Jaccard (1912), The distribution of the flora in the alpine zone,
    doi:10.1111/j.1469-8137.1912.tb05611.x.

    Example:
        >>> box_overlap(np.array([[0.0, 0, 1, 1]]), np.array([[0.0, 0, 1, 0.5]]))
        array([0.5])
    """
    axes = one.shape[1] // 2
    low = np.maximum(one[:, :axes], other[:, :axes])
    high = np.minimum(one[:, axes:], other[:, axes:])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    sizes = [np.prod(np.maximum(b[:, axes:] - b[:, :axes], 0), axis=1) for b in (one, other)]
    union = sizes[0] + sizes[1] - shared
    return np.where(union > 0, shared / np.maximum(union, 1e-12), math.nan)
