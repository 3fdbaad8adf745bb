"""The area under the ROC curve of any number of voxels, in bounded memory."""

import numpy as np

from keras_mia.metrics.classification.checks import in_range


class PooledAUC:
    """The area under the ROC curve, pooled over all voxels that are added.

    Probabilities are counted in bins, so that memory does not grow with the number of voxels;
    those in one bin count as ties (half). It is exact for probabilities that are multiples of
    `1 / (bins - 1)`.

    Args:
        bins: how finely probabilities are told apart.

    Source: Fawcett (2006), doi:10.1016/j.patrec.2005.10.010.

    Example:
        >>> area = PooledAUC()
        >>> area.add(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1]))
        >>> area.value()
        0.75
    """

    def __init__(self, bins: int = 65536):
        self.bins = bins
        self._background = np.zeros(bins, np.int64)
        self._structure = np.zeros(bins, np.int64)

    def add(self, probability: np.ndarray, truth: np.ndarray) -> None:
        """Counts voxels.

        Args:
            probability: of the structure, 0 to 1, any shape.
            truth: of the same shape, true (or 1) where the structure is.

        Raises:
            ValueError: where shapes do not fit, a probability is not in 0 to 1, or the truth holds
                anything but 0 and 1.
        """
        probability, truth = np.asarray(probability), np.asarray(truth)
        if truth.dtype != bool and not ((truth == 0) | (truth == 1)).all():
            raise ValueError(f"The truth has to be 0 or 1; it holds {np.unique(truth)[:5]}.")
        truth = truth.astype(bool)
        if probability.shape != truth.shape:
            raise ValueError(f"Probabilities {probability.shape}, truth {truth.shape}.")
        if not probability.size:
            return
        # float16 has too few digits for the bins' numbers.
        wide = probability.astype(np.promote_types(probability.dtype, np.float32), copy=False)
        scaled = in_range(wide).ravel()
        index = np.rint(scaled * (self.bins - 1)).astype(np.int64)
        truth = truth.ravel()
        self._structure += np.bincount(index[truth], minlength=self.bins)
        self._background += np.bincount(index[~truth], minlength=self.bins)

    def value(self) -> float:
        """The area, 0 to 1; NaN while structure or background has no voxel."""
        structure, background = int(self._structure.sum()), int(self._background.sum())
        if not structure or not background:
            return float("nan")
        below = np.cumsum(self._background) - self._background
        concordant = np.dot(self._structure.astype(float), below + self._background / 2)
        return float(concordant / structure / background)


class PooledAreas:
    """The areas under the ROC curves of several classes, pooled over all voxels that are added.

    Voxels are gathered until there are enough of them to be counted at once.

    Args:
        classes: how many there are, with background, which has no area.

    Example:
        >>> areas = PooledAreas(2)
        >>> areas.add(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 1]))
        >>> areas.values()
        [1.0]
    """

    WAITING = 2**22
    """Probabilities that are gathered."""

    def __init__(self, classes: int):
        self._pooled = [PooledAUC() for _ in range(1, classes)]
        self._waiting: list[tuple[np.ndarray, np.ndarray]] = []
        self._size = 0

    def add(self, probabilities: np.ndarray, truth: np.ndarray) -> None:
        """Counts voxels.

        Args:
            probabilities: `(n, classes)`; the memory may be used again.
            truth: `(n,)`, their classes.
        """
        self._waiting.append((np.array(probabilities), np.array(truth)))
        self._size += probabilities.size
        if self._size >= self.WAITING:
            self._count()

    def _count(self) -> None:
        if self._waiting:
            probabilities, truth = map(np.concatenate, zip(*self._waiting, strict=True))
            for index, area in enumerate(self._pooled, 1):
                area.add(probabilities[:, index], truth == index)
        self._waiting, self._size = [], 0

    def values(self) -> list[float]:
        """The area of each class but the background; NaN where it is undefined."""
        self._count()
        return [area.value() for area in self._pooled]
