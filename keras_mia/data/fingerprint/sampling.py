"""A few of many: which voxels, images or cases stand for all of them.

Never every k-th: arrays and lists repeat themselves, and a step that is a multiple of their period
takes the same slice, column or kind of case each time.
"""

import numpy as np

SAMPLE = 4096
"""Intensities of a case that are kept."""
DIGEST_SAMPLE = 1_000_000
"""A million voxels tell an image from others as well as all, and much faster."""


def sample_indices(count: int, most: int) -> np.ndarray:
    """Which of `count` are sampled: one by chance out of each of `most` equal stretches.

    Args:
        count: how many there are.
        most: how many are wanted.

    Returns:
        `(min(count, most),)` int64 in rising order; the same each time, since it follows from the
        two numbers alone.

    Source: stratified (jittered) sampling: Cochran (1977), Sampling Techniques, chapter 5.

    Example:
        >>> sample_indices(3, 5)
        array([0, 1, 2])
        >>> found = sample_indices(1000, 4)
        >>> (found // 250).tolist(), (found % 250 == found[0]).all()
        ([0, 1, 2, 3], np.False_)
    """
    if count <= most:
        return np.arange(count)
    ends = np.arange(most + 1) * count // most
    return np.random.default_rng(0).integers(ends[:-1], ends[1:])


def sample_voxels(image: np.ndarray, most: int) -> np.ndarray:
    """The intensities of up to `most` voxels, as `sample_indices` takes them.

    Args:
        image: `(*space, channels)`.
        most: how many are wanted.

    Returns:
        `(n, channels)`, a copy of the image's dtype.

    Example:
        >>> sample_voxels(np.arange(6).reshape(2, 3, 1), 10).ravel()
        array([0, 1, 2, 3, 4, 5])
    """
    space = image.shape[:-1]
    if np.prod(space) <= most:
        return image.reshape(-1, image.shape[-1]).copy()
    # Not reshaped: of a turned image that would be a copy of the whole.
    return image[np.unravel_index(sample_indices(int(np.prod(space)), most), space)]
