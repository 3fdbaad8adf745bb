"""Images of any size through a network of one window, in bounded memory."""

import itertools
from collections.abc import Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf

from keras_mia.data.pipeline.patches import extract, gaussian_weight, grid

OVERLAP = 0.5
PIECE = 2**26
"""Bytes of finished probabilities that are given at a time, one row at least."""


def mirrorings(axes: Sequence[int]) -> list[tuple[int, ...]]:
    """All ways to mirror an image along some of these axes; first along none.

    Example:
        >>> mirrorings((0, 1))
        [(), (0,), (1,), (0, 1)]
    """
    return [
        subset for count in range(len(axes) + 1) for subset in itertools.combinations(axes, count)
    ]


def views(mirror: Sequence[int] = (), transpose: tuple[int, int] | None = None) -> list[tuple]:
    """All ways to view an image: whether two axes are exchanged, and which ones are mirrored.

    Example:
        >>> len(views((0, 1))), len(views((0, 1), (0, 1)))
        (4, 8)
    """
    return [
        (order, axes)
        for order in ((), transpose)
        if order is not None
        for axes in mirrorings(mirror)
    ]


def window_starts(
    space: Sequence[int], window: Sequence[int], overlap: float = OVERLAP
) -> list[tuple[int, ...]]:
    """Where the windows begin in a prepared image, filled up to the window where it is smaller.

    Args:
        space: voxels an axis.
        window: side lengths; one less where a 2D network goes through slices.
        overlap: share of a window that the next one covers again.
    """
    if len(space) > len(window):
        window = (1, *window)
    return grid([max(n, length) for n, length in zip(space, window, strict=True)], window, overlap)


class SlidingWindow:
    """Predicts window by window; overlapping windows are blended by a Gaussian weight.

    A 2D network goes through a volume slice by slice, along its first axis.

    Args:
        models: one or several with the same input; their probabilities are averaged.
        window: side lengths in voxels, one for each spatial axis of the network.
        overlap: share of a window that the next one covers again.
        batch_size: windows that go through the network at once.
        mirror: axes of the network along which the image is also mirrored; the predictions of
            all combinations, mirrored back, are averaged.
        transpose: two axes with sides of equal length that are also exchanged: with both mirrored,
            the eight ways in which a square can lie.

    Raises:
        ValueError: the sides of the window to exchange differ.

    Source: Gaussian weight and mirroring as in Isensee et al. (2021), nnU-Net,
    doi:10.1038/s41592-020-01008-z.
    """

    def __init__(
        self,
        models: keras.Model | Sequence[keras.Model],
        window: Sequence[int],
        *,
        overlap: float = OVERLAP,
        batch_size: int = 4,
        mirror: Sequence[int] = (),
        transpose: tuple[int, int] | None = None,
    ):
        if transpose and window[transpose[0]] != window[transpose[1]]:
            raise ValueError(f"axes {transpose} of a window of {tuple(window)} differ in length")
        self.models = [models] if isinstance(models, keras.Model) else list(models)
        self.window, self.overlap, self.batch_size = tuple(window), overlap, batch_size
        self.weight = gaussian_weight(self.window)[..., None]
        channels = self.models[0].input_shape[-1]
        self._views = [
            (self._order(exchanged), [1 + axis for axis in axes])
            for exchanged, axes in views(mirror, transpose)
        ]
        self._predict = tf.function(
            self._average, input_signature=[tf.TensorSpec((None, *self.window, channels))]
        )

    def _order(self, exchanged: Sequence[int]) -> list[int]:
        order = list(range(2 + len(self.window)))
        if exchanged:
            one, other = (1 + axis for axis in exchanged)
            order[one], order[other] = other, one
        return order

    def _average(self, images):
        # An exchange of two axes is its own inverse, as mirroring is.
        outputs = [
            tf.transpose(tf.reverse(_main(model(view, training=False)), axes), order)
            for order, axes in self._views
            for view in [tf.reverse(tf.transpose(images, order), axes)]
            for model in self.models
        ]
        return tf.cast(tf.add_n(outputs) / len(outputs), tf.float32)

    def blocks(self, array: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        """Probabilities of the whole image, in blocks along the first axis, in order.

        Never more than one window's height of them is held, and a piece that is given away, however
        many classes there are.

        Args:
            array: a prepared image, `(*space, channels)`.

        Yields:
            `(first row, (rows, *other space, classes) float32)`.
        """
        slices = array.ndim - 1 > len(self.window)
        window = (1, *self.window) if slices else self.window
        weight = self.weight[None] if slices else self.weight
        space = array.shape[:-1]
        before = [max(0, length - n) // 2 for n, length in zip(space, window, strict=True)]
        padded = [max(n, length) for n, length in zip(space, window, strict=True)]
        starts = window_starts(space, self.window, self.overlap)
        windows = self._windows(array, window, starts, before)
        inside = tuple(slice(b, b + n) for b, n in zip(before[1:], space[1:], strict=True))

        blend = None
        for start, probabilities in windows:
            if blend is None:
                blend = _Blend((window[0], *padded[1:]), weight, probabilities.shape[-1])
            for row, block in blend.up_to(start[0]):
                yield from _inside(row, block, before[0], space[0], inside)
            blend.add(start, probabilities)
        for row, block in blend.up_to(padded[0]) if blend else ():
            yield from _inside(row, block, before[0], space[0], inside)

    def _windows(self, array, window, starts, before):
        for first in range(0, len(starts), self.batch_size):
            chosen = starts[first : first + self.batch_size]
            batch = np.stack(
                [
                    extract(array, [s - b for s, b in zip(start, before, strict=True)], window, 0)
                    for start in chosen
                ]
            ).astype(np.float32)
            if len(window) > len(self.window):
                batch = batch[:, 0]
            outputs = self._predict(batch).numpy()
            if len(window) > len(self.window):
                outputs = outputs[:, None]
            yield from zip(chosen, outputs, strict=True)


def _main(outputs):
    """The full-resolution output of a network with several (deep supervision)."""
    return outputs[0] if isinstance(outputs, list | tuple) else outputs


class _Blend:
    """Weighted sums over one window's height of the image, moving down."""

    def __init__(self, shape: tuple[int, ...], weight: np.ndarray, classes: int):
        self.weight, self.top = weight, 0
        self.total = np.zeros((*shape, classes), np.float32)
        self.norm = np.zeros((*shape, 1), np.float32)

    def add(self, start: Sequence[int], probabilities: np.ndarray) -> None:
        region = (
            slice(None),
            *(slice(at, at + n) for at, n in zip(start[1:], self.weight.shape[1:], strict=False)),
        )
        self.total[region] += probabilities * self.weight
        self.norm[region] += self.weight

    def up_to(self, row: int) -> Iterator[tuple[int, np.ndarray]]:
        """The rows above `row`, to which no window adds any more."""
        done = min(row - self.top, len(self.total))
        if done <= 0:
            return
        rows = max(1, PIECE // self.total[0].nbytes)
        for first in range(0, done, rows):
            piece = slice(first, min(first + rows, done))
            yield self.top + first, self.total[piece] / self.norm[piece]
        for buffer in (self.total, self.norm):
            for at in range(done, len(buffer)):  # at once, it would need a copy of all that moves
                buffer[at - done] = buffer[at]
            buffer[len(buffer) - done :] = 0
        self.top = row


def _inside(
    row: int, block: np.ndarray, before: int, rows: int, inside: tuple[slice, ...]
) -> Iterator[tuple[int, np.ndarray]]:
    """A block without what padding added."""
    low, high = max(row, before), min(row + len(block), before + rows)
    if low < high:
        yield low - before, block[(slice(low - row, high - row), *inside)]
