"""What is to be learnt of a case, as its data set has it: each kind knows how it is read."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.mask_files import Masks
from keras_mia.data.geometry.regridding import regrid, share_covered
from keras_mia.data.image import Image, grid_difference
from keras_mia.data.io.image_io import read_image, read_label
from keras_mia.data.targets.base import Text, as_text
from keras_mia.data.targets.kinds import IMAGE, KINDS, LABEL_MAP

RESAMPLED = "Target images on another grid were resampled onto that of their image"
FILLED_UP = "Target images do not reach all of their image: their smallest value stands there"
LEAST_COVERED = 0.95
"""Share of its image that a target on another grid has to show."""


@dataclass(frozen=True)
class LabelMapFile:
    """A label map.

    Args:
        path: of its file, or of a folder of one file an instance.
        read_as: of a picture, "displayed" or "stored" where the data set's label maps are of
            several kinds, as `label_files.common_values` finds.
    """

    kinds: ClassVar[tuple[str, ...]] = (LABEL_MAP,)
    path: Path
    read_as: str | None = None

    def __str__(self) -> str:
        return str(self.path)

    @property
    def files(self) -> tuple[Path, ...]:
        """What it is read from."""
        return (self.path,)

    def read(self, like: Image | None = None) -> Image:
        """The label map with its own values, `(*space, 1)` integers.

        Args:
            like: as `read_label` takes it.

        Raises:
            Problem: it cannot be read.
        """
        return read_label(self.path, like, self.read_as)


@dataclass(frozen=True)
class ImageFile:
    """An image that is to be made from that of the case.

    Args:
        path: of its file, or of the folder of a DICOM series.
    """

    kinds: ClassVar[tuple[str, ...]] = (IMAGE,)
    path: Path

    def __str__(self) -> str:
        return str(self.path)

    @property
    def files(self) -> tuple[Path, ...]:
        """What it is read from."""
        return (self.path,)

    def read(self, like: Image | None = None) -> Image:
        """The image.

        Args:
            like: on whose grid it is put by the affines of both, where it does not lie there; a
                remark says so.

        Raises:
            Problem: it cannot be read, has another number of axes, or lies on another grid and has
                no affine, or nothing in common with the image.
        """
        image = read_image(self.path)
        return image if like is None else self._on_grid(image, like)

    def _on_grid(self, image: Image, like: Image) -> Image:
        if image.rank != like.rank:
            raise Problem(
                f"An image of {like.rank} axes has a target of {image.rank}.",
                self.path,
                "Give both as pictures, or both as volumes.",
            )
        difference = grid_difference(like, image)
        if not difference:
            return image
        if like.affine is None or image.affine is None:
            raise Problem(
                f"An image and its target share one grid; these have {difference}.",
                self.path,
                "Resample one onto the other, or give files with a position, such as NIfTI.",
            )
        covered = share_covered(image.space, image.affine, like.space, like.affine)
        if not covered:
            raise Problem(
                "An image and its target show the same part of the body; these have no voxel in"
                " common, as their headers place them.",
                self.path,
                "Pair it with the image that it was made with, or correct the headers.",
            )
        if covered < LEAST_COVERED:
            raise Problem(
                f"The target shows {100 * covered:.0f} % of what its image shows; the rest would be"
                " learnt and scored as if it were empty.",
                self.path,
                "Crop the image to what both show, or leave the pair out.",
            )
        array = regrid(image.array, image.affine, like.space, like.affine)
        remarks = (RESAMPLED,) if covered == 1 else (RESAMPLED, FILLED_UP)
        return replace(image, array=array, affine=like.affine, remarks=(*image.remarks, *remarks))


@dataclass(frozen=True)
class Texts:
    """What is to be learnt of the image as a whole, as the data spell it.

    Args:
        text: of a column, such as a class; or of several columns, in their order.
    """

    kinds: ClassVar[tuple[str, ...]] = KINDS
    text: Text

    def __str__(self) -> str:
        return as_text(self.text)

    @property
    def files(self) -> tuple[Path, ...]:
        """None: it is read from no file."""
        return ()


CaseTarget = LabelMapFile | Masks | ImageFile | Texts
LABEL_MAPS = (LabelMapFile, Masks)
