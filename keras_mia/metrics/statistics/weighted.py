"""How often each case counts: what a score of cases and its interval have in common.

A score of cases takes `weights` `(..., cases)`, how often each case counts (None: once), and gives
`(...)`. So a score without each of a thousand patients is one call, and a score itself is that in
which each case counts once.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse


@dataclass(frozen=True, eq=False)
class SparseWeights:
    """Weights of many draws in which most cases count alike: all of them, or none.

    Args:
        base: how often a case counts.
        extra: how much more often, `(draws, cases)`.

    Example:
        >>> weights = SparseWeights(1.0, sparse.csr_array([[0, 0, 0], [0, -1, 0]]))
        >>> weights.dense()
        array([[1., 1., 1.],
               [1., 0., 1.]])
    """

    base: float
    extra: sparse.csr_array

    @property
    def shape(self) -> tuple[int, int]:
        """Draws and cases."""
        return self.extra.shape

    def dense(self) -> np.ndarray:
        """The same as an array `(draws, cases)`."""
        return self.base + self.extra.toarray()

    def of_cases(self, cases: np.ndarray) -> "SparseWeights":
        """Those of some cases, by their numbers or by a mask.

        Args:
            cases: `(some,)`, numbers or a mask `(cases,)`.

        Returns:
            The weights of these cases, in their order.
        """
        return SparseWeights(self.base, self.extra[:, np.arange(self.shape[1])[cases]])

    def rows(self, start: int, stop: int) -> "SparseWeights":
        """Those of some draws.

        Args:
            start, stop: the first draw, and the one behind the last.

        Returns:
            The weights of these draws.
        """
        return SparseWeights(self.base, self.extra[start:stop])


Weights = np.ndarray | Sequence[float] | SparseWeights | None
CaseWeights = np.ndarray | SparseWeights


def as_weights(weights: Weights, cases: int) -> CaseWeights:
    """Weights as an array `(..., cases)`, or as they are where they are sparse; ones where None.

    Args:
        weights: `(..., cases)`, sparse ones `(draws, cases)`, or None.
        cases: how many there are.

    Returns:
        float `(..., cases)`, or the sparse weights themselves.

    Raises:
        ValueError: where they do not fit the cases.
    """
    if weights is None:
        return np.ones(cases)
    if not isinstance(weights, SparseWeights):
        weights = np.asarray(weights, float)
    if weights.shape[-1:] != (cases,):
        raise ValueError(f"Weights {weights.shape} do not fit {cases} cases.")
    return weights


def as_array(weights: Weights, cases: int) -> np.ndarray:
    """Weights as an array `(..., cases)`, whatever they are.

    Args:
        weights: as in `as_weights`.
        cases: how many there are.

    Returns:
        float `(..., cases)`.

    Raises:
        ValueError: where they do not fit the cases.
    """
    resolved = as_weights(weights, cases)
    return resolved.dense() if isinstance(resolved, SparseWeights) else resolved


def of_cases(weights: CaseWeights, cases: np.ndarray) -> CaseWeights:
    """The weights `(..., some)` of some cases, by their numbers or by a mask.

    Args:
        weights: `(..., cases)`.
        cases: `(some,)`, numbers or a mask `(cases,)`.

    Returns:
        `(..., some)`, in the order of the numbers.
    """
    if isinstance(weights, SparseWeights):
        return weights.of_cases(cases)
    return weights[..., cases]


def row_blocks(weights: CaseWeights, step: int) -> Iterator[CaseWeights]:
    """The weights `(some draws, cases)` of some draws after the other; at least once.

    Args:
        weights: `(..., cases)`.
        step: how many draws at a time.

    Returns:
        An iterator over weights `(up to step, cases)`.
    """
    if isinstance(weights, SparseWeights):
        for start in range(0, max(1, weights.shape[0]), step):
            yield weights.rows(start, start + step)
        return
    flat = weights.reshape(math.prod(weights.shape[:-1]), weights.shape[-1])
    for start in range(0, max(1, len(flat)), step):
        yield flat[start : start + step]


def weighted_sum(values: np.ndarray, weights: CaseWeights) -> np.ndarray:
    """The sum `(...)` of a value a case, `(cases,)`, each as often as it counts.

    Args:
        values: `(cases,)`.
        weights: `(..., cases)`.

    Returns:
        `(...)`.
    """
    if isinstance(weights, SparseWeights):
        if np.isfinite(values).all():
            return weights.base * values.sum() + weights.extra @ values
        weights = weights.dense()
    with np.errstate(invalid="ignore"):  # of what is infinite no times is undefined
        return weights @ values


def share(part: Any, whole: Any) -> Any:
    """`part / whole`, NaN where `whole` is 0; a float of two numbers.

    Args:
        part, whole: numbers or arrays that can be broadcast together.

    Returns:
        float of two numbers, otherwise an array of floats.

    Example:
        >>> share(1, 4), share(np.array([1, 0]), np.array([2, 0]))
        (0.25, array([0.5, nan]))
    """
    part, whole = np.asarray(part, float), np.asarray(whole, float)
    shares = np.full(np.broadcast_shapes(part.shape, whole.shape), np.nan)
    np.divide(part, whole, out=shares, where=whole != 0)
    return shares if shares.ndim else float(shares)


def mean_of_cases(values: np.ndarray, weights: CaseWeights) -> Any:
    """The mean of a value a case; cases where it is NaN (undefined) are left out.

    Args:
        values: `(cases,)`.
        weights: `(..., cases)`.

    Returns:
        `(...)`, NaN where no case counts.

    Example:
        >>> mean_of_cases(np.array([1.0, 3.0, np.nan]), np.array([[1, 1, 1], [3, 1, 5]]))
        array([2. , 1.5])
    """
    defined = ~np.isnan(values)
    counted = of_cases(weights, defined)
    return share(
        weighted_sum(values[defined], counted),
        weighted_sum(np.ones(defined.sum()), counted),
    )


def mean_of_classes(values: np.ndarray) -> Any:
    """The mean over the last axis; what is NaN (undefined) is left out, NaN where all is.

    Args:
        values: `(..., classes)`.

    Returns:
        `(...)`.
    """
    defined = ~np.isnan(values)
    return share(np.where(defined, values, 0).sum(axis=-1), defined.sum(axis=-1))


def sum_by_group(
    group: np.ndarray, groups: int, weights: CaseWeights, values: np.ndarray | None = None
) -> np.ndarray:
    """Weights, or weighted values, added up by group.

    Args:
        group: `(cases,)`, integers below `groups`.
        groups: how many there are.
        weights: `(..., cases)`.
        values: `(cases,)`, what the weights are multiplied by; None: 1.

    Returns:
        `(..., groups)`.

    Example:
        >>> sum_by_group(np.array([0, 2, 0]), 3, np.array([1.0, 5.0, 2.0]))
        array([3., 0., 5.])
    """
    cases = len(group)
    values = np.ones(cases) if values is None else values
    onto = sparse.csr_array((values, (group, np.arange(cases))), shape=(groups, cases))
    if isinstance(weights, SparseWeights):
        return weights.base * onto.sum(axis=1) + (weights.extra @ onto.T).toarray()
    leading = weights.shape[:-1]
    sums = onto @ weights.reshape(math.prod(leading), cases).T
    return sums.T.reshape(*leading, groups)
