"""The part of an image that is not empty."""

import numpy as np


def nonzero_box(array: np.ndarray) -> tuple[tuple[int, int], ...]:
    """The smallest box `((start, stop), ...)` that holds all that is not zero in any channel.

    Args:
        array: `(*space, channels)`.

    Returns:
        One pair an axis of space; the whole space where all is zero.

    Example:
        >>> image = np.zeros((4, 5, 1)); image[1:3, 2] = 1
        >>> nonzero_box(image)
        ((1, 3), (2, 3))
    """
    full = (array != 0).any(axis=-1)
    box = []
    for axis in range(full.ndim):
        others = tuple(other for other in range(full.ndim) if other != axis)
        filled = np.flatnonzero(full.any(axis=others))
        if not filled.size:
            return tuple((0, size) for size in full.shape)
        box.append((int(filled[0]), int(filled[-1]) + 1))
    return tuple(box)
