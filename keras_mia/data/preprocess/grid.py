"""The way from a source's grid to the prepared one, and the exact way back."""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from keras_mia.data.geometry.affines import resampled_affine
from keras_mia.data.geometry.orientation import Orientation
from keras_mia.data.geometry.resampling import resample, resample_labels
from keras_mia.data.preprocess.restore import restore_rows

Watch = Callable[[Callable[[np.ndarray], np.ndarray], np.ndarray], None]
"""Given parts of the probabilities as they are finished: a function that takes the same part of any
array on the source's grid, and the probabilities `(..., classes)`."""


@dataclass(frozen=True, eq=False)
class Grid:
    """The way from a source's grid to the prepared one.

    Args:
        source: voxels an axis of the source, in its own order.
        affine: of the source.
        orientation: how its axes are turned first.
        box: what is then cut out: `((start, stop), ...)` in the turned order.
        space: voxels an axis that the box is resampled to.
        slice_axis: the axis that then comes first, or None.
    """

    source: tuple[int, ...]
    affine: np.ndarray | None
    orientation: Orientation
    box: tuple[tuple[int, int], ...]
    space: tuple[int, ...]
    slice_axis: int | None

    def prepared_affine(self) -> np.ndarray | None:
        """The affine of the prepared volume, before its slice axis comes first."""
        if self.affine is None or len(self.source) != 3:
            return self.affine
        oriented = self.orientation.apply_to_affine(self.affine, self.source)
        shift = np.eye(4)
        shift[:3, 3] = [start for start, _ in self.box]
        return resampled_affine(oriented @ shift, self.cut, self.space)

    @property
    def cut(self) -> tuple[int, ...]:
        """Voxels an axis of the box."""
        return tuple(stop - start for start, stop in self.box)

    def crop(self, array: np.ndarray) -> np.ndarray:
        """A view of `(*source, ...)`, turned and cut to the box."""
        return self.orientation.apply(array)[tuple(slice(*edges) for edges in self.box)]

    def slices_first(self, array: np.ndarray) -> np.ndarray:
        """A view of `(*space, ...)` whose slice axis comes first."""
        return array if self.slice_axis is None else np.moveaxis(array, self.slice_axis, 0)

    def slices_back(self, array: np.ndarray) -> np.ndarray:
        """Undoes `slices_first`."""
        return array if self.slice_axis is None else np.moveaxis(array, 0, self.slice_axis)

    def prepare_labels(self, labels: np.ndarray) -> np.ndarray:
        """A label map `(*source)` on the prepared grid, slices first."""
        cut = self.crop(labels)
        return np.ascontiguousarray(self.slices_first(resample_labels(cut, self.space)))

    def resample_image(self, cut: np.ndarray) -> np.ndarray:
        """An image `(*cut, channels)`, as `crop` gives it, on the prepared grid, slices first."""
        return np.ascontiguousarray(self.slices_first(resample(cut, self.space)))

    def restore_labels(self, labels: np.ndarray) -> np.ndarray:
        """A label map of the prepared grid, slices first, on the source's; 0 outside the box."""
        return self._fill_source(resample_labels(self.slices_back(labels), self.cut))

    def restore(
        self,
        blocks: Iterable[tuple[int, np.ndarray]],
        classes: int,
        *,
        probabilities: bool = False,
        watch: Watch | None = None,
    ) -> np.ndarray:
        """Class probabilities of the prepared grid as a result on the source's grid.

        The blocks are taken one after the other and only their finished rows are kept as labels,
        so that memory does not hold the probabilities of the whole image.

        Args:
            blocks: `(start, block)` in order and without gaps along the first prepared axis, each
                block `(rows, *rest, classes)`.
            classes: how many there are.
            probabilities: whether to keep the probabilities of all classes.
            watch: is given the probabilities of all voxels of the source, a part at a time.

        Returns:
            The most probable class `(*source)`, uint8 or uint16, or all `(*source, classes)`
            float32. Outside the box everything is background.

        Raises:
            ValueError: the blocks leave a gap, or have another shape than the prepared image.
        """
        target = self._slice_size_first(self.cut)
        rows = restore_rows(blocks, self._slice_size_first(self.space), target, classes)
        kept = (*target, classes) if probabilities else target
        dtype = np.float32 if probabilities else np.uint8 if classes < 256 else np.uint16
        result = np.empty(kept, dtype)
        for index, row in rows:
            result[index] = row if probabilities else row.argmax(axis=-1)
            if watch:
                watch(functools.partial(self._row, index), row)
        if watch:
            outside = self._outside()
            background = np.eye(1, classes, dtype=np.float32)
            count = int(np.count_nonzero(outside))
            watch(lambda array: array[outside], np.broadcast_to(background, (count, classes)))
        around = np.eye(1, classes, dtype=np.float32)[0] if probabilities else 0
        return self._fill_source(self.slices_back(result), around)

    def restore_image(
        self, blocks: Iterable[tuple[int, np.ndarray]], channels: int, outside: ArrayLike = 0.0
    ) -> np.ndarray:
        """An image of the prepared grid on the source's grid.

        Args:
            blocks: as `restore` takes them, each `(rows, *rest, channels)`.
            channels: how many there are.
            outside: the value outside of the box, one or one a channel.

        Returns:
            `(*source, channels)` float32.

        Raises:
            ValueError: the blocks leave a gap, or have another shape than the prepared image.
        """
        target = self._slice_size_first(self.cut)
        result = np.empty((*target, channels), np.float32)
        rows = restore_rows(blocks, self._slice_size_first(self.space), target, channels)
        for index, row in rows:
            result[index] = row
        return self._fill_source(self.slices_back(result), outside)

    def _row(self, index: int, array: np.ndarray) -> np.ndarray:
        """What of an array `(*source, ...)` a row of the result belongs to."""
        return self.slices_first(self.crop(array))[index]

    def _outside(self) -> np.ndarray:
        """True outside of the box, `(*source)`."""
        mask = np.ones(self.source, bool)
        self.crop(mask)[...] = False
        return mask

    def _slice_size_first(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        if self.slice_axis is None:
            return sizes
        first = self.slice_axis
        return (sizes[first], *sizes[:first], *sizes[first + 1 :])

    def _fill_source(self, cut: np.ndarray, outside: ArrayLike = 0) -> np.ndarray:
        """What is in the box on the source's grid, with the same value in all voxels outside."""
        if self.cut == self.orientation.permute(self.source):
            return np.ascontiguousarray(self.orientation.undo(cut))
        full = np.empty((*self.source, *cut.shape[len(self.source) :]), cut.dtype)
        full[...] = outside
        # A view of `full` in the turned order, so that writing into it fills the source's order.
        self.orientation.apply(full)[tuple(slice(*edges) for edges in self.box)] = cut
        return full
