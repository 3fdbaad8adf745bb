"""How far images that are made are from looking like real ones, whatever they show."""

from collections.abc import Mapping, Sequence

import numpy as np

from keras_mia.data.image import Image
from keras_mia.metrics import kernel_distance, texture_features
from keras_mia.tasks.translation.evaluation.score_space import ScoreSpace

REAL, NETWORK = "real", "network"
MOST = 4000
"""Cells of a set that are compared."""


class TextureSets:
    """Takes the features of one case after another."""

    def __init__(self) -> None:
        self._sets: dict[str, list[np.ndarray]] = {}

    def add(self, name: str, features: np.ndarray) -> None:
        """Takes the cells of an image.

        Args:
            name: of what made it, or `REAL`.
            features: as `cells_of` gives them.
        """
        self._sets.setdefault(name, []).append(features)

    def distances(self) -> Mapping[str, float]:
        """The kernel distance of what each has made to the real images, by its name.

        Features are taken in units of the real images' deviations. NaN where there are fewer than
        two cells, or values are not finite.
        """
        sets = {name: _some(np.concatenate(rows)) for name, rows in self._sets.items()}
        real = sets.pop(REAL, np.empty((0, 0)))
        if len(real) < 2:
            return dict.fromkeys(sets, float("nan"))
        mean, deviation = real.mean(0), np.maximum(real.std(0), 1e-6)
        scaled = (real - mean) / deviation
        return {
            name: kernel_distance(scaled, (features - mean) / deviation)
            if len(features) >= 2 and np.isfinite(features).all()
            else float("nan")
            for name, features in sets.items()
        }


def cells_of(
    image: np.ndarray,
    *,
    data_range: float,
    mask: np.ndarray | None = None,
    axis: int | None = None,
) -> np.ndarray:
    """The features of an image's cells, `(cells, features)`.

    Args:
        image: `(*space, channels)`.
        data_range: what its values are relative to.
        mask: `(*space)`, the voxels that count; None: all.
        axis: along which slices of a volume lie; None: it is a picture.
    """
    if axis is not None:
        image = np.moveaxis(image, axis, 0)
        mask = None if mask is None else np.moveaxis(mask, axis, 0)
    return texture_features(image, data_range=data_range, mask=mask)


def cells_in(space: ScoreSpace, image: np.ndarray, truth: Image) -> np.ndarray:
    """The same of an image as a case is scored.

    Args:
        space: of the case.
        image: `(*space, channels)` in the values that it is scored in.
        truth: on whose grid it lies.
    """
    axis = slice_axis(truth.spacing)
    return cells_of(image, data_range=space.data_range, mask=space.mask, axis=axis)


def slice_axis(spacing: Sequence[float]) -> int | None:
    """The axis along which slices of a volume lie, that of the longest side of its voxels, of equal
    ones the last; None: it is a picture.

    Args:
        spacing: sides of voxels.

    Example:
        >>> slice_axis((1.0, 5.0, 1.0)), slice_axis((1.0, 1.0, 1.0)), slice_axis((1.0, 1.0))
        (1, 2, None)
    """
    if len(spacing) < 3:
        return None
    return max(range(3), key=lambda axis: (spacing[axis], axis))


def _some(rows: np.ndarray) -> np.ndarray:
    """So many rows by chance, the same of sets of one size."""
    if len(rows) <= MOST:
        return rows
    return rows[np.random.default_rng(0).permutation(len(rows))[:MOST]]
