"""Prepared images on disk, all of one size in one array: each is looked at as a whole."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np

from keras_mia.core.parallel import map_cases
from keras_mia.data.datasets.case_key import case_key
from keras_mia.data.datasets.cases import Case
from keras_mia.data.preprocess.array_cache import ArrayCache, is_whole, new_array, open_array
from keras_mia.data.preprocess.image_plan import ImagePlan
from keras_mia.data.preprocess.prepare_image import prepare_image
from keras_mia.data.targets.base import ImageTarget

AnyImagePlan = TypeVar("AnyImagePlan", bound=ImagePlan)


@dataclass(frozen=True, eq=False)
class ImageArray(Generic[AnyImagePlan]):
    """Prepared images with their targets.

    Args:
        path: of the array `(n, *size, channels)`.
        targets: `(n, outputs)` float32, as `ImageTarget.encode_prepared` gives them; `(n, 0)` where
            nothing is known of images.
        plan: how they were prepared.
    """

    path: Path
    targets: np.ndarray
    plan: AnyImagePlan

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def images(self) -> np.ndarray:
        """All of them, memory-mapped."""
        return open_array(self.path)

    def views(self, numbers: Sequence[int]) -> np.ndarray:
        """All that a network is shown of some of the images to predict them, `(len(numbers), views,
        *space, channels)` float32."""
        images, view = self.images, self.plan.network_view
        return self.plan.scaled(np.stack([view.all(images[number]) for number in numbers]))


def cache_images(
    cases: Sequence[Case], plan: AnyImagePlan, folder: str | os.PathLike
) -> ImageArray[AnyImagePlan]:
    """Prepares all images into one array; what already lies in the folder is not made again.

    Args:
        cases: with targets of whole images, where the plan has one.
        plan: what to do.
        folder: where the array goes; several plans and data sets may share it.

    Raises:
        Problem: names the cases that cannot be prepared.
    """
    numbers = {id(case): number for number, case in enumerate(cases)}

    def prepare(case: Case) -> None:
        array[numbers[id(case)]] = prepare_image(case.image(), plan, case.name)

    path = ArrayCache(folder, plan).path("images", *(case_key(case)[0] for case in cases))
    if not is_whole(path):
        shape = (len(cases), *plan.size, plan.channels)
        with new_array(path, np.uint8 if plan.bytes else np.float32, shape) as array:
            map_cases(prepare, cases, "preparing")
    return ImageArray(path, encoded_targets(cases, plan.target), plan)


def encoded_targets(cases: Sequence[Case], target: ImageTarget | None) -> np.ndarray:
    """What is known of each case, `(cases, outputs)` float32.

    Args:
        cases: with texts as targets.
        target: that they are texts of; None: nothing is known of them, there are no outputs.

    Raises:
        Problem: a text does not fit what training had; or there is none.
    """
    if target is None:
        return np.zeros((len(cases), 0), np.float32)
    return np.stack([target.encode_prepared(case.text, case.image, case.name) for case in cases])
