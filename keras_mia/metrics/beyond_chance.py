"""Agreement of truth and prediction beyond what chance would give, from a confusion table."""

from typing import Any

import numpy as np

from keras_mia.metrics.weighted import share

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
    if weights not in POWERS:
        raise ValueError(f"weights is one of {tuple(POWERS)}, not {weights!r}.")
    table = np.asarray(table, float)
    grade = np.arange(table.shape[-1])
    apart = np.abs(grade[:, None] - grade)
    cost = apart ** POWERS[weights] * (apart > 0)
    by_chance = table.sum(axis=-1)[..., :, None] * table.sum(axis=-2)[..., None, :]
    seen = (cost * table).sum(axis=(-2, -1)) * table.sum(axis=(-2, -1))
    return 1 - share(seen, (cost * by_chance).sum(axis=(-2, -1)))


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
    true, guessed = table.sum(axis=-1), table.sum(axis=-2)
    whole = table.sum(axis=(-2, -1))
    together = np.trace(table, axis1=-2, axis2=-1) * whole - (true * guessed).sum(axis=-1)
    spread_true = whole**2 - (true**2).sum(axis=-1)
    spread_guessed = whole**2 - (guessed**2).sum(axis=-1)
    return share(together, np.sqrt(spread_true * spread_guessed))
