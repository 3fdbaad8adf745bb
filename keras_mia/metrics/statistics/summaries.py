"""Means over cases, and how many structures were empty, falsely positive or missed."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

OUTCOMES = ("empty", "false_positive", "missed")


class Summary(NamedTuple):
    """What the scores of one class (or of all) amount to.

    Args:
        cases: how many rows there were.
        mean: of each metric, over the rows in which it is defined; NaN where it is in none.
        outcomes: how many rows were "empty", "false_positive" and "missed".
    """

    cases: int
    mean: dict[str, float]
    outcomes: dict[str, int]


def outcome(row: Mapping[str, Any]) -> str:
    """Whether a structure is "empty", "false_positive", "missed", or "detected" somewhere.

    Args:
        row: with `dice`, `sensitivity` and `precision`, as `scores` gives them.

    Returns:
        One of these four.

    Example:
        >>> outcome({"dice": 0.0, "sensitivity": 0.0, "precision": float("nan")})
        'missed'
    """
    if math.isnan(row["dice"]):
        return "empty"
    if math.isnan(row["sensitivity"]):
        return "false_positive"
    return "missed" if math.isnan(row["precision"]) else "detected"


def summary(rows: Sequence[Mapping[str, Any]]) -> Summary:
    """Averages rows of scores; what is not a number (a name, NaN) is left out.

    Args:
        rows: of `scores`, further columns allowed.

    Returns:
        How many rows there are, the mean of each score (NaN where no row has a number), and how
        many structures were empty, falsely positive and missed.

    Example:
        >>> nan = float("nan")
        >>> empty = {"case": "a", "dice": nan, "sensitivity": nan, "precision": nan}
        >>> detected = {"case": "b", "dice": 0.8, "sensitivity": 1.0, "precision": 0.7}
        >>> found = summary([empty, detected])
        >>> found.mean["dice"], found.outcomes["empty"]
        (0.8, 1)
    """
    values: dict[str, list[float]] = {}
    for row in rows:
        for name, value in row.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                values.setdefault(name, []).extend([] if math.isnan(value) else [float(value)])
    mean = {name: math.fsum(v) / len(v) if v else math.nan for name, v in values.items()}
    kinds = [outcome(row) for row in rows]
    return Summary(len(kinds), mean, {kind: kinds.count(kind) for kind in OUTCOMES})
