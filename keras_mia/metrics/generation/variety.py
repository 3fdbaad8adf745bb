"""How alike samples are to each other."""

import math
from collections.abc import Sequence

import numpy as np
from scipy.ndimage import correlate1d

from keras_mia.core.structural_similarity import SIGMA, WINDOW, gaussian_weights, similarity_parts

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Of the scales, the finest first."""
FEWEST = 3
"""Voxels of the smallest window."""
VALUES = 2**20
"""Of images that are compared at a time."""


def sample_similarity(
    images: np.ndarray, *, data_range: float, pairs: int = 500, seed: int = 0
) -> float:
    """The mean MS-SSIM of random pairs of images: how alike they are to each other.

    Take it of samples and of as many real images. Samples that are more alike than real images are
    come from a generator that makes few images again and again (mode collapse).

    Args:
        images: `(images, *space, channels)`, of any rank.
        data_range: the difference between the largest and the smallest value that images can have.
        pairs: how many, drawn without repeats; all where there are no more.
        seed: of the draw.

    Returns:
        The mean over pairs, 0 to 1; NaN where no side has 3 voxels: there is no window of one that
        has a structure.

    Raises:
        ValueError: fewer than 2 images, no channels, a range that is not above 0, no pairs, or a
            value that is not finite.

    Source: Odena et al. (2017), arXiv:1610.09585; MS-SSIM: Wang et al. (2003),
    doi:10.1109/ACSSC.2003.1292216.

    Departs from the paper: there are as many of the five scales as leave room for a window, their
    weights scaled to a sum of 1; windows are smaller where all sides are below 11, and axes that
    are shorter than the window are left out of it; a structure below 0 counts as 0.

    Example:
        >>> images = np.random.default_rng(0).random((4, 16, 16, 1))
        >>> alike = np.repeat(images[:1], 4, axis=0)
        >>> round(sample_similarity(alike, data_range=1.0), 6)
        1.0
        >>> sample_similarity(images, data_range=1.0) < 0.3
        True
    """
    images = np.asarray(images)
    if images.ndim < 3 or (not images[:1].size and len(images)):
        raise ValueError(f"Images have shape {images.shape}; it is (images, *space, channels).")
    if len(images) < 2:
        raise ValueError(f"There are {len(images)} images; at least 2 are needed.")
    if not data_range > 0 or pairs < 1:
        raise ValueError(f"data_range {data_range} and pairs {pairs} have to be above 0.")
    if not np.isfinite(images).all():
        raise ValueError("A value is not finite.")
    if max(images.shape[1:-1]) < FEWEST:
        return math.nan
    one, other = _pairs(len(images), pairs, seed)
    at_a_time = max(1, VALUES // images[0].size)
    total = 0.0
    for start in range(0, len(one), at_a_time):
        part = slice(start, start + at_a_time)
        first, second = (images[index[part]].astype(np.float64) for index in (one, other))
        total += multiscale_similarity(first, second, data_range).sum()
    return float(total / len(one))


def multiscale_similarity(one: np.ndarray, other: np.ndarray, data_range: float) -> np.ndarray:
    """MS-SSIM of pairs of images.

    Args:
        one, other: `(pairs, *space, channels)` float64, with a side of 3 voxels or more.
        data_range: as in `sample_similarity`.

    Returns:
        `(pairs,)`, 0 to 1.
    """
    space = one.shape[1:-1]
    size = min(WINDOW, max(space) - (max(space) + 1) % 2)
    window = gaussian_weights(SIGMA)
    cut = (len(window) - size) // 2
    window = window[cut : cut + size] / window[cut : cut + size].sum()
    axes = [axis for axis, length in enumerate(space, 1) if length >= size]
    scales = _scales(min(space[axis - 1] for axis in axes), size)
    weights = np.array(WEIGHTS[:scales]) / sum(WEIGHTS[:scales])
    product = np.ones((len(one), one.shape[-1]))
    for scale, weight in enumerate(weights):
        moments = one, other, one * one, other * other, one * other
        means = [_valid_means(values, window, axes) for values in moments]
        brightness, structure = similarity_parts(means, data_range)
        last = scale == scales - 1
        similarity = brightness * structure if last else structure
        inside = tuple(range(1, one.ndim - 1))
        product *= np.maximum(similarity.mean(axis=inside), 0) ** weight
        if not last:
            one, other = (_halved(values, axes) for values in (one, other))
    return product.mean(axis=-1)


def _pairs(count: int, pairs: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Both indices of random pairs of different images, none twice."""
    random, every = np.random.default_rng(seed), count * (count - 1) // 2
    chosen = random.choice(every, min(pairs, every), replace=False)
    # Pair k of (1, 0), (2, 0), (2, 1), (3, 0), ...
    first = ((1 + np.sqrt(1 + 8.0 * chosen)) // 2).astype(int)
    first -= first * (first - 1) // 2 > chosen
    first += first * (first + 1) // 2 <= chosen
    return first, chosen - first * (first - 1) // 2


def _scales(side: int, window: int) -> int:
    """How many scales a side has room for."""
    scales = 1
    while scales < len(WEIGHTS) and -(-side // 2) >= window:
        side, scales = -(-side // 2), scales + 1
    return scales


def _valid_means(values: np.ndarray, window: np.ndarray, axes: Sequence[int]) -> np.ndarray:
    """The weighted mean over each window that lies within the image."""
    margin = len(window) // 2
    for axis in axes:
        kept = [slice(None)] * values.ndim
        kept[axis] = slice(margin, values.shape[axis] - margin)
        values = correlate1d(values, window, axis=axis)[tuple(kept)]
    return values


def _halved(values: np.ndarray, axes: Sequence[int]) -> np.ndarray:
    """The mean of each two voxels along axes; the last of an odd number is taken twice."""
    for axis in axes:
        if values.shape[axis] % 2:
            values = np.concatenate([values, values.take([-1], axis)], axis=axis)
        even, odd = (values.take(range(k, values.shape[axis], 2), axis) for k in (0, 1))
        values = (even + odd) / 2
    return values
