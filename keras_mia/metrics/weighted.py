"""How often each case counts: what a score of cases and its interval have in common.

A score of cases takes `weights` `(..., cases)`, how often each case counts (None: once), and gives
`(...)`. So a score without each of a thousand patients is one call, and a score itself is that in
which each case counts once.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

Weights = np.ndarray | Sequence[float] | None


def as_weights(weights: Weights, cases: int) -> np.ndarray:
    """Weights as an array `(..., cases)`; ones where None.

    Raises:
        ValueError: where they do not fit the cases.
    """
    if weights is None:
        return np.ones(cases)
    weights = np.asarray(weights, float)
    if weights.shape[-1:] != (cases,):
        raise ValueError(f"Weights {weights.shape} do not fit {cases} cases.")
    return weights


def share(part: Any, whole: Any) -> Any:
    """`part / whole`, NaN where `whole` is 0; a float of two numbers.

    Example:
        >>> share(1, 4), share(np.array([1, 0]), np.array([2, 0]))
        (0.25, array([0.5, nan]))
    """
    part, whole = np.asarray(part, float), np.asarray(whole, float)
    found = np.full(np.broadcast_shapes(part.shape, whole.shape), np.nan)
    np.divide(part, whole, out=found, where=whole != 0)
    return found if found.ndim else float(found)


def mean_of_cases(values: np.ndarray, weights: np.ndarray) -> Any:
    """The mean of a value a case; cases where it is NaN (undefined) are left out.

    Args:
        values: `(cases,)`.
        weights: `(..., cases)`.

    Example:
        >>> mean_of_cases(np.array([1.0, 3.0, np.nan]), np.array([[1, 1, 1], [3, 1, 5]]))
        array([2. , 1.5])
    """
    known = ~np.isnan(values)
    counted = weights[..., known]
    with np.errstate(invalid="ignore"):  # of what is infinite no times is undefined
        total = counted @ values[known]
    return share(total, counted.sum(axis=-1))


def mean_of_classes(values: np.ndarray) -> Any:
    """The mean over the last axis; what is NaN (undefined) is left out, NaN where all is."""
    known = ~np.isnan(values)
    return share(np.where(known, values, 0).sum(axis=-1), known.sum(axis=-1))


def sum_by_group(
    group: np.ndarray, groups: int, weights: np.ndarray, values: np.ndarray | None = None
) -> np.ndarray:
    """Weights, or weighted values, added up by group.

    Args:
        group: `(cases,)`, integers below `groups`.
        groups: how many there are.
        weights: `(cases,)` or `(draws, cases)`.
        values: `(cases,)`, what the weights are multiplied by; None: 1.

    Returns:
        `(groups,)` or `(draws, groups)`.

    Example:
        >>> sum_by_group(np.array([0, 2, 0]), 3, np.array([1.0, 5.0, 2.0]))
        array([3., 0., 5.])
    """
    cases = len(group)
    values = np.ones(cases) if values is None else values
    onto = sparse.csr_array((values, (group, np.arange(cases))), shape=(groups, cases))
    return (onto @ weights.T).T
