"""SSIM out of means under a window: of NumPy's arrays and of tensors that a loss derives."""

from collections.abc import Sequence
from typing import Any

import numpy as np

TRUNCATE = 3.5
"""Standard deviations at which a Gaussian window ends, as in scikit-image's SSIM."""
SIGMA = 1.5
WINDOW = 11
"""Voxels of the Gaussian window of SSIM, as its authors have it."""


def gaussian_weights(sigma: float) -> np.ndarray:
    """A Gaussian window that ends at 3.5 standard deviations.

    Args:
        sigma: standard deviation in voxels.

    Returns:
        `(2 * int(3.5 * sigma + 0.5) + 1,)` float64 that add up to 1.

    Example:
        >>> len(gaussian_weights(1.5)), round(float(gaussian_weights(1.5).sum()), 6)
        (11, 1.0)
    """
    radius = int(TRUNCATE * sigma + 0.5)
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    return weights / weights.sum()


def similarity_parts(means: Sequence[Any], data_range: float) -> tuple[Any, Any]:
    """The two factors of SSIM: how equal the brightness is, and how equal contrast and structure.

    Args:
        means: five arrays or tensors of one shape, means under the window: of both images, of the
            square of each, and of their product.
        data_range: the difference between the largest and the smallest value that images have.

    Returns:
        Both, of that shape; their product is SSIM.

    Source: Wang et al. (2004), doi:10.1109/TIP.2003.819861.

    Example:
        >>> brightness, structure = similarity_parts([2.0, 2.0, 5.0, 5.0, 3.0], 1.0)
        >>> round(brightness, 3), round(structure, 3)
        (1.0, -0.999)
    """
    x, y, xx, yy, xy = means
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    brightness = (2 * x * y + c1) / (x * x + y * y + c1)
    structure = (2 * (xy - x * y) + c2) / (xx - x * x + yy - y * y + c2)
    return brightness, structure
