"""Resampling of class probabilities that arrive block by block."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from keras_mia.data.geometry.resampling import linear_weights, resample


def restore_rows(
    blocks: Iterable[tuple[int, np.ndarray]],
    space: Sequence[int],
    new_space: Sequence[int],
    classes: int,
) -> Iterator[tuple[int, np.ndarray]]:
    """Linear resampling along all axes of space, holding two rows of the first axis at a time.

    Args:
        blocks: `(start, block)` in order and without gaps along the first axis, each block
            `(rows, *rest, classes)`.
        space: voxels an axis of all blocks together.
        new_space: voxels an axis of the result.
        classes: the last axis.

    Yields:
        `(index, row)` for each index of the first new axis, row `(*new rest, classes)` float32.

    Raises:
        ValueError: the blocks leave a gap, or have another shape.
    """
    low, high, share = linear_weights(space[0], new_space[0])
    shape = (*space[1:], classes)
    previous = current = None
    rows_read = done = 0
    for start, block in blocks:
        if start != rows_read or block.shape[1:] != shape:
            raise ValueError(
                f"expected rows from {rows_read} of {shape},"
                f" got rows from {start} of {block.shape[1:]}"
            )
        for row in block:
            previous, current = current, resample(row, new_space[1:], smooth=False)
            while done < new_space[0] and high[done] <= rows_read:
                yield done, _between(previous, current, rows_read - low[done], share[done])
                done += 1
            rows_read += 1
        current = np.array(current)  # the block's memory may be used again for the next one
    if rows_read != space[0]:
        raise ValueError(f"{space[0]} rows were expected, {rows_read} came")


def _between(previous, current: np.ndarray, back: int, share: np.float32) -> np.ndarray:
    # `low` is the row before `high`, or, at the upper edge, the same one.
    if back == 0:
        return current
    return previous if share == 0 else previous + (current - previous) * share
