"""Intensities of different images made comparable."""

import math
from collections.abc import Sequence

import numpy as np

from keras_mia.data.fingerprint.intensity import Intensity

SCHEMES = ("zscore", "ct", "none")
SLAB = 2**20
"""Voxels that are turned into float64 at a time."""


def normalize(array: np.ndarray, scheme: str, intensities: Sequence[Intensity] = ()) -> np.ndarray:
    """The image with intensities of mean near 0 and standard deviation near 1.

    Args:
        array: `(*space, channels)`.
        scheme: "zscore" (each image and channel by itself), "ct" (clipped to `low` and `high`, then
            by the `mean` and `std` of the training images: HU mean the same in every scan), or
            "none".
        intensities: one a channel, for "ct".

    Returns:
        `(*space, channels)` float32.

    Raises:
        ValueError: the scheme is unknown, or "ct" lacks the intensities of a channel.

    Source: nnU-Net, https://doi.org/10.1038/s41592-020-01008-z

    Example:
        >>> normalize(np.array([[1.0], [3.0]]), "zscore").ravel().tolist()
        [-1.0, 1.0]
    """
    if scheme not in SCHEMES:
        raise ValueError(f"scheme must be one of {SCHEMES}, got {scheme!r}")
    result = np.array(array, np.float32, order="C")
    if scheme == "none":
        return result
    if scheme == "ct" and len(intensities) != result.shape[-1]:
        raise ValueError(f"{result.shape[-1]} channels, but {len(intensities)} intensities")
    for channel in range(result.shape[-1]):
        values = result[..., channel]
        if scheme == "ct":
            found = intensities[channel]
            np.clip(values, found.low, found.high, out=values)
            mean, std = found.mean, found.std
        else:
            mean, std = _mean_and_std(values)
        values -= mean
        values /= max(std, 1e-8)
    return result


def _mean_and_std(values: np.ndarray) -> tuple[float, float]:
    """In float64, a slab after the other: a copy in float64 is twice the image."""
    rows = max(1, SLAB // max(1, values[0].size)) if len(values) else 1
    slabs = [values[start : start + rows] for start in range(0, len(values), rows)]
    mean = float(sum(slab.sum(dtype=np.float64) for slab in slabs)) / values.size
    squares = sum(float(((slab.astype(np.float64) - mean) ** 2).sum()) for slab in slabs)
    return mean, math.sqrt(squares / values.size)
