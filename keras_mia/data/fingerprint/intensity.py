"""What the voxels of the training images hold, channel by channel."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Intensity:
    """What the foreground of the training images holds in one channel.

    Args:
        low: its 0.5 percentile, in the image's own unit (HU for CT).
        high: its 99.5 percentile.
        mean: its mean.
        std: its standard deviation.
        floors: the smallest value of a training image, the least and the greatest of them; None:
            not known.
        peaks: the same of their largest absolute values.
    """

    low: float
    high: float
    mean: float
    std: float
    floors: tuple[float, float] | None = None
    peaks: tuple[float, float] | None = None

    @classmethod
    def of(cls, values: np.ndarray, ends: Sequence[tuple[float, float]] = ()) -> "Intensity":
        """The statistics of one channel.

        Args:
            values: a sample, `(n,)`.
            ends: the smallest and the largest value of each training image.
        """
        low, high = np.percentile(values, [0.5, 99.5])
        floors = [least for least, _ in ends]
        peaks = [max(abs(least), abs(most)) for least, most in ends]
        of_images = [(min(each), max(each)) if each else None for each in (floors, peaks)]
        return cls(float(low), float(high), float(values.mean()), float(values.std()), *of_images)
