"""Intensities of different images made comparable."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_mia.data.fingerprint.intensity import Intensity
from keras_mia.data.preprocess.body_mask import body_mask

SCHEMES = ("zscore", "body", "ct", "none")
SMALLEST_STD = 1e-8
SLAB = 2**20
"""Voxels that are turned into float64 at a time."""


@dataclass(frozen=True)
class Scale:
    """How the intensities of an image become those that a network sees, and the way back.

    Args:
        mean: of each channel, which becomes 0.
        std: of each channel, which becomes 1.
        clip: the lowest and the highest value of each channel that is kept; None: all are.

    Example:
        >>> scale = Scale((2.0,), (4.0,))
        >>> scale.apply(np.array([[10.0]])).tolist(), scale.undo(np.array([[2.0]])).tolist()
        ([[2.0]], [[10.0]])
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    clip: tuple[tuple[float, float], ...] | None = None

    def apply(self, array: np.ndarray) -> np.ndarray:
        """The image as the network sees it, `(*space, channels)` float32."""
        if array.shape[-1] != len(self.mean):
            raise ValueError(f"a scale of {len(self.mean)} channels, an image of {array.shape[-1]}")
        result = np.array(array, np.float32, order="C")
        for channel, (mean, std) in enumerate(zip(self.mean, self.std, strict=True)):
            values = result[..., channel]
            if self.clip is not None:
                np.clip(values, *self.clip[channel], out=values)
            values -= mean
            values /= std
        return result

    def undo(self, array: np.ndarray) -> np.ndarray:
        """The image in its own values, `(*space, channels)` float32; what was clipped stays so."""
        return array * np.array(self.std, np.float32) + np.array(self.mean, np.float32)


def scale_of(array: np.ndarray, scheme: str, intensities: Sequence[Intensity] = ()) -> Scale:
    """How an image's intensities become those of mean near 0 and standard deviation near 1.

    Args:
        array: `(*space, channels)`.
        scheme: "zscore" (each image and channel by itself), "body" (the same, by the voxels of the
            body or head alone, as `body_mask` finds it), "ct" (clipped to `low` and `high`, then by
            the `mean` and `std` of the training images: HU mean the same in every scan), or "none".
        intensities: one a channel, for "ct".

    Raises:
        ValueError: the scheme is unknown, or "ct" lacks the intensities of a channel.

    Source: nnU-Net, https://doi.org/10.1038/s41592-020-01008-z
    """
    channels = array.shape[-1]
    if scheme not in SCHEMES:
        raise ValueError(f"scheme must be one of {SCHEMES}, got {scheme!r}")
    if scheme == "none":
        return Scale((0.0,) * channels, (1.0,) * channels)
    if scheme == "ct":
        if len(intensities) != channels:
            raise ValueError(f"{channels} channels, but {len(intensities)} intensities")
        stds = tuple(max(one.std, SMALLEST_STD) for one in intensities)
        clip = tuple((one.low, one.high) for one in intensities)
        return Scale(tuple(one.mean for one in intensities), stds, clip)
    mask = body_mask(array) if scheme == "body" else None
    moments = [
        _mean_and_std(np.asarray(array[..., channel] if mask is None else array[mask, channel]))
        for channel in range(channels)
    ]
    means, deviations = zip(*moments, strict=True)
    return Scale(means, tuple(max(std, SMALLEST_STD) for std in deviations))


def normalize(array: np.ndarray, scheme: str, intensities: Sequence[Intensity] = ()) -> np.ndarray:
    """The image with intensities of mean near 0 and standard deviation near 1.

    Args:
        array: `(*space, channels)`.
        scheme: as `scale_of` takes it.
        intensities: one a channel, for "ct".

    Returns:
        `(*space, channels)` float32.

    Raises:
        ValueError: the scheme is unknown, or "ct" lacks the intensities of a channel.

    Example:
        >>> normalize(np.array([[1.0], [3.0]]), "zscore").ravel().tolist()
        [-1.0, 1.0]
    """
    return scale_of(array, scheme, intensities).apply(array)


def _mean_and_std(values: np.ndarray) -> tuple[float, float]:
    """In float64, a slab after the other: a copy in float64 is twice the image."""
    rows = max(1, SLAB // max(1, values[0].size)) if len(values) else 1
    slabs = [values[start : start + rows] for start in range(0, len(values), rows)]
    mean = float(sum(slab.sum(dtype=np.float64) for slab in slabs)) / values.size
    squares = sum(float(((slab.astype(np.float64) - mean) ** 2).sum()) for slab in slabs)
    return mean, math.sqrt(squares / values.size)
