"""Voxel grids: their orientation and their resampling, each with its exact way back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from nibabel.orientations import io_orientation
from scipy.ndimage import gaussian_filter1d

SLAB = 2**20
"""Voxels of a label map that are resampled at a time."""


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


def without_shears(affine: np.ndarray) -> np.ndarray:
    """The affine whose axes are at right angles: the first stays, the second stays in its plane.

    Args:
        affine: voxel index to RAS mm, `(4, 4)`.

    Returns:
        float64 `(4, 4)` with the same spacing and origin.

    Example:
        >>> affine = np.array([[1, 0, 0, 0], [0, 1, 3, 0], [0, 0, 4, 0], [0, 0, 0, 1]])
        >>> without_shears(affine)[:3, 2].tolist()
        [0.0, 0.0, 5.0]
    """
    sizes = np.linalg.norm(affine[:3, :3], axis=0)
    first, second, third = (affine[:3, :3] / sizes).T
    second = second - (second @ first) * first
    second /= np.linalg.norm(second)
    normal = np.cross(first, second)
    upright = np.array(affine, float)
    upright[:3, :3] = np.stack([first, second, normal * np.sign(normal @ third)], axis=1) * sizes
    return upright


def shear(affine: np.ndarray) -> float:
    """The largest angle in degrees by which an axis departs from a right angle with the others.

    Args:
        affine: voxel index to RAS mm, `(4, 4)`.
    """
    one, other = (matrix[:3, :3] for matrix in (affine, without_shears(affine)))
    cosines = (one * other).sum(axis=0) / np.linalg.norm(one, axis=0) ** 2
    return float(np.degrees(np.arccos(np.clip(cosines, -1, 1))).max())


def resampled_space(
    space: Sequence[int], spacing: Sequence[float], target: Sequence[float]
) -> tuple[int, ...]:
    """The number of voxels of `target` mm that cover what `space` voxels of `spacing` mm cover.

    An axis whose spacing is within 1 % of the target stays as it is: resampling would blur more
    than it repairs.

    Args:
        space: voxels an axis.
        spacing: in mm.
        target: the spacing to come, in mm.

    Returns:
        Voxels an axis, at least one.

    Example:
        >>> resampled_space((100, 51, 30), (1.0, 1.0, 5.0), (1.004, 2.0, 1.0))
        (100, 26, 150)
    """
    return tuple(
        size if abs(now / goal - 1) < 0.01 else max(1, round(size * now / goal))
        for size, now, goal in zip(space, spacing, target, strict=True)
    )


def resampled_affine(
    affine: np.ndarray, space: Sequence[int], new_space: Sequence[int]
) -> np.ndarray:
    """The affine of a volume after its grid was cut into `new_space` voxels, edges aligned.

    Args:
        affine: voxel index to RAS mm, `(4, 4)`.
        space: voxels an axis before.
        new_space: voxels an axis afterwards.

    Returns:
        float64 `(4, 4)`.
    """
    scale = np.array(space, float) / np.array(new_space, float)
    step = np.diag([*scale, 1.0])
    step[:3, 3] = scale / 2 - 0.5
    return affine @ step


def voxel_centres(old: int, new: int, step: float) -> np.ndarray:
    """Where along an axis of `old` voxels the centres of `new` ones lie, each as long as `step`.

    The middles of both rows lie on each other: what is beyond -0.5 or `old - 0.5` is outside.

    Args:
        old: voxels that there are.
        new: voxels that are wanted.
        step: length of a new voxel in old ones.

    Returns:
        float64 `(new,)`, the first old voxel lying at 0.
    """
    return (np.arange(new) + 0.5 - new / 2) * step + (old - 1) / 2


def weights(
    old: int, new: int, step: float | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each of `new` voxels along an axis: the two of `old` beside it, and the upper's share.

    Args:
        old: voxels that there are.
        new: voxels that are wanted.
        step: how many of the old ones a new one is long; None: so many that the ends meet.

    Returns:
        Indices of the lower and of the upper neighbour, and float32 shares, `(new,)` each.
    """
    centre = np.clip(voxel_centres(old, new, step or old / new), 0, old - 1)
    low = np.floor(centre).astype(np.intp)
    return low, np.minimum(low + 1, old - 1), (centre - low).astype(np.float32)


def resample(
    array: np.ndarray,
    new_space: Sequence[int],
    *,
    steps: Sequence[float] | None = None,
    smooth: bool = True,
) -> np.ndarray:
    """Linear resampling, one axis after the other.

    Args:
        array: `(*space, ...)`; axes behind those of space stay.
        new_space: the new number of voxels an axis.
        steps: how many voxels a new one is long, an axis: the grids then share their centre, and
            what lies outside of the array repeats its border; None: they share their outer edges.
        smooth: whether an axis that shrinks by more than 1.5 is smoothed first, so that detail
            between the new voxels counts as well.

    Returns:
        `(*new_space, ...)` float32; the array itself where nothing changes.

    Example:
        >>> resample(np.array([0.0, 1.0]), (4,)).tolist()
        [0.0, 0.25, 0.75, 1.0]
    """
    result = np.asarray(array, np.float32)
    if steps is None:
        steps = [old / new for old, new in zip(array.shape, new_space, strict=False)]
    # The axis that shrinks most goes first: the later ones then have less to do.
    order = sorted(range(len(new_space)), key=lambda axis: new_space[axis] / array.shape[axis])
    for axis in order:
        old, new, step = result.shape[axis], new_space[axis], steps[axis]
        if old == new and step == 1:
            continue
        if smooth and step > 1.5:
            result = gaussian_filter1d(result, (step - 1) / 2, axis, mode="nearest")
        result = _interpolated(result, axis, *weights(old, new, step))
    return result


def _interpolated(
    array: np.ndarray, axis: int, low: np.ndarray, high: np.ndarray, share: np.ndarray
) -> np.ndarray:
    """Between the voxels of an axis, a slab after the other: memory holds the result alone."""
    result = np.empty((*array.shape[:axis], len(low), *array.shape[axis + 1 :]), array.dtype)
    rows = max(1, SLAB // max(1, result[:1].size))
    across = (-1,) + (1,) * (array.ndim - axis - 1)
    for start in range(0, len(result), rows):
        part = slice(start, start + rows)
        lower, upper = (
            array[index[part]] if axis == 0 else array[part].take(index, axis)
            for index in (low, high)
        )
        upper -= lower
        upper *= (share[part] if axis == 0 else share).reshape(across)
        np.add(lower, upper, out=result[part])
    return result


def resample_labels(labels: np.ndarray, new_space: Sequence[int]) -> np.ndarray:
    """Resampling of a label map: each new voxel takes the label that weighs most around it.

    It is what linear resampling of every class by itself, then the largest, would give, at a cost
    that does not grow with the number of classes. Nearest would leave jagged borders.

    Args:
        labels: `(*space)` integer.
        new_space: the new number of voxels an axis.

    Returns:
        `(*new_space)` of the same dtype; the array itself where nothing changes.

    Example:
        >>> resample_labels(np.array([0, 0, 7]), (6,)).tolist()
        [0, 0, 0, 0, 7, 7]
    """
    space = labels.shape
    if space == tuple(new_space):
        return labels
    axes = [weights(old, new) for old, new in zip(space, new_space, strict=True)]
    result = np.empty(new_space, labels.dtype)
    rows = max(1, SLAB // max(1, int(np.prod(new_space[1:]))))
    for start in range(0, new_space[0], rows):
        part = slice(start, min(start + rows, new_space[0]))
        first = tuple(values[part] for values in axes[0])
        result[part] = _vote(labels, [first, *axes[1:]])
    return result


def _vote(labels: np.ndarray, axes: Sequence[tuple]) -> np.ndarray:
    values: list[np.ndarray] = [labels]
    corners: list[tuple[np.ndarray, ...]] = [()]
    for axis, (low, high, share) in enumerate(axes):
        ends = [(low, 1 - share), (high, share)] if share.any() else [(low, 1 - share)]
        values = [value.take(index, axis) for value in values for index, _ in ends]
        corners = [(*before, weight) for before in corners for _, weight in ends]
    result = values[0].copy()
    mixed = np.zeros(result.shape, bool)
    for other in values[1:]:
        mixed |= other != result
    where = np.nonzero(mixed)
    if not where[0].size:
        return result
    around = np.stack([value[where] for value in values])
    by_axis = [[corner[axis][index] for corner in corners] for axis, index in enumerate(where)]
    weight = np.prod(np.array(by_axis), axis=0)
    support = np.stack([np.where(around == label, weight, 0).sum(axis=0) for label in around])
    result[where] = np.take_along_axis(around, support.argmax(axis=0)[None], axis=0)[0]
    return result


def nonzero_box(array: np.ndarray) -> tuple[tuple[int, int], ...]:
    """The smallest box `((start, stop), ...)` that holds all that is not zero in any channel.

    Args:
        array: `(*space, channels)`.

    Returns:
        One pair an axis of space; the whole space where all is zero.

    Example:
        >>> image = np.zeros((4, 5, 1)); image[1:3, 2] = 1
        >>> nonzero_box(image)
        ((1, 3), (2, 3))
    """
    full = (array != 0).any(axis=-1)
    box = []
    for axis in range(full.ndim):
        others = tuple(other for other in range(full.ndim) if other != axis)
        filled = np.flatnonzero(full.any(axis=others))
        if not filled.size:
            return tuple((0, size) for size in full.shape)
        box.append((int(filled[0]), int(filled[-1]) + 1))
    return tuple(box)
