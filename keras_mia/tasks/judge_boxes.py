"""The scores of boxes as metrics.json holds them."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_mia.metrics import bootstrap_intervals
from keras_mia.tasks.judge_classes import head


def judge_boxes(truth: np.ndarray, found: np.ndarray, patients: Sequence[str]) -> dict[str, Any]:
    """Overlap of boxes (intersection over union) and the mean error of their corners."""

    def scores(boxes: np.ndarray) -> dict[str, np.ndarray]:
        return {"iou": overlap(truth, boxes), "corner_error": np.abs(truth - boxes).mean(-1)}

    own = scores(found)
    trivial = scores(np.tile(truth.mean(0), (len(truth), 1)))
    ends = bootstrap_intervals(
        lambda weights: {name: weights @ one / weights.sum(-1) for name, one in own.items()},
        patients,
    )
    return {
        **head("boxes", "test", truth, patients),
        "mean": {name: float(one.mean()) for name, one in own.items()},
        "interval": {name: list(map(float, one)) for name, one in ends.items()},
        "classes": {},
        "baseline": {name: float(one.mean()) for name, one in trivial.items()},
    }


def overlap(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Intersection over union of boxes.

    Args:
        one: `(n, 2 * axes)`, lower corners and then upper ones.
        other: of the same shape.

    Example:
        >>> overlap(np.array([[0.0, 0, 1, 1]]), np.array([[0.0, 0, 1, 0.5]]))
        array([0.5])
    """
    axes = one.shape[1] // 2
    low = np.maximum(one[:, :axes], other[:, :axes])
    high = np.minimum(one[:, axes:], other[:, axes:])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    sizes = [np.prod(np.maximum(b[:, axes:] - b[:, :axes], 0), axis=1) for b in (one, other)]
    union = sizes[0] + sizes[1] - shared
    return np.where(union > 0, shared / np.maximum(union, 1e-12), math.nan)
