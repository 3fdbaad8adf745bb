"""Precision and recall of a set of samples."""

from typing import NamedTuple

import numpy as np

from keras_mia.metrics.generation.checks import feature_sets
from keras_mia.metrics.generation.distances import squared_distances

TIE = 1e-9
"""Share of a radius within which a distance is equal to it: sums in another order differ so."""


class PrecisionRecall(NamedTuple):
    """How good samples are, and how many kinds of them there are.

    Args:
        precision: share of the samples that lie where real images are.
        recall: share of the real images that lie where samples are.
    """

    precision: float
    recall: float


def precision_recall(
    real: np.ndarray, samples: np.ndarray, *, neighbours: int = 3
) -> PrecisionRecall:
    """Precision and recall of a set of samples.

    A set is where its examples are: within a ball around each that reaches to its k-th nearest
    neighbour of the same set. Poor images cost precision, missing ones recall. Both depend on the
    sizes of the sets and on the features; take sets of one size, and real against real as the most
    that can be had.

    Args:
        real: features of real images `(examples, features)`.
        samples: features of samples, as many a sample.
        neighbours: k.

    Returns:
        Precision and recall, 0 to 1 each.

    Raises:
        ValueError: a set has no more examples than neighbours, shapes do not fit, or a value is
            not finite.

    Source: Kynkaanniemi et al. (2019), arXiv:1904.06991.

    Example:
        >>> real = np.array([[0.0], [1.0], [2.0], [9.0], [10.0], [11.0]])
        >>> precision_recall(real, np.array([[0.5], [1.5], [2.1]]), neighbours=1)
        PrecisionRecall(precision=1.0, recall=0.5)
    """
    if neighbours != int(neighbours) or neighbours < 1:
        raise ValueError(f"neighbours is {neighbours}; it has to be a whole number from 1 on.")
    real, samples = feature_sets(fewest=int(neighbours) + 1, real=real, samples=samples)
    return PrecisionRecall(
        _share_inside(samples, real, int(neighbours)), _share_inside(real, samples, int(neighbours))
    )


def _share_inside(examples: np.ndarray, reference: np.ndarray, neighbours: int) -> float:
    """The share of examples that lie within a ball of the reference."""
    limits = _squared_radii(reference, neighbours) * (1 + TIE)
    inside = np.zeros(len(examples), bool)
    for rows, others, squares in squared_distances(examples, reference):
        inside[rows] |= (squares <= limits[others]).any(axis=1)
    return float(inside.mean())


def _squared_radii(examples: np.ndarray, neighbours: int) -> np.ndarray:
    """The squared distance to the k-th nearest of the others, `(examples,)`."""
    smallest = np.full((len(examples), neighbours), np.inf)
    for rows, others, squares in squared_distances(examples, examples):
        itself = np.arange(rows.start, rows.stop)
        here = (itself >= others.start) & (itself < others.stop)
        squares[np.flatnonzero(here), itself[here] - others.start] = np.inf
        both = np.concatenate([smallest[rows], squares], axis=1)
        smallest[rows] = np.partition(both, neighbours - 1, axis=1)[:, :neighbours]
    return smallest.max(axis=1)
