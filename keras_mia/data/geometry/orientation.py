"""The order of a volume's axes, with its exact way back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from nibabel.orientations import io_orientation


@dataclass(frozen=True)
class Orientation:
    """A permutation of the axes of space followed by flips.

    Args:
        axes: the source axis that becomes axis 0, 1, ...
        flipped: whether each of the new axes runs against its source axis.

    Example:
        >>> orientation = Orientation((1, 0), (False, True))
        >>> array = np.arange(6).reshape(2, 3)
        >>> upright = orientation.apply(array)
        >>> upright.shape, np.array_equal(orientation.undo(upright), array)
        ((3, 2), True)
    """

    axes: tuple[int, ...]
    flipped: tuple[bool, ...]

    @classmethod
    def none(cls, rank: int) -> "Orientation":
        """The one that changes nothing.

        Args:
            rank: axes of space.
        """
        return cls(tuple(range(rank)), (False,) * rank)

    @classmethod
    def to_ras(cls, affine: np.ndarray) -> "Orientation":
        """The one that brings a volume closest to RAS+.

        Args:
            affine: voxel index to RAS mm, `(4, 4)`.
        """
        codes = io_orientation(affine)
        axes = np.argsort(codes[:, 0])
        return cls(tuple(int(axis) for axis in axes), tuple(bool(codes[a, 1] < 0) for a in axes))

    def apply(self, array: np.ndarray) -> np.ndarray:
        """A view of `(*space, ...)` in the new order; axes behind those of space stay.

        Args:
            array: `(*space, ...)` in the source's order.

        Returns:
            A view.
        """
        rank = len(self.axes)
        permuted = array.transpose(*self.axes, *range(rank, array.ndim))
        return permuted[self._flips]

    def undo(self, array: np.ndarray) -> np.ndarray:
        """A view of `(*space, ...)` in the source's order.

        Args:
            array: `(*space, ...)` in the new order.

        Returns:
            A view.
        """
        rank = len(self.axes)
        back = np.argsort(self.axes).tolist()
        return array[self._flips].transpose(*back, *range(rank, array.ndim))

    def apply_to_affine(self, affine: np.ndarray, space: Sequence[int]) -> np.ndarray:
        """The affine of a volume in the new order.

        Args:
            affine: of the volume in the source's order, `(4, 4)`.
            space: its voxels an axis, in the source's order.

        Returns:
            float64 `(4, 4)`.
        """
        back = np.zeros((4, 4))
        back[3, 3] = 1
        for axis, (origin, flip) in enumerate(zip(self.axes, self.flipped, strict=True)):
            back[origin, axis] = -1 if flip else 1
            back[origin, 3] = space[origin] - 1 if flip else 0
        return affine @ back

    def permute(self, values: Sequence) -> tuple:
        """One value an axis, such as a shape or a spacing, in the new order.

        Args:
            values: one an axis of the source.

        Returns:
            The same values.
        """
        return tuple(values[axis] for axis in self.axes)

    @property
    def _flips(self) -> tuple[slice, ...]:
        return tuple(slice(None, None, -1 if flip else 1) for flip in self.flipped)


def tilt(affine: np.ndarray, orientation: Orientation) -> float:
    """The largest angle in degrees between an axis of a volume and the axis of RAS+ it becomes.

    Args:
        affine: voxel index to RAS mm, `(4, 4)`.
        orientation: `Orientation.to_ras(affine)`.
    """
    directions = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    along = np.abs(directions[np.arange(3), list(orientation.axes)])
    return float(np.degrees(np.arccos(np.clip(along, 0, 1))).max())
