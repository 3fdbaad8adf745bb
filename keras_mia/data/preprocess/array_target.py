"""What is learnt of each voxel, as an array on the prepared grid: a label map, or an image."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from keras_mia.data.datasets.cases import Case
from keras_mia.data.datasets.splits.spatial import part_of
from keras_mia.data.fingerprint.finite import finite_range
from keras_mia.data.fingerprint.intensity import Intensity
from keras_mia.data.image import Image
from keras_mia.data.preprocess.grid import Grid
from keras_mia.data.preprocess.normalize import Scale, scale_of
from keras_mia.data.targets.array_kind import IMAGE, LABEL_MAP, ArrayKind
from keras_mia.data.targets.label_map import IGNORE, Classes

POINTS = 10_000
ALL_POINTS = 100_000


class ArrayTarget(Protocol):
    """What a plan says of such a target."""

    @property
    def kind(self) -> ArrayKind:
        """How its arrays are stored, moved and filled up."""

    def prepare(self, case: Case, grid: Grid, scale: Scale) -> np.ndarray:
        """The target of a case on the prepared grid of its image.

        Args:
            case: whose files are read.
            grid: of its prepared image.
            scale: of its image's intensities.

        Raises:
            Problem: it cannot be read, or is none of those that the plan is for.
        """

    def points(self, prepared: np.ndarray, seed: int) -> list[np.ndarray]:
        """Coordinates `(n, axes)` of voxels to draw patches around, one array a class; none where
        patches may lie anywhere."""


class LabelMapTarget:
    """A class for each voxel.

    Args:
        classes: that name the label values.
    """

    kind = LABEL_MAP

    def __init__(self, classes: Classes):
        self.classes = classes

    def prepare(self, case: Case, grid: Grid, scale: Scale) -> np.ndarray:
        """Classes `(*space)` uint8, `IGNORE` outside of the case's region."""
        encoded = self.classes.encode(case.label().array[..., 0], case.target)
        region = case.region_mask()
        if region is not None:
            encoded = np.where(region, encoded, np.uint8(IGNORE))
        return grid.prepare_labels(encoded)

    def points(self, prepared: np.ndarray, seed: int) -> list[np.ndarray]:
        """Those of each class but the background."""
        return foreground_points(prepared, len(self.classes.names), seed)


class PairedImageTarget:
    """An image on the grid of the one that it is to be made from.

    Args:
        normalization: scheme of its intensities, as `scale_of` takes it; "image": that of the image
            which it is made from, whose values mean the same.
        intensities: of the training targets, one a channel, where the scheme needs them.
        read: from a case to its target on its image's grid; None: as the case has it.
    """

    kind = IMAGE

    def __init__(
        self,
        normalization: str = "zscore",
        intensities: Sequence[Intensity] = (),
        read: Callable[[Case], Image] | None = None,
    ):
        self.normalization, self.intensities = normalization, tuple(intensities)
        self.read = read or read_target

    def scale(self, array: np.ndarray, of_image: Scale) -> Scale:
        """The scale of a target's intensities.

        Args:
            array: the target, `(*space, channels)`.
            of_image: that of the image which it is made from.
        """
        if self.normalization == "image":
            return of_image
        # Not clipped: what is cut off a target could never be made again.
        return replace(scale_of(array, self.normalization, self.intensities), clip=None)

    def prepare(self, case: Case, grid: Grid, scale: Scale) -> np.ndarray:
        """Intensities `(*space, channels)` float32."""
        target = self.read(case)
        finite_range(target, [case.target or case.name])
        cut = grid.crop(target.array)
        return grid.resample_image(self.scale(cut, scale).apply(cut))

    def points(self, prepared: np.ndarray, seed: int) -> list[np.ndarray]:
        """None: all voxels count alike."""
        return []


def read_target(case: Case) -> Image:
    """The image that is to be made of a case's image, of the part that the case is limited to.

    Args:
        case: whose files are read.

    Raises:
        Problem: it cannot be read, or there is none.
    """
    return part_of(case.target_image(), case.region)


def foreground_points(label: np.ndarray, classes: int, seed: int) -> list[np.ndarray]:
    """For each class but the background, coordinates of up to 10,000 of its voxels.

    Args:
        label: `(*space)` classes.
        classes: how many there are, with background.
        seed: of the choice.

    Returns:
        A `(n, axes)` array a class, int16 where that suffices.
    """
    generator = np.random.default_rng(seed)
    most = min(POINTS, ALL_POINTS // max(1, classes - 1))
    flat = label.reshape(-1)
    foreground = np.flatnonzero((flat != 0) & (flat != IGNORE))
    values = flat[foreground]
    dtype = np.int16 if max(label.shape) < 2**15 else np.int32
    points = []
    for index in range(1, classes):
        of_class = foreground[values == index]
        if of_class.size > most:
            of_class = np.sort(generator.choice(of_class, most, replace=False))
        points.append(np.stack(np.unravel_index(of_class, label.shape), axis=1).astype(dtype))
    return points
