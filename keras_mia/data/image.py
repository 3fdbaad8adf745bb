"""An image in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.geometry.orientation import Orientation

SAME_GRID = 0.1
"""Share of the smallest voxel side by which corners of one grid may differ."""
UNPLACED = "The header gives no orientation, voxels are taken as they lie"
"""What is said of volumes whose format could hold one."""


@dataclass(frozen=True, eq=False)
class Image:
    """Voxels, and where they lie in the patient.

    Args:
        array: `(*space, channels)` in the file's own voxel order and dtype; space is
            `(rows, columns)` of a picture or the three axes of a volume.
        affine: `(4, 4)`, from voxel index to RAS mm; None where the file gives no orientation.
        modality: "CT", "MR", ... where the file says so.
        voxel_mm: the sides of a voxel where a file gives them, but no orientation.
        header: what a file of this format says of its geometry beyond the affine, as its reader
            keeps it; a writer of the same format writes it again.
        colours: whether three channels are red, green and blue.
        columns_first: whether the axes of a slice are a picture's columns and rows, as in DICOM.
        remarks: what was done to it when it was read, in words that a count of files can follow.

    Example:
        >>> Image(np.zeros((20, 30, 10, 1)), np.diag([1.0, 1.0, 2.5, 1.0])).spacing
        (1.0, 1.0, 2.5)
    """

    array: np.ndarray
    affine: np.ndarray | None = None
    modality: str | None = None
    voxel_mm: tuple[float, ...] | None = None
    header: Any = None
    colours: bool = False
    columns_first: bool = False
    remarks: tuple[str, ...] = ()

    @property
    def rank(self) -> int:
        """2 of a picture, 3 of a volume."""
        return self.array.ndim - 1

    @property
    def space(self) -> tuple[int, ...]:
        """Voxels an axis."""
        return self.array.shape[:-1]

    @property
    def spacing(self) -> tuple[float, ...]:
        """The sides of a voxel, in mm where the file says them, else ones."""
        return self.spacing_mm or (1.0,) * self.rank

    @property
    def spacing_mm(self) -> tuple[float, ...] | None:
        """The sides of a voxel; None where the file does not say."""
        if self.affine is None:
            return self.voxel_mm
        sizes = np.linalg.norm(np.asarray(self.affine)[:3, : self.rank], axis=0)
        return tuple(float(size) for size in sizes)


def are_colours(array: np.ndarray) -> bool:
    """Whether three channels are taken as red, green and blue where the format does not say.

    Args:
        array: `(*space, channels)`.
    """
    return array.shape[-1] == 3 and array.dtype == np.uint8


def integer_type(low: int, high: int, kinds: str = "BbHhIiLl") -> np.dtype:
    """The smallest integer type that holds `low` to `high`.

    Args:
        low: the smallest value.
        high: the largest value.
        kinds: numpy's codes of the types to choose from, smallest first.

    Raises:
        ValueError: none of them does.

    Example:
        >>> integer_type(0, 255), integer_type(-1, 3)
        (dtype('uint8'), dtype('int8'))
    """
    for kind in kinds:
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return np.dtype(kind)
    raise ValueError(f"no type for integers from {low} to {high}")


def grid_difference(one: Image, other: Image) -> str | None:
    """What keeps two images from lying on one grid, in words; None where they do.

    Affines may differ by rounding: up to a tenth of the smallest voxel side at any corner. Where
    one of them has no orientation, their voxels are taken as they lie.

    Args:
        one: any image.
        other: any image.
    """
    if one.space != other.space:
        return f"{_sizes(one.space)} and {_sizes(other.space)} voxels"
    if one.affine is None or other.affine is None:
        return None
    distance = corner_distance(one.affine, other.affine, one.space)
    if distance > SAME_GRID * min(one.spacing):
        return f"grids that lie {distance:.3g} mm apart"
    return None


def put_on(label: Image, grid: Image) -> Image:
    """A label map that holds some of a grid's slices, on the whole grid; 0 where it holds none.

    Its axes may run against those of the grid.

    Args:
        label: a volume of one channel.
        grid: any image.

    Returns:
        `label` itself where its voxels are not voxels of `grid`.

    Example:
        >>> whole = Image(np.zeros((1, 1, 4, 1)), np.eye(4))
        >>> downwards = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, -1, 2], [0, 0, 0, 1]])
        >>> put_on(Image(np.array([[[[7], [8]]]]), downwards), whole).array.ravel().tolist()
        [0, 8, 7, 0]
    """
    if label.affine is None or grid.affine is None or label.rank != 3 or grid.rank != 3:
        return label
    to_grid = np.linalg.inv(grid.affine)
    against = np.diag(to_grid @ label.affine)[:3] < 0
    orientation = Orientation((0, 1, 2), tuple(against.tolist()))
    affine = orientation.apply_to_affine(label.affine, label.space)
    part = Image(orientation.apply(label.array), affine)
    start = np.round((to_grid @ affine)[:3, 3]).astype(int)
    expected = grid.affine.copy()
    expected[:3, 3] = (grid.affine @ [*start, 1])[:3]
    outside = (start < 0).any() or (start + part.space > grid.space).any()
    if outside or grid_difference(part, Image(part.array, expected)):
        return label
    array = np.zeros((*grid.space, 1), label.array.dtype)
    array[tuple(slice(i, i + n) for i, n in zip(start, part.space, strict=True))] = part.array
    return Image(array, grid.affine)


def as_slice(label: Image, image: Image, where: object = None) -> Image:
    """A label map on the grid of its image, where one is a picture and the other has one slice.

    Args:
        label: of one channel.
        image: that it belongs to.
        where: the label map's file, for messages.

    Returns:
        `label` itself where both have the same number of axes, or sizes that do not fit.

    Raises:
        Problem: it is not clear which axis of the slice are the rows of the picture.

    Example:
        >>> radiograph = Image(np.zeros((3, 2, 1, 1)), columns_first=True)
        >>> as_slice(Image(np.arange(6).reshape(2, 3, 1)), radiograph).array[..., 0, 0].tolist()
        [[0, 3], [1, 4], [2, 5]]
    """
    if {label.rank, image.rank} != {2, 3}:
        return label
    volume, picture = (label, image) if label.rank == 3 else (image, label)
    first = {"columns": picture.space[::-1], "rows": picture.space}
    fits = [name for name, space in first.items() if volume.space == (*space, 1)]
    if volume.columns_first:
        fits = [name for name in fits if name == "columns"]
    if len(fits) > 1:
        raise Problem(
            "Of a volume of one slice and a picture, both square, it is not clear which axis of the"
            " slice are the rows of the picture.",
            where,
            "Save image and label map as one kind of file (both PNG, or both NIfTI), or the volume"
            " as DICOM, MetaImage or NRRD, whose first axis are the columns.",
        )
    if not fits:
        return label
    array = label.array[:, :, 0] if label.rank == 3 else label.array
    array = array.transpose(1, 0, 2) if fits == ["columns"] else array
    remarks = label.remarks
    if not volume.columns_first:
        remarks += (f"The first axis of a volume's slice is taken for a picture's {fits[0]}",)
    array = array if image.rank == 2 else array[:, :, None]
    if image.spacing_mm is None and label.spacing_mm:
        spacing = label.spacing_mm[:2]
        image = replace(image, voxel_mm=spacing[::-1] if fits == ["columns"] else spacing)
    return replace(image, array=array, colours=False, remarks=remarks)


def corner_distance(one: np.ndarray, other: np.ndarray, space: Sequence[int]) -> float:
    """How far apart two affines `(4, 4)` place the corners of a grid at most, in mm.

    Args:
        one: voxel index to RAS mm.
        other: voxel index to RAS mm.
        space: voxels an axis of the grid.
    """
    corners = np.array([*np.ndindex((2,) * len(space))]) * (np.array(space) - 1)
    difference = np.asarray(one) - np.asarray(other)
    moved = corners @ difference[:3, : len(space)].T + difference[:3, 3]
    return float(np.linalg.norm(moved, axis=1).max())


def _sizes(space: tuple[int, ...]) -> str:
    return " x ".join(map(str, space))


def ras_orientation(image: Image) -> Orientation:
    """How an image is turned when it is prepared: volumes to RAS+, pictures not at all.

    Args:
        image: as read.
    """
    if image.rank != 3 or image.affine is None:
        return Orientation.none(image.rank)
    return Orientation.to_ras(image.affine)
