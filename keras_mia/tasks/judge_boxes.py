"""The scores of boxes as metrics.json holds them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_mia.metrics import bootstrap_intervals, box_overlap
from keras_mia.tasks.judge_classes import head


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
    ends = bootstrap_intervals(
        lambda weights: {name: weights @ one / weights.sum(-1) for name, one in own.items()},
        patients,
    )
    return {
        **head("boxes", "test", truth, patients),
        "mean": {name: float(one.mean()) for name, one in own.items()},
        "interval": {name: list(map(float, one)) for name, one in ends.items()},
        "classes": {},
        "baseline": {name: float(one.mean()) for name, one in without.items()},
    }
