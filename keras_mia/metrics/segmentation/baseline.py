"""Baselines, so that a score can be read: what does one get without a network?"""

from collections.abc import Iterable, Mapping

import numpy as np


def most_frequent(counts: Mapping[int, int]) -> int:
    """The class that most voxels of the training cases have; the smallest of equals.

    Args:
        counts: how many voxels each class has.

    Returns:
        The index of that class.

    Example:
        >>> most_frequent({0: 100, 1: 20})
        0
    """
    return min(counts, key=lambda index: (-counts[index], index))


def otsu_prediction(image: np.ndarray, *, bright: bool, structure: int = 1) -> np.ndarray:
    """Otsu's threshold on the mean channel: one side is the structure.

    Args:
        image: `(*space, channels)`.
        bright: whether the structure is the bright side (`otsu_is_bright` finds out).
        structure: the class that this side is given.

    Returns:
        `(*space)`, uint8: 0 and `structure`. An image of one value is all background.

    Source: Otsu (1979), doi:10.1109/TSMC.1979.4310076.

    Example:
        >>> otsu_prediction(np.array([[1.0], [2.0], [8.0], [9.0]]), bright=True)
        array([0, 0, 1, 1], dtype=uint8)
    """
    from skimage.filters import threshold_otsu  # slow to import, and seldom needed

    mean = np.asarray(image, np.float32).mean(axis=-1)
    if mean.min() == mean.max():
        return np.zeros(mean.shape, np.uint8)
    above = mean > threshold_otsu(mean)
    return np.where(above == bright, structure, 0).astype(np.uint8)


def otsu_is_bright(pairs: Iterable[tuple[np.ndarray, np.ndarray]]) -> bool:
    """Whether the structure is the bright side of Otsu's threshold, by the pooled Dice.

    Args:
        pairs: image `(*space, channels)` and structure `(*space)`, bool, of TRAINING cases.

    Returns:
        Whether it is the bright one; equals count as bright.

    Example:
        >>> otsu_is_bright([(np.array([[1.0], [2.0], [9.0]]), np.array([True, True, False]))])
        False
    """
    hits, sizes = np.zeros(2), np.zeros(2)
    for image, structure in pairs:
        structure = np.asarray(structure, bool)
        for bright in (False, True):
            predicted = otsu_prediction(image, bright=bright) > 0
            hits[int(bright)] += np.count_nonzero(predicted & structure)
            sizes[int(bright)] += np.count_nonzero(predicted) + np.count_nonzero(structure)
    dark_dice, bright_dice = 2 * hits / np.maximum(sizes, 1)
    return bool(bright_dice >= dark_dice)
