"""Whether two images are the same, or nearly so."""

import hashlib
from collections.abc import Callable, Iterator

import numpy as np
import PIL.Image
from scipy.fft import dctn
from scipy.ndimage import gaussian_filter

from keras_mia.data.image import Image

SIDE = 32
# Of re-encoded, resized, brightened and noisy copies of five data sets all hashes differed in 10
# bits at most; the details of copies correlated by 0.92 or more, those of others by 0.84 or less.
BITS = 12
CORRELATION = 0.88
ROWS = 256


def digest(space: tuple[int, ...], *arrays: np.ndarray) -> str:
    """A hash of arrays that lie on a grid of `space`; equal content has an equal one."""
    made = hashlib.blake2b(repr(space).encode(), digest_size=16)
    for array in arrays:
        made.update(np.ascontiguousarray(array).data)
    return made.hexdigest()


def thumbnail(image: Image) -> np.ndarray | None:
    """What a picture looks like from afar, whatever its size and brightness.

    Returns:
        `(32, 32)` float32 grey values of mean 0 and deviation 1; None of a volume, of a signal (a
        picture of one column), and of a picture without contrast.
    """
    if image.rank != 2 or min(image.space) == 1:
        return None
    grey = PIL.Image.fromarray(np.einsum("rcx->rc", image.array.astype(np.float32)))
    small = np.asarray(grey.resize((SIDE, SIDE), PIL.Image.Resampling.BOX))
    contrast = float(small.std())
    return (small - small.mean()) / contrast if contrast > 0 else None


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
    thumbnails: np.ndarray, apart: Callable[[int, int], bool]
) -> Iterator[tuple[int, int]]:
    """Pairs of pictures that are copies of each other but for size, brightness or compression.

    The hash finds candidates; it cannot tell one retina from another, though, whose outlines are
    the same. So the details must correlate too, less what all pictures share.

    Args:
        thumbnails: `(n, 32, 32)`.
        apart: whether a pair is of interest.

    Yields:
        Of each picture that is a copy, its number and that of the first before it.
    """
    if len(thumbnails) < 2:
        return
    hashes = perceptual_hash(thumbnails)
    details = _unit(thumbnails - gaussian_filter(thumbnails, (0, 1.5, 1.5)))
    if len(details) > 2:  # two have nothing in common but what makes them copies
        details = _unit(details - details.mean(axis=0))
    for start in range(0, len(hashes), ROWS):
        rows = slice(start, start + ROWS)
        differ = np.bitwise_count(hashes[rows, None] ^ hashes[None, : start + ROWS])
        near = (differ <= BITS) & (details[rows] @ details[: start + ROWS].T >= CORRELATION)
        for row, found in enumerate(near, start):
            for other in np.flatnonzero(found[:row]).tolist():
                if apart(row, other):
                    yield row, other
                    break


def _unit(pictures: np.ndarray) -> np.ndarray:
    flat = pictures.reshape(len(pictures), -1)
    return flat / (np.linalg.norm(flat, axis=1, keepdims=True) + 1e-9)
