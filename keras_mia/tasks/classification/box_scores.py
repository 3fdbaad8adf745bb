"""The scores of boxes as metrics.json holds them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_mia.metrics import box_overlap, confidence_intervals
from keras_mia.metrics.statistics.weighted import mean_of_cases
from keras_mia.tasks.classification.class_scores import head
from keras_mia.tasks.intervals import interval_fields


def judge_boxes(
    truth: np.ndarray,
    found: np.ndarray,
    patients: Sequence[str],
    trivial: np.ndarray | None = None,
) -> dict[str, Any]:
    """Overlap of boxes (intersection over union) and the mean error of their corners.

    Args:
        truth: `(cases, corners)`.
        found: of the same shape.
        patients: whose case it is, one for each case.
        trivial: boxes without a network `(cases, corners)`, such as the mean box of the training
            cases; None: they are not judged.
    """

    def scores(boxes: np.ndarray) -> dict[str, np.ndarray]:
        return {"iou": box_overlap(truth, boxes), "corner_error": np.abs(truth - boxes).mean(-1)}

    own = scores(found)
    without = {} if trivial is None else scores(trivial)
    ends = confidence_intervals(
        lambda weights: {name: mean_of_cases(one, weights) for name, one in own.items()},
        patients,
    )
    return {
        **head("boxes", "test", truth, patients),
        "mean": {name: float(one.mean()) for name, one in own.items()},
        **interval_fields(ends),
        "classes": {},
        "baseline": {name: float(one.mean()) for name, one in without.items()},
    }
