"""Distances between all examples of two sets, a block at a time."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from keras_mia.metrics.generation.checks import flat_sets

ROWS, OTHERS = 512, 8192
"""Examples of both sets whose distances are in memory at a time: 32 MiB."""
ROUNDING = 1e-12
"""Of both squared lengths: a squared distance below it is that of equal examples."""


class Nearest(NamedTuple):
    """The training example that lies nearest to each sample.

    Args:
        indices: of the training set, `(samples,)`.
        distances: Euclidean, `(samples,)` float64.
    """

    indices: np.ndarray
    distances: np.ndarray


def nearest(samples: np.ndarray, training: np.ndarray) -> Nearest:
    """Finds the training example nearest to each sample, by the Euclidean distance.

    Args:
        samples: images or features `(samples, ...)`, of any type.
        training: of the same shape and unit an example.

    Returns:
        Indices and distances; of examples that are equally near, the first.

    Raises:
        ValueError: a set is empty, shapes do not fit, or a value is not finite.

    Example:
        >>> nearest(np.array([[1.0], [9.0]]), np.array([[0.0], [4.0], [10.0]]))
        Nearest(indices=array([0, 2]), distances=array([1., 1.]))
    """
    samples, training = flat_sets(samples=samples, training=training)
    least = np.full(len(samples), np.inf)
    indices = np.zeros(len(samples), int)
    for rows, others, squares in squared_distances(samples, training):
        position = squares.argmin(axis=1)
        values = squares[np.arange(len(squares)), position]
        nearer = values < least[rows]
        least[rows] = np.where(nearer, values, least[rows])
        indices[rows] = np.where(nearer, position + others.start, indices[rows])
    distances = [
        np.linalg.norm(samples[rows].astype(np.float64) - training[indices[rows]], axis=1)
        for rows in blocks(len(samples), ROWS)
    ]
    return Nearest(indices, np.concatenate(distances))


def squared_distances(
    one: np.ndarray, other: np.ndarray
) -> Iterator[tuple[slice, slice, np.ndarray]]:
    """The squared distances between all examples of two sets, a block at a time.

    Args:
        one: `(examples, values)`.
        other: `(others, values)`.

    Returns:
        Which examples of both, and their squared distances as float64; the blocks of one `one`
        follow each other.
    """
    # Values far from 0 would cancel; distances do not depend on where 0 lies.
    origin = other[:ROWS].astype(np.float64).mean(axis=0)
    for rows in blocks(len(one), ROWS):
        left = one[rows] - origin
        left_squares = (left**2).sum(axis=1)[:, None]
        for others in blocks(len(other), OTHERS):
            right = other[others] - origin
            squares = left @ right.T
            squares *= -2
            lengths = left_squares + (right**2).sum(axis=1)
            squares += lengths
            lengths *= ROUNDING
            squares[squares < lengths] = 0
            yield rows, others, squares


def blocks(count: int, size: int) -> list[slice]:
    """Slices that cover `count` examples, at most `size` each.

    Args:
        count: of the examples.
        size: of a block.

    Returns:
        The slices in their order.

    Example:
        >>> blocks(5, 2)
        [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]
