"""Label maps that need no network, to read scores by."""

from collections.abc import Callable, Sequence

import numpy as np

from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.sampling import sample_indices
from keras_mia.data.image import Image
from keras_mia.data.targets.label_map import IGNORE
from keras_mia.metrics import most_frequent, otsu_is_bright, otsu_prediction
from keras_mia.tasks.segmentation.evaluation.case_truth import truth
from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan

BASELINE_CASES = 8
"""So many training cases are looked at to find the baselines."""


def baselines(cases: Sequence[Case], plan: SegmentationPlan) -> Callable[[Image], list[np.ndarray]]:
    """Label maps that need no network, to read scores by: the most frequent class everywhere, and
    Otsu's threshold with the most frequent structure on the side that training cases show.

    Args:
        cases: of training; a few are looked at.
        plan: for the classes.

    Returns:
        A function from an image to these label maps, `(*space)` each.
    """
    chosen = [cases[number] for number in sample_indices(len(cases), BASELINE_CASES)]
    truths = [truth(case, plan) for case in chosen]
    counts = np.sum(
        [np.bincount(one[one != IGNORE], minlength=len(plan.classes)) for one in truths], axis=0
    )
    structure = 1 + most_frequent(dict(enumerate(counts[1:].tolist())))
    bright = otsu_is_bright(
        (case.image().array, one == structure) for case, one in zip(chosen, truths, strict=True)
    )
    usual = most_frequent(dict(enumerate(counts.tolist())))

    def predict(image: Image) -> list[np.ndarray]:
        threshold = otsu_prediction(image.array, bright=bright, structure=structure)
        return [np.full(image.space, usual, np.uint8), threshold]

    return predict
