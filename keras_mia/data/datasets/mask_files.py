"""Several masks of one image, read as its label map."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import ClassVar

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.files.image_groups import like_mask
from keras_mia.data.image import Image, grid_difference
from keras_mia.data.io.image_io import read_label
from keras_mia.data.targets.kinds import LABEL_MAP

BLURRED = 64
"""What a mask of grey values reaches at least, if it may be a blurred one."""


@dataclass(frozen=True)
class Masks:
    """Several masks of one image, which make its label map.

    Args:
        files: of the masks; a voxel is in one where that is not 0, or above the half of
            what a blurred one (JPEG) reaches.
        values: the label value of each; equal ones are merged.
    """

    kinds: ClassVar[tuple[str, ...]] = (LABEL_MAP,)
    files: tuple[Path, ...]
    values: tuple[int, ...]

    def __str__(self) -> str:
        return ", ".join(map(str, self.files))

    read_as: ClassVar[str | None] = None
    """Of a mask only which voxels are set counts, however it is read."""

    def read(self, like: Image | None = None) -> Image:
        """The label map. Of two masks of which one lies within the other, the inner one is on top.

        Args:
            like: as `read_label` takes it.

        Raises:
            Problem: a mask cannot be read, is on another grid, or two overlap otherwise.
        """
        first = read_label(self.files[0], like)
        masks = [_binary(first.array, self.files[0])]
        for file in self.files[1:]:
            mask = read_label(file, like)
            difference = grid_difference(first, mask)
            if difference:
                raise Problem(
                    f"The masks of one image share a grid; {self.files[0].name} and this one have"
                    f" {difference}.",
                    file,
                    "Give masks of the image's own size.",
                )
            masks.append(_binary(mask.array, file))
        self._check_overlap(masks)
        label = np.zeros(first.array.shape, np.uint8 if max(self.values) < 256 else np.int32)
        for index in sorted(range(len(masks)), key=lambda i: -int(masks[i].sum())):
            label[masks[index]] = self.values[index]
        return replace(first, array=label)

    def _check_overlap(self, masks: Sequence[np.ndarray]) -> None:
        for (one, a), (other, b) in combinations(enumerate(masks), 2):
            both = int((a & b).sum())
            nested = both == min(a.sum(), b.sum()) and a.sum() != b.sum()
            if both and self.values[one] != self.values[other] and not nested:
                raise Problem(
                    f"{both} voxels are in two masks of one image, and a voxel has one class:"
                    f" {self.files[one].name} and {self.files[other].name}.",
                    self.files[other],
                    "Give each voxel to one of them, or learn one of them alone, by a CSV file"
                    " with image,label.",
                )


def _binary(array: np.ndarray, path: Path) -> np.ndarray:
    """Where a mask of one structure is set.

    Raises:
        Problem: it holds several labels.
    """
    values = np.unique(array)
    if len(values) == 1 or (len(values) == 2 and values[0] == 0):
        return array != 0
    if values[-1] >= BLURRED and like_mask(array):
        return array > values[-1] / 2
    held = ", ".join(map(str, values[:5].tolist())) + (", ..." if len(values) > 5 else "")
    raise Problem(
        f"A mask of one structure holds 0 and one other value, this one holds {held}.",
        path,
        "Save a mask a structure; or give one label map an image, by a CSV file with image,label.",
    )
