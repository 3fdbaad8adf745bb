"""All images of a part, prepared to one size, in one array on disk."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keras_mia.core.parallel import map_cases
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_key import case_key
from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.image_checks import LIKE_TRAINING, check_image, check_spacing
from keras_mia.data.geometry import places, resample
from keras_mia.data.image import Image, ras_orientation
from keras_mia.data.io.pictures.channels import fitted
from keras_mia.data.preprocess.array_cache import is_whole, new_array
from keras_mia.data.preprocess.image_plan import ImagePlan
from keras_mia.data.preprocess.normalize import normalize
from keras_mia.data.targets.box_corners import as_named
from keras_mia.data.targets.image_level import ImageTarget
from keras_mia.data.targets.multitask import NAMED, Multitask

VERSION = 2
"""Raised when preparing changes, so that what an older version left is not taken."""


@dataclass(frozen=True, eq=False)
class Stack:
    """Prepared images with their answers.

    Args:
        path: of the array `(n, *size, channels)`.
        answers: `(n, outputs)` float32, as `ImageTarget.encode` gives them.
        plan: how they were prepared.
    """

    path: Path
    answers: np.ndarray
    plan: ImagePlan

    def __len__(self) -> int:
        return len(self.answers)

    @property
    def images(self) -> np.ndarray:
        """All of them, memory-mapped."""
        return np.load(self.path, mmap_mode="r")

    def views(self, numbers: Sequence[int]) -> np.ndarray:
        """All that a network is shown of some of the images to answer them, `(len(numbers), views,
        *space, channels)` float32."""
        images, shown = self.images, self.plan.shown
        return self.plan.scaled(np.stack([shown.all(images[number]) for number in numbers]))


def prepare_image(image: Image, plan: ImagePlan, where: object = None) -> np.ndarray:
    """An image as it lies in a stack: in the plan's channels, turned, of its size and, where it has
    one, spacing; normalized where that needs all of it.

    Args:
        image: as read.
        plan: what to do.
        where: the file or case, for messages.

    Returns:
        `(*size, channels)`, uint8 where nothing is lost by it, else float32.

    Raises:
        Problem: the plan is not for such an image, as `check_image` and `check_spacing` have it.
    """
    image = fitted(image, plan)
    check_image(image, plan, where)
    if plan.bytes and image.array.dtype != np.uint8:
        raise Problem(
            f"The pixels are {image.array.dtype}, those of the training images bytes of 0 to 255.",
            where,
            LIKE_TRAINING,
        )
    turn = ras_orientation(image)
    array = turn.apply(image.array)
    if plan.normalization == "zscore":
        array = normalize(array, "zscore")
    if plan.spacing_mm is None:
        array = resample(array, plan.size)
    elif image.spacing_mm is None:
        raise Problem(
            "The image does not say how large its voxels are, those of the training images do.",
            where,
            LIKE_TRAINING,
        )
    else:
        spacing = turn.permute(image.spacing)
        check_spacing(spacing, plan.spacing_mm, where)
        array = at_spacing(array, spacing, plan.spacing_mm, plan.size)
    return np.round(array).astype(np.uint8) if plan.bytes else np.asarray(array, np.float32)


def at_spacing(
    array: np.ndarray, spacing: Sequence[float], goal: Sequence[float | None], size: Sequence[int]
) -> np.ndarray:
    """The middle of an image on another grid, filled up around it by its darkest value.

    Args:
        array: `(*space, channels)`.
        spacing: mm a voxel, an axis.
        goal: the same of the new grid; None along an axis that is resized.
        size: voxels of the new grid, an axis.

    Returns:
        `(*size, channels)` float32.

    Example:
        >>> at_spacing(np.array([[1.0], [2.0]]), [1.0], [0.5], [6])[:, 0].tolist()
        [1.0, 1.0, 1.25, 1.75, 2.0, 1.0]
    """
    steps = [
        array.shape[axis] / size[axis] if new is None else new / old
        for axis, (old, new) in enumerate(zip(spacing, goal, strict=True))
    ]
    result = resample(array, size, steps=steps)
    result = np.array(result) if result is array else result
    darkest = array.min(axis=tuple(range(array.ndim - 1)))
    for axis, step in enumerate(steps):
        old = array.shape[axis]
        at = places(old, size[axis], step)
        outside = (at + step / 2 <= -0.5) | (at - step / 2 >= old - 0.5)
        result[(slice(None),) * axis + (outside,)] = darkest
    return result


def stack(
    cases: Sequence[Case], plan: ImagePlan, folder: str | os.PathLike, doing: str = "preparing"
) -> Stack:
    """Prepares all images into one array; what already lies in the folder is not made again.

    Args:
        cases: with answers.
        plan: what to do.
        folder: where the array goes; several plans and data sets may share it.
        doing: the label of the progress bar.

    Raises:
        Problem: names the cases that cannot be prepared.
    """
    numbers = {id(case): number for number, case in enumerate(cases)}

    def prepared(case: Case) -> None:
        array[numbers[id(case)]] = prepare_image(case.image(), plan, case.name)

    keys = [case_key(case)[0] for case in cases]
    text = json.dumps([VERSION, plan.preparing(), repr(keys)], sort_keys=True)
    path = Path(folder) / f"{hashlib.sha256(text.encode()).hexdigest()[:20]}-images.npy"
    if not is_whole(path):
        shape = (len(cases), *plan.size, plan.channels)
        with new_array(path, np.uint8 if plan.bytes else np.float32, shape) as array:
            map_cases(prepared, cases, doing)
    return Stack(path, np.stack([answer(case, plan) for case in cases]), plan)


def answer(case: Case, plan: ImagePlan) -> np.ndarray:
    """The numbers that a case's answer is learnt as, `(outputs,)` float32.

    Raises:
        Problem: it is none of those that training had; or it has none.
    """
    if not isinstance(case.target, str):
        raise Problem("The case has no answer.", case.name, "Give one to score against.")
    asked = plan.target
    if not isinstance(asked, Multitask):
        return _encoded(case, asked, case.target)
    texts = asked.texts(case.target)
    return np.concatenate(
        [_encoded(case, part, text) for part, text in zip(asked.parts, texts, strict=True)]
    )


def _encoded(case: Case, asked: ImageTarget, text: str) -> np.ndarray:
    if not asked.placed:
        return asked.encode(text, case.name)
    image = case.image()
    shares = asked.encode(text, case.name, image.space)
    turn = ras_orientation(image)
    low, high = (turn.permute(part.tolist()) for part in np.split(shares, 2))
    flipped = np.array(turn.flipped)
    ends = np.where(flipped, 1 - np.array(high), low), np.where(flipped, 1 - np.array(low), high)
    return np.concatenate(ends).astype(np.float32)


def stored_boxes(told: np.ndarray, asked: ImageTarget | Multitask, image: Image) -> dict[str, str]:
    """The boxes of what was told of an image, in voxels of its file and as the data write them.

    Args:
        told: `(outputs,)`; boxes as shares of the sides of the turned image.
        asked: what they are.
        image: as read.

    Returns:
        `box NAME` of each number; of several answers behind the name of the column.
    """
    if isinstance(asked, Multitask):
        parts = zip(asked.columns, asked.parts, asked.split(told), strict=True)
        return {
            f"{column}{NAMED}{name}": value
            for column, part, values in parts
            for name, value in stored_boxes(values, part, image).items()
        }
    if not asked.placed:
        return {}
    turn = ras_orientation(image)
    low, high = np.split(np.asarray(told, float), 2)
    flipped, back = np.array(turn.flipped), np.argsort(turn.axes)
    ends = np.where(flipped, 1 - high, low), np.where(flipped, 1 - low, high)
    box = np.concatenate([end[back] * image.space for end in ends])
    return {f"box {name}": f"{value:.2f}" for name, value in as_named(box, asked.corners).items()}
