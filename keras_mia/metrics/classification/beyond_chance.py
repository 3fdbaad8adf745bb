"""Agreement of truth and prediction beyond what chance would give, from a confusion table."""

from typing import Any

import numpy as np

from keras_mia.metrics.statistics.weighted import share

POWERS = {None: 0, "linear": 1, "quadratic": 2}


def cohen_kappa(table: np.ndarray, weights: str | None = None) -> Any:
    """Cohen's kappa: 1 for full agreement, 0 for that of chance with the same class frequencies.

    Args:
        table: of `confusion`, or many `(..., classes, classes)`.
        weights: how much a confusion counts. None: each the same; "linear" or "quadratic": by the
            distance of the two classes, or its square, for classes that have an order (grades).

    Returns:
        Kappa `(...)`; NaN where truth and prediction are all of one and the same class.

    Raises:
        ValueError: where there are no such weights.

    Source: Cohen (1960), doi:10.1177/001316446002000104; (1968), doi:10.1037/h0026256 (weighted).

    Example:
        >>> table = np.array([[20, 5], [10, 15]])
        >>> round(cohen_kappa(table), 3)
        0.4
    """
    table = np.asarray(table, float)
    cost = costs(table.shape[-1], weights)
    return kappa_of((cost * table).sum(axis=(-2, -1)), table.sum(axis=-1), table.sum(axis=-2), cost)


def costs(classes: int, weights: str | None = None) -> np.ndarray:
    """How much each confusion counts.

    Args:
        classes: how many there are.
        weights: as in `cohen_kappa`.

    Returns:
        `(classes, classes)` float, 0 on the diagonal.

    Raises:
        ValueError: where there are no such weights.
    """
    if weights not in POWERS:
        raise ValueError(f"weights is one of {tuple(POWERS)}, not {weights!r}.")
    grade = np.arange(classes, dtype=float)
    distance = np.abs(grade[:, None] - grade)
    return distance ** POWERS[weights] * (distance > 0)


def kappa_of(cost_of_all: Any, true: np.ndarray, predicted: np.ndarray, cost: np.ndarray) -> Any:
    """Cohen's kappa without the table.

    Args:
        cost_of_all: of all confusions together, `(...)`.
        true: how many are of each class, `(..., classes)`.
        predicted: how many are predicted to be, `(..., classes)`.
        cost: of each confusion, from `costs`.

    Returns:
        Kappa `(...)`; NaN where all are of one class, or would cost nothing by chance.
    """
    return 1 - share(cost_of_all * true.sum(axis=-1), ((true @ cost) * predicted).sum(axis=-1))


def matthews(table: np.ndarray) -> Any:
    """Matthews' correlation of truth and prediction, -1 to 1, of two classes or more.

    Args:
        table: of `confusion`, or many `(..., classes, classes)`.

    Returns:
        The correlation `(...)`; NaN where the truth, or the prediction, is all of one class.

    Source: Matthews (1975), doi:10.1016/0005-2795(75)90109-9; Gorodkin (2004),
    doi:10.1016/j.compbiolchem.2004.09.006 (more than two classes).

    Example:
        >>> round(matthews(np.array([[20, 5], [10, 15]])), 3)
        0.408
    """
    table = np.asarray(table, float)
    hits = np.trace(table, axis1=-2, axis2=-1)
    return matthews_of(hits, table.sum(axis=-1), table.sum(axis=-2))


def matthews_of(hits: Any, true: np.ndarray, predicted: np.ndarray) -> Any:
    """Matthews' correlation without the table.

    Args:
        hits: how many are right, `(...)`.
        true: how many are of each class, `(..., classes)`.
        predicted: how many are predicted to be, `(..., classes)`.

    Returns:
        The correlation `(...)`; NaN where the truth, or the prediction, is all of one class.
    """
    whole = true.sum(axis=-1)
    covariance = hits * whole - (true * predicted).sum(axis=-1)
    spread_true = whole**2 - (true**2).sum(axis=-1)
    spread_predicted = whole**2 - (predicted**2).sum(axis=-1)
    return share(covariance, np.sqrt(spread_true * spread_predicted))
