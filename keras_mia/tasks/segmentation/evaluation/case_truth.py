"""The truth of a case as classes."""

import numpy as np

from keras_mia.data.datasets.cases import Case
from keras_mia.data.targets.label_map import IGNORE
from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan


def truth(case: Case, plan: SegmentationPlan) -> np.ndarray:
    """The truth of a case on the grid of its label map.

    Args:
        case: with a label map, and maybe a region.
        plan: for the classes of label values.

    Returns:
        Classes `(*space)` uint8, `IGNORE` outside the region.

    Raises:
        Problem: it holds a label value that training did not have.
    """
    classes = plan.classes.encode(case.label().array[..., 0], _where(case))
    region = case.region_mask()
    if region is not None:
        classes = np.where(region, classes, np.uint8(IGNORE))
    return classes


def _where(case: Case) -> object:
    return case.target or case.name
