"""Where the body, or the head, lies in an image with air around it."""

import numpy as np
from scipy import ndimage


def body_mask(array: np.ndarray) -> np.ndarray:
    """The largest piece of what is brighter than air, with its holes, slice by slice.

    Args:
        array: `(*space, channels)`, of which the first channel is looked at.

    Returns:
        `(*space)` bool; all True where the image holds one value only.

    Source: the threshold is that of minimal cross-entropy, Li and Tam (1998),
        doi:10.1016/S0167-8655(98)00057-9, by scikit-image.

    Example:
        >>> image = np.zeros((8, 8, 1))
        >>> image[2:6, 2:6] = 9.0
        >>> image[4, 4] = 0.0
        >>> int(body_mask(image).sum())
        16
    """
    from skimage.filters import threshold_li  # takes its time to load

    channel = np.asarray(array[..., 0], np.float32)
    if channel.min() == channel.max():
        return np.ones(channel.shape, bool)
    pieces, _ = ndimage.label(channel > threshold_li(channel))
    mask = pieces == 1 + np.argmax(np.bincount(pieces.ravel())[1:])
    for axis in range(mask.ndim if mask.ndim > 2 else 1):
        slices = np.moveaxis(mask, axis, 0) if mask.ndim > 2 else mask[None]
        for one in slices:
            one[...] = ndimage.binary_fill_holes(one)
    return mask


def air_around(array: np.ndarray, mask: np.ndarray) -> bool:
    """Whether an image shows a body with air around it, and is not cut out of one.

    Args:
        array: `(*space, channels)`.
        mask: of it, as `body_mask` gives it.

    Returns:
        Whether at most a tenth of the edges of slices lies inside the mask.
    """
    edges = []
    for axis in sorted(range(mask.ndim), key=lambda axis: array.shape[axis])[-2:]:
        edges += [np.take(mask, end, axis).ravel() for end in (0, -1)]
    return bool(np.concatenate(edges).mean() <= 0.1)
