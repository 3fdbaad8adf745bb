"""Boxes to look at: the truth and the prediction on their images."""

import math
from collections.abc import Sequence

import numpy as np

from keras_mia.data.datasets.cases import Case
from keras_mia.data.image import ras_orientation
from keras_mia.metrics import box_overlap
from keras_mia.report.pictures.case_picture import CasePicture
from keras_mia.report.pictures.cases import planes

WORST, BEST = 4, 2
"""How many cases are drawn, beside the median one."""


def box_pictures(
    cases: Sequence[Case], predictions: np.ndarray, truth: np.ndarray, *, prefix: str = ""
) -> list[CasePicture]:
    """The boxes that overlap least with the truth, one in the middle, and those that do most.

    Args:
        cases: of the images.
        predictions: `(cases, corners)`, as shares of the sides, as the network gives them.
        truth: of the same shape.
        prefix: what each title begins with.
    """
    overlap = np.nan_to_num(box_overlap(truth, predictions))
    order = np.argsort(overlap, kind="stable").tolist()
    worst, best = order[:WORST], order[max(WORST, len(order) - BEST) :][::-1]
    middle = [order[len(order) // 2]] if len(order) > WORST + BEST else []
    chosen = [("Worst", i) for i in worst] + [("Median", i) for i in middle]
    return [
        _picture(
            cases[i],
            predictions[i],
            truth[i],
            title=f"{prefix}{title}: {cases[i].name}, iou {overlap[i]:.3f}",
        )
        for title, i in [*chosen, *(("Best", i) for i in best)]
    ]


def _picture(case: Case, predictions: np.ndarray, truth: np.ndarray, *, title: str) -> CasePicture:
    image = case.image()
    orientation = ras_orientation(image)
    array = orientation.apply(image.array)
    space = array.shape[:-1]
    has_grid = len(space) == 3 and image.affine is not None
    return planes(
        array,
        box_map(truth, space),
        box_map(predictions, space),
        names=("background", "box"),
        title=title,
        spacing=orientation.permute(image.spacing) if has_grid else None,
    )


def box_map(box: np.ndarray, space: Sequence[int]) -> np.ndarray:
    """A label map of a box: 1 inside, at least one voxel wide.

    Args:
        box: `(2 * axes,)`, shares of the sides.
        space: voxels an axis.

    Example:
        >>> box_map(np.array([0.0, 0.5, 0.5, 1.0]), (2, 4)).tolist()
        [[0, 0, 1, 1], [0, 0, 0, 0]]
    """
    mask = np.zeros(tuple(space), np.uint8)
    slices = []
    for low, high, size in zip(*np.split(np.clip(box, 0, 1), 2), space, strict=True):
        start = min(math.floor(low * size + 0.5), size - 1)
        slices.append(slice(start, max(start + 1, math.floor(high * size + 0.5))))
    mask[tuple(slices)] = 1
    return mask
