"""Targets of whole images as numbers, and boxes on the grid of the image."""

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.cases import Case
from keras_mia.data.image import Image, ras_orientation
from keras_mia.data.preprocess.image_plan import ImagePlan
from keras_mia.data.targets.box_corners import as_named
from keras_mia.data.targets.image_level import ImageTarget
from keras_mia.data.targets.multitask import NAMED, Multitask


def encode_target(case: Case, plan: ImagePlan) -> np.ndarray:
    """The numbers that a case's target is learnt as, `(outputs,)` float32.

    Raises:
        Problem: it is none of those that training had; or it has none.
    """
    if not isinstance(case.target, str):
        raise Problem("The case has no answer.", case.name, "Give one to score against.")
    target = plan.target
    if not isinstance(target, Multitask):
        return _encoded(case, target, case.target)
    texts = target.texts(case.target)
    return np.concatenate(
        [_encoded(case, part, text) for part, text in zip(target.parts, texts, strict=True)]
    )


def _encoded(case: Case, target: ImageTarget, text: str) -> np.ndarray:
    if not target.placed:
        return target.encode(text, case.name)
    image = case.image()
    shares = target.encode(text, case.name, image.space)
    orientation = ras_orientation(image)
    low, high = (orientation.permute(part.tolist()) for part in np.split(shares, 2))
    flipped = np.array(orientation.flipped)
    ends = np.where(flipped, 1 - np.array(high), low), np.where(flipped, 1 - np.array(low), high)
    return np.concatenate(ends).astype(np.float32)


def stored_boxes(
    prediction: np.ndarray, target: ImageTarget | Multitask, image: Image
) -> dict[str, str]:
    """The boxes that were predicted of an image, in voxels of its file and as the data write them.

    Args:
        prediction: `(outputs,)`; boxes as shares of the sides of the turned image.
        target: what the outputs are.
        image: as read.

    Returns:
        `box NAME` of each number; of several answers behind the name of the column.
    """
    if isinstance(target, Multitask):
        parts = zip(target.columns, target.parts, target.split(prediction), strict=True)
        return {
            f"{column}{NAMED}{name}": value
            for column, part, values in parts
            for name, value in stored_boxes(values, part, image).items()
        }
    if not target.placed:
        return {}
    orientation = ras_orientation(image)
    low, high = np.split(np.asarray(prediction, float), 2)
    flipped, back = np.array(orientation.flipped), np.argsort(orientation.axes)
    ends = np.where(flipped, 1 - high, low), np.where(flipped, 1 - low, high)
    box = np.concatenate([end[back] * image.space for end in ends])
    return {f"box {name}": f"{value:.2f}" for name, value in as_named(box, target.corners).items()}
