"""Targets that are arrays on the grid of their image: how they are stored, moved and filled up."""

from dataclasses import dataclass

import numpy as np

from keras_mia.data.targets.label_map import IGNORE


@dataclass(frozen=True)
class ArrayKind:
    """What an array is to whoever stores, cuts or moves it.

    Args:
        dtype: that it is stored in.
        smooth: whether values between two voxels lie between theirs: it is then `(*space,
            channels)` and resampled linearly. Otherwise it is `(*space)` and each voxel keeps one
            of the values that are there.
        outside: the value where a patch leaves the image.
        ignore: the value of voxels that do not count; None: all do.
    """

    dtype: str
    smooth: bool
    outside: float
    ignore: int | None = None

    def counts(self, array: np.ndarray) -> bool:
        """Whether any voxel of a patch counts.

        Args:
            array: as it is stored.
        """
        return self.ignore is None or bool((array != self.ignore).any())


LABEL_MAP = ArrayKind("uint8", smooth=False, outside=IGNORE, ignore=IGNORE)
IMAGE = ArrayKind("float32", smooth=True, outside=0.0)
