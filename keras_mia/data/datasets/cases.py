"""A case, and the cases of a data set."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing
from keras_mia.data.datasets.case_target import LABEL_MAPS, CaseTarget, ImageFile, Texts
from keras_mia.data.image import Image, grid_difference
from keras_mia.data.io.dicom.images import is_segmentation
from keras_mia.data.io.formats import holds_volume
from keras_mia.data.io.image_io import read_image, read_label
from keras_mia.data.io.labels.binary import where_set
from keras_mia.data.io.labels.ranges import Ranges
from keras_mia.data.io.pictures.channels import one_channel
from keras_mia.data.targets.base import Text

SPLITS = ("train", "validation", "test")
IMAGE = "image"
"""The role of the image where a network is given one."""


@dataclass(frozen=True)
class Slab:
    """A share of one axis, by which a single case is split in space.

    Args:
        axis: of the file's own voxel order.
        low: where it begins, as a share of the axis in 0..1.
        high: where it ends; the voxel there belongs to the next slab.
        within: a mask that limits it further.

    Example:
        >>> Slab(0, 0.5, 1.0).mask((3, 2)).tolist()
        [[False, False], [True, True], [True, True]]
    """

    axis: int
    low: float
    high: float
    within: Path | None = None

    def mask(self, space: Sequence[int]) -> np.ndarray:
        """Which voxels of `space` have their centre in the slab."""
        centre = (np.arange(space[self.axis]) + 0.5) / space[self.axis]
        inside = (centre >= self.low) & (centre < self.high)
        shape = [1] * len(space)
        shape[self.axis] = -1
        return np.broadcast_to(inside.reshape(shape), space).copy()


@dataclass(frozen=True)
class Case:
    """Images of one patient with what is to be learnt of them; the pixels stay in the files.

    Args:
        name: unique among the cases.
        inputs: what a network is given, by role: under `image` the files of the image's channels,
            of which a folder is a DICOM series. Other families have other roles, such as `moving`
            and `fixed`.
        target: what is to be learnt; None where nothing is, or it is not known.
        patient: who may only be in one part of a split.
        split: "train", "validation", "test", or None where it is not yet decided.
        region: a mask's file or a slab that limits training and scoring.
    """

    name: str
    inputs: Mapping[str, tuple[Path, ...]]
    target: CaseTarget | None
    patient: str
    split: str | None = None
    region: Path | Slab | None = None

    def __hash__(self) -> int:
        # By the files: cases of one class have all else in common where names do not count.
        return hash((self.name, *map(tuple, self.inputs.values()), self.region))

    @property
    def images(self) -> tuple[Path, ...]:
        """The files of the image's channels."""
        return self.inputs.get(IMAGE, ())

    @property
    def unsplit(self) -> "Case":
        """The whole of a case that is a part of another; any other as it is."""
        if not isinstance(self.region, Slab):
            return self
        return replace(self, region=self.region.within)

    @property
    def files(self) -> tuple[Path, ...]:
        """All files and folders that it is read from."""
        region = self.region.within if isinstance(self.region, Slab) else self.region
        inputs = (path for paths in self.inputs.values() for path in paths)
        targets = self.target.files if self.target else ()
        return (*inputs, *targets, *((region,) if region else ()))

    @property
    def text(self) -> Text:
        """What is to be learnt of the image as a whole, as the data have it.

        Raises:
            Problem: it has no such target.
        """
        if not isinstance(self.target, Texts):
            raise Problem("The case has no label.", self.name, "Give one to score against.")
        return self.target.text

    @property
    def label_files(self) -> tuple[Path, ...]:
        """The files of the label map, or its folder; none where there is no label map."""
        return self.target.files if isinstance(self.target, LABEL_MAPS) else ()

    @property
    def target_image_files(self) -> tuple[Path, ...]:
        """The file of the image that is to be made; none where there is none."""
        return self.target.files if isinstance(self.target, ImageFile) else ()

    def image(self) -> Image:
        """The channels of all files, joined.

        Raises:
            Problem: a file cannot be read, or the files do not lie on one grid.
        """
        images = [read_image(path) for path in self.images]
        if len(images) > 1:
            images = [one_channel(image) for image in images]
        for path, image in zip(self.images[1:], images[1:], strict=True):
            difference = grid_difference(images[0], image)
            if difference:
                raise Problem(
                    f"The channels of a case share one grid; {self.images[0].name} and this file"
                    f" have {difference}.",
                    path,
                    "Resample them to one grid.",
                )
        if len(images) == 1:
            return images[0]
        array = np.concatenate([image.array for image in images], axis=-1)
        remarks = tuple(dict.fromkeys(one for image in images for one in image.remarks))
        return replace(images[0], array=array, colours=False, remarks=remarks)

    def label(self) -> Image:
        """The label map with its own values, `(*space, 1)` integers.

        A DICOM Segmentation, which may leave out empty slices, is put on the image's grid, and a
        picture on that of an image of one slice.

        Raises:
            Problem: there is none, or it cannot be read.
        """
        if not isinstance(self.target, LABEL_MAPS):
            raise Problem("The case has no label map.", self.name, "Give one to score against.")
        return self.target.read(self._like(self.target.files[0]))

    def target_image(self, image: Image | None = None) -> Image:
        """The image that is to be made, on the grid of that which it is made from.

        Args:
            image: that which it is made from, where it is read already.

        Raises:
            Problem: there is none, or it cannot be read.
        """
        if not isinstance(self.target, ImageFile):
            raise Problem("The case has no target image.", self.name, "Give one to learn from.")
        return self.target.read(self.image() if image is None else image)

    def _like(self, path: Path) -> Image | None:
        """The image, where a label map in this file does not lie on its grid as it is."""
        if not self.images:
            return None
        other = is_segmentation(path) or holds_volume(path) != holds_volume(self.images[0])
        return read_image(self.images[0]) if other else None

    def region_mask(self) -> np.ndarray | None:
        """`(*space)` booleans, True where voxels count; None where all of them do."""
        if self.region is None:
            return None
        if not isinstance(self.region, Slab):
            return self._region(self.region)
        if self.region.within is None:
            image = self.label() if self.label_files else read_image(self.images[0])
            return self.region.mask(image.space)
        mask = self._region(self.region.within)
        return mask & self.region.mask(mask.shape)

    def _region(self, path: Path) -> np.ndarray:
        return where_set(read_label(path, self._like(path)).array[..., 0], path)


@dataclass(frozen=True)
class Incomplete:
    """Files that make no case.

    Args:
        what: they lack.
        files: all of them.
        remedy: what to do about it.
        kind: of finding, as the doctor calls it.
    """

    what: str
    files: tuple[Path | str, ...]
    remedy: str
    kind: str = "incomplete case"

    def problem(self) -> Problem:
        """The same as an error that names the first of the files."""
        return Problem(self.what, listing(self.files), self.remedy)


@dataclass(frozen=True)
class Cases(Sequence):
    """The cases of a data set, with what was understood of it.

    Args:
        cases: in natural order of their names.
        source: what they were read from.
        notes: what was understood, in sentences for the user.
        names: label value -> class name, where the data give them.
        modality: "CT", "MR", ... where the data say so.
        fold: which part tests, "1/5", where that is what split them.
        incomplete: files that were left out, such as images without a label map.
        unchosen: files and folders, of series and observers, that were not chosen.
        warnings: what may be wrong with the cases, in sentences for the user.
        ranges: label values that are read as one, where the user says so.
        facts: found by reading cases, as `survey` adds them.
    """

    cases: tuple[Case, ...]
    source: str
    notes: tuple[str, ...] = ()
    names: Mapping[int, str] = field(default_factory=dict)
    modality: str | None = None
    fold: str | None = None
    incomplete: tuple[Incomplete, ...] = ()
    unchosen: tuple[Path, ...] = ()
    warnings: tuple[str, ...] = ()
    ranges: Ranges = ()
    facts: Mapping[Case, Any] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.cases)

    def __getitem__(self, index):
        return self.cases[index]

    def __iter__(self) -> Iterator[Case]:
        return iter(self.cases)

    def of(self, split: str) -> tuple[Case, ...]:
        """The cases of "train", "validation" or "test"."""
        return tuple(case for case in self.cases if case.split == split)

    @property
    def has_texts(self) -> bool:
        """Whether targets are texts, of images as a whole, and not files."""
        return any(isinstance(case.target, Texts) for case in self.cases)

    def fit(self, targets: Collection[str]) -> bool:
        """Whether the cases' targets may be of these kinds.

        Args:
            targets: as `read_cases` takes them; none: whether no case has a target.
        """
        kinds = {kind for case in self.cases if case.target for kind in case.target.kinds}
        return bool(kinds & {*targets}) if targets else not kinds

    @property
    def train(self) -> tuple[Case, ...]:
        """The cases to train on."""
        return self.of("train")

    @property
    def validation(self) -> tuple[Case, ...]:
        """The cases by which the best model is chosen."""
        return self.of("validation")

    @property
    def test(self) -> tuple[Case, ...]:
        """The cases held out."""
        return self.of("test")
