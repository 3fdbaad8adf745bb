"""Whether two images of one grid look as if one had moved."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_gradient_magnitude
from skimage.feature import match_template
from skimage.measure import block_reduce

from keras_mia.data.image import Image

SIZE = 256
"""Pixels of a side that are compared at most."""
REACH = 0.08
"""Share of a side by which a target is moved at most."""
SMALLEST = 24
"""Pixels of a side from which on outlines can be compared."""
BETTER, CLEAR = 0.15, 0.4
"""By how much more outlines have to correlate elsewhere, and how much there. Those of T2 and FLAIR
of one scan correlate by 0.8 as they lie, by 0.4 to 0.5 where one is moved by 6 to 12 voxels."""


@dataclass(frozen=True)
class Shift:
    """Where outlines fit better.

    Args:
        axes: along which the target is to be moved, in the file's order.
        voxels: by how much along each.
        at_zero: correlation of the outlines as they are.
        at_best: that where they fit best.
    """

    axes: tuple[int, ...]
    voxels: tuple[int, ...]
    at_zero: float
    at_best: float


def shift_of(image: Image, target: Image) -> Shift | None:
    """How a target would have to be moved for its outlines to fit better, if clearly so.

    Outlines are where values change, in whichever direction, so that images of several contrasts
    can be compared; of a volume they are those of its middle slice across the shortest axis.

    Args:
        image: any.
        target: on its grid.

    Returns:
        None where they fit as they are, or fit nowhere.

    Example:
        >>> generator = np.random.default_rng(0)
        >>> plain = np.kron(generator.random((12, 12)), np.ones((8, 8)))[..., None]
        >>> moved = shift_of(Image(plain), Image(np.roll(plain, 4, axis=1)))
        >>> moved.axes, moved.voxels
        ((0, 1), (0, -4))
    """
    across = int(np.argmin(image.space)) if image.rank == 3 else None
    axes = tuple(axis for axis in range(image.rank) if axis != across)
    one, other = (_slice(each.array[..., 0], across) for each in (image, target))
    step = max(1, -(-max(one.shape) // SIZE))
    outlines = [
        gaussian_gradient_magnitude(block_reduce(each, step, np.mean), 1.0) for each in (one, other)
    ]
    reach = [int(REACH * size) for size in outlines[0].shape]
    if min(outlines[0].shape) < SMALLEST or not all(reach):
        return None
    inner = tuple(slice(by, -by) for by in reach)
    if not all(each[inner].std() > 0 for each in outlines):
        return None
    fits = match_template(outlines[1], outlines[0][inner])
    best = np.unravel_index(np.argmax(fits), fits.shape)
    at_zero, at_best = float(fits[tuple(reach)]), float(fits[best])
    moved = [int(by - at) for at, by in zip(best, reach, strict=True)]
    on_edge = any(abs(by) == most for by, most in zip(moved, reach, strict=True))
    if max(map(abs, moved)) < 2 or on_edge or at_best < CLEAR or at_best - at_zero < BETTER:
        return None
    return Shift(axes, tuple(step * by for by in moved), at_zero, at_best)


def _slice(channel: np.ndarray, across: int | None) -> np.ndarray:
    if across is not None:
        channel = np.take(channel, channel.shape[across] // 2, across)
    return channel.astype(np.float32)
