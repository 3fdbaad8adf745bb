"""Whether two images are the same, or nearly so."""

import hashlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import PIL.Image
from scipy.fft import dctn
from scipy.ndimage import gaussian_filter

from keras_mia.core.progress import progress
from keras_mia.data.image import Image

SIZE = 32
# Of re-encoded, resized, brightened and noisy copies of five data sets all hashes differed in 10
# bits at most; the details of copies correlated by 0.92 or more, those of others by 0.84 or less.
BITS = 12
CORRELATION = 0.88
ROWS = 1024
"""Pictures that are compared at once."""


def digest(space: tuple[int, ...], *arrays: np.ndarray) -> str:
    """A hash of arrays that lie on a grid of `space`; equal content has an equal one.

    Args:
        space: voxels an axis.
        arrays: of any dtype.
    """
    made = hashlib.blake2b(repr(space).encode(), digest_size=16)
    for array in arrays:
        made.update(np.ascontiguousarray(array).data)
    return made.hexdigest()


def thumbnail(image: Image) -> np.ndarray | None:
    """What a picture looks like from afar, whatever its size and brightness.

    Args:
        image: as read.

    Returns:
        `(32, 32)` float16 grey values of mean 0 and deviation 1; None of a volume, of a signal (a
        picture of one column), and of a picture without contrast.
    """
    if image.rank != 2 or min(image.space) == 1:
        return None
    grey = PIL.Image.fromarray(np.einsum("rcx->rc", image.array.astype(np.float32)))
    small = np.asarray(grey.resize((SIZE, SIZE), PIL.Image.Resampling.BOX))
    contrast = float(small.std())
    return ((small - small.mean()) / contrast).astype(np.float16) if contrast > 0 else None


def perceptual_hash(thumbnails: np.ndarray) -> np.ndarray:
    """64 bits a thumbnail, most of which are equal where pictures look alike.

    Args:
        thumbnails: `(n, 32, 32)`.

    Returns:
        `(n,)` uint64: which of the 8 x 8 lowest frequencies are above their median.

    Source: C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010),
        http://phash.org/docs/pubs/thesis_zauner.pdf
    """
    low = dctn(thumbnails, axes=(1, 2))[:, :8, :8].reshape(len(thumbnails), 64)
    bits = low > np.median(low, axis=1, keepdims=True)
    return np.packbits(bits, axis=1).view(np.uint64)[:, 0]


def near_duplicates(
    thumbnails: Sequence[np.ndarray], of_interest: Callable[[int, int], bool]
) -> Iterator[tuple[int, int]]:
    """Pairs of pictures that are copies of each other but for size, brightness or compression.

    The hash finds candidates; it cannot tell one retina from another, though, whose outlines are
    the same. So the details must correlate too, less what all pictures share.

    Args:
        thumbnails: `(32, 32)` each.
        of_interest: whether a pair is to be looked for.

    Yields:
        Of each picture that is a copy, its number and that of the first before it.
    """
    if len(thumbnails) < 2:
        return
    hashes, details = _hashes_and_details(thumbnails)
    blocks = range(0, len(hashes), ROWS)
    for start in progress(blocks, "comparing") if len(blocks) > 1 else blocks:
        first: dict[int, int] = {}
        for column in range(0, start + ROWS, ROWS):
            for row, other in _copies(hashes, details, start, column):
                if row not in first and of_interest(row, other):
                    first[row] = other
        yield from sorted(first.items())


def _copies(
    hashes: np.ndarray, details: np.ndarray, row: int, column: int
) -> Iterator[tuple[int, int]]:
    """Of the pictures from `row` on those that are copies of some from `column` on, a block each,
    in order of both."""
    near = np.bitwise_count(hashes[row : row + ROWS, None] ^ hashes[None, column : column + ROWS])
    near = np.tril(near <= BITS, row - column - 1)
    rows, others = np.flatnonzero(near.any(1)), np.flatnonzero(near.any(0))
    if not rows.size:
        return
    pairs = [
        details[offset + chosen].astype(np.float32)
        for offset, chosen in ((row, rows), (column, others))
    ]
    alike = near[np.ix_(rows, others)] & (pairs[0] @ pairs[1].T >= CORRELATION)
    for one, other in np.argwhere(alike).tolist():
        yield row + int(rows[one]), column + int(others[other])


def _hashes_and_details(thumbnails: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Hashes `(n,)` and details `(n, 32 * 32)` of norm 1, in float16: a block after the other, so
    that all are in memory once."""
    count = len(thumbnails)
    hashes, details = np.empty(count, np.uint64), np.empty((count, SIZE * SIZE), np.float16)
    total = np.zeros(SIZE * SIZE, np.float64)
    for start in range(0, count, ROWS):
        block = np.stack(thumbnails[start : start + ROWS]).astype(np.float32)
        block_details = _unit(block - gaussian_filter(block, (0, 1.5, 1.5)))
        hashes[start : start + ROWS] = perceptual_hash(block)
        details[start : start + ROWS] = block_details
        total += block_details.sum(axis=0, dtype=np.float64)
    if count > 2:  # two have nothing in common but what makes them copies
        shared = (total / count).astype(np.float32)
        for start in range(0, count, ROWS):
            details[start : start + ROWS] = _unit(details[start : start + ROWS] - shared)
    return hashes, details


def _unit(pictures: np.ndarray) -> np.ndarray:
    flat = pictures.reshape(len(pictures), -1)
    return flat / (np.linalg.norm(flat, axis=1, keepdims=True) + 1e-9)
