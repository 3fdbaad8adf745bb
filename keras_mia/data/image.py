"""An image in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SAME_GRID = 0.1
"""Share of the smallest voxel side by which corners of one grid may differ."""


@dataclass(frozen=True, eq=False)
class Image:
    """Voxels and their place in the world.

    Args:
        array: `(*space, channels)` in the file's own voxel order and dtype; space is
            `(rows, columns)` of a picture or the three axes of a volume.
        affine: `(4, 4)`, from voxel index to RAS mm; None where the file does not say.
        modality: "CT", "MR", ... where the file says so.

    Example:
        >>> Image(np.zeros((20, 30, 10, 1)), np.diag([1.0, 1.0, 2.5, 1.0])).spacing
        (1.0, 1.0, 2.5)
    """

    array: np.ndarray
    affine: np.ndarray | None = None
    modality: str | None = None

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
        """Voxel sizes, in mm where there is an affine, else ones."""
        if self.affine is None:
            return (1.0,) * self.rank
        sizes = np.linalg.norm(np.asarray(self.affine)[:3, : self.rank], axis=0)
        return tuple(float(size) for size in sizes)


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

    Affines may differ by rounding: up to a tenth of the smallest voxel side at any corner.
    """
    if one.space != other.space:
        return f"{_sizes(one.space)} and {_sizes(other.space)} voxels"
    if one.affine is None or other.affine is None:
        return None
    distance = corner_distance(one.affine, other.affine, one.space)
    if distance > SAME_GRID * min(one.spacing):
        return f"grids that lie {distance:.3g} mm apart"
    return None


def corner_distance(one: np.ndarray, other: np.ndarray, space: Sequence[int]) -> float:
    """How far apart two affines `(4, 4)` place the corners of a grid at most, in mm."""
    corners = np.array([*np.ndindex((2,) * len(space))]) * (np.array(space) - 1)
    apart = np.asarray(one) - np.asarray(other)
    moved = corners @ apart[:3, : len(space)].T + apart[:3, 3]
    return float(np.linalg.norm(moved, axis=1).max())


def _sizes(space: tuple[int, ...]) -> str:
    return " x ".join(map(str, space))
