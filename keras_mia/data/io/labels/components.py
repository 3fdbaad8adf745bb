"""What the shapes in a label map tell: objects that are numbered, and images taken for labels."""

import math
from collections.abc import Mapping

import numpy as np
from scipy import ndimage

MOST, VOXELS = 50, 20_000_000
"""Values of a label map that are looked at, and voxels of the boxes around them: those in the
smallest boxes, so that time stays bounded."""

LEAST = 4
"""Voxels from which on the pieces of a value tell something."""

SCATTERED = 10
"""Values after which it is over where half of them are in several pieces."""
TABLE = 2**20
SAMPLE = 10_000


def count_values(labels: np.ndarray) -> dict[int, int]:
    """How often each label value occurs.

    Args:
        labels: integers `(n,)`.

    Example:
        >>> count_values(np.array([0, 2, 2]))
        {0: 1, 2: 2}
    """
    if labels.size and labels.min() >= 0 and labels.max() < 2**16:
        counts = np.bincount(labels)
        return {int(value): int(counts[value]) for value in np.flatnonzero(counts)}
    values, counts = np.unique(labels, return_counts=True)
    return {int(value): int(count) for value, count in zip(values, counts, strict=True)}


def share_in_one_piece(label: np.ndarray, counts: Mapping[int, int]) -> float:
    """The share of the label values, but the smallest, whose voxels are all connected.

    Args:
        label: integers `(*space)`.
        counts: label value -> number of voxels; values of fewer than 4 tell nothing.

    Returns:
        1 where it holds one value at most; 0 where values are negative.

    Example:
        >>> label = np.array([[1, 1, 1, 1, 0, 2, 2, 0, 2, 2]])
        >>> share_in_one_piece(label, {0: 2, 1: 4, 2: 4})
        0.5
    """
    background, *others = sorted(counts)
    if not others:
        return 1.0
    if background < 0:
        return 0.0
    others = [value for value in others if counts[value] >= LEAST]
    if not others:
        return 0.0
    if others[-1] >= TABLE:
        values, indices = np.unique(label, return_inverse=True)
        label, others = indices.reshape(label.shape), np.searchsorted(values, others).tolist()
    boxes = ndimage.find_objects(label if label.dtype != np.uint64 else label.astype(np.int64))
    # a region may limit what counts, so that a value may lie elsewhere
    sizes = {
        value: math.prod(part.stop - part.start for part in box)
        for value in others
        if (box := boxes[value - 1]) is not None
    }
    neighbours = np.ones((3,) * label.ndim)
    tested = whole = voxels = 0
    for value in sorted(sizes, key=lambda one: sizes[one])[:MOST]:
        voxels += sizes[value]
        if (tested and voxels > VOXELS) or (tested >= SCATTERED and whole * 2 < tested):
            break
        tested += 1
        whole += ndimage.label(label[boxes[value - 1]] == value, neighbours)[1] == 1
    return whole / max(1, tested)


def is_label(image: np.ndarray, label: np.ndarray) -> bool:
    """Whether a channel of an image shows where the label map's background is, and nothing else.

    Args:
        image: `(*space, channels)`.
        label: integers `(*space)`.

    Example:
        >>> is_label(np.array([[0], [255], [255]]), np.array([0, 1, 1]))
        True
    """
    flat, truth = image.reshape(-1, image.shape[-1]), label.reshape(-1)
    step = max(1, len(flat) // SAMPLE)
    return any(
        (_is_binary(channel[::step]) or np.array_equal(channel[::step], truth[::step]))
        and _same(channel, truth)
        for channel in flat.T
    )


def _is_binary(sample: np.ndarray) -> bool:
    return bool(((sample == sample.min()) | (sample == sample.max())).all())


def _same(channel: np.ndarray, truth: np.ndarray) -> bool:
    low, high = channel.min(), channel.max()
    if low == high:
        return False
    if np.array_equal(channel, truth):
        return True
    bright = channel == high
    if not (bright | (channel == low)).all():
        return False
    inside = truth != truth.min()
    return np.array_equal(bright, inside) or np.array_equal(bright, ~inside)
