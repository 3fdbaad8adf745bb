"""Images as the network sees them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.geometry.nonzero_box import nonzero_box
from keras_mia.data.geometry.orientation import Orientation
from keras_mia.data.geometry.resampling import resampled_space
from keras_mia.data.image import Image
from keras_mia.data.io.pictures.channels import planned_channels
from keras_mia.data.preprocess.grid import Grid, Watch
from keras_mia.data.preprocess.image_checks import check_image, check_spacing
from keras_mia.data.preprocess.normalize import Scale, scale_of
from keras_mia.data.preprocess.patch_plan import PatchPlan


@dataclass(frozen=True, eq=False)
class Prepared:
    """A prepared image.

    Args:
        array: `(*space, channels)` float32; for a 2D network on volumes the slice axis is first,
            and channels of neighbouring slices follow those of each.
        grid: the way back.
        scale: of its intensities, with the way back.
    """

    array: np.ndarray
    grid: Grid
    scale: Scale

    def restore_labels(self, labels: np.ndarray) -> np.ndarray:
        """A label map `(*space)` of the prepared grid on the source's grid."""
        return self.grid.restore_labels(labels)

    def restore(
        self,
        blocks: Iterable[tuple[int, np.ndarray]],
        classes: int,
        *,
        probabilities: bool = False,
        watch: Watch | None = None,
    ) -> np.ndarray:
        """Class probabilities, block by block, on the source's grid; see `Grid.restore`."""
        return self.grid.restore(blocks, classes, probabilities=probabilities, watch=watch)


def grid_of(image: Image, plan: PatchPlan, where: object = None) -> Grid:
    """How an image gets to the grid that a plan asks for.

    Raises:
        Problem: the plan is not for such an image, as `check_image` and `check_spacing` have it.
    """
    image = planned_channels(image, plan)
    check_image(image, plan, where)
    if plan.spacing_mm is not None and image.spacing_mm is None:
        raise Problem(
            "The image says nothing of its spacing, which the plan needs.",
            where,
            "Give a file with a spacing in mm, such as NIfTI.",
        )
    orientation = Orientation.none(image.rank)
    if plan.orientation == "RAS" and image.affine is not None:
        orientation = Orientation.to_ras(image.affine)
    oriented = orientation.apply(image.array)
    box = tuple((0, size) for size in oriented.shape[:-1])
    if image.rank == 3:
        box = nonzero_box(oriented)
    space = tuple(stop - start for start, stop in box)
    if plan.spacing_mm is not None:
        target, spacing = list(plan.spacing_mm), orientation.permute(image.spacing)
        planned = [None if axis == plan.slice_axis else x for axis, x in enumerate(target)]
        check_spacing(spacing, planned, where)
        if plan.slice_axis is not None:
            target[plan.slice_axis] = spacing[plan.slice_axis]
        space = resampled_space(space, spacing, target)
    return Grid(image.space, image.affine, orientation, box, space, plan.slice_axis)


def way_of(image: Image, plan: PatchPlan, where: object = None) -> tuple[np.ndarray, Grid, Scale]:
    """What of an image is prepared, `(*cut, channels)`, and how it gets to grid and intensities.

    Raises:
        Problem: the plan is not for such an image, as `check_image` and `check_spacing` have it.
    """
    image = planned_channels(image, plan)
    grid = grid_of(image, plan, where)
    cut = grid.crop(image.array)
    return cut, grid, scale_of(cut, plan.normalization, plan.intensities)


def prepare(image: Image, plan: PatchPlan, where: object = None) -> Prepared:
    """An image as the network sees it: in its channels, turned, cut, normalized, resampled.

    Args:
        image: as read.
        plan: what to do.
        where: the file or case, for messages.

    Returns:
        The prepared array with the way back.

    Raises:
        Problem: the plan is not for such an image, as `check_image` and `check_spacing` have it.
    """
    cut, grid, scale = way_of(image, plan, where)
    array = with_neighbours(grid.resample_image(scale.apply(cut)), plan.neighbours)
    return Prepared(array, grid, scale)


def with_neighbours(array: np.ndarray, count: int) -> np.ndarray:
    """Slices with the channels of those beside them; beyond the first and the last these are again.

    Args:
        array: `(slices, ..., channels)`.
        count: slices on either side.

    Returns:
        `(slices, ..., channels * (2 * count + 1))`: each slice's own channels, those of the one
        before and the one after it, of the second before and after, and so on.

    Example:
        >>> with_neighbours(np.array([[1.0], [2.0], [3.0]]), 1).tolist()
        [[1.0, 1.0, 2.0], [2.0, 1.0, 3.0], [3.0, 2.0, 3.0]]
    """
    if not count:
        return array
    numbers = np.arange(len(array))
    shifts = [0, *(sign * step for step in range(1, count + 1) for sign in (-1, 1))]
    parts = [array[np.clip(numbers + shift, 0, len(array) - 1)] for shift in shifts]
    return np.concatenate(parts, axis=-1)
