"""Means over cases, with the counts of what was empty, invented or missed beside them."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

FINDINGS = ("empty", "invented", "missed")


class Summary(NamedTuple):
    """What the scores of one class (or of all) amount to.

    Args:
        cases: how many rows there were.
        mean: of each metric, over the rows in which it is defined; NaN where it is in none.
        findings: how many rows were "empty", "invented" and "missed".
    """

    cases: int
    mean: dict[str, float]
    findings: dict[str, int]


def finding(row: Mapping[str, Any]) -> str:
    """Whether a structure is "empty", "invented", "missed", or "found" at least in part or beside.

    Args:
        row: with `dice`, `sensitivity` and `precision`, as `scores` gives them.

    Returns:
        The one of the four words.

    Example:
        >>> finding({"dice": 0.0, "sensitivity": 0.0, "precision": float("nan")})
        'missed'
    """
    if math.isnan(row["dice"]):
        return "empty"
    if math.isnan(row["sensitivity"]):
        return "invented"
    return "missed" if math.isnan(row["precision"]) else "found"


def summary(rows: Sequence[Mapping[str, Any]]) -> Summary:
    """Averages rows of scores; what is not a number (a name, NaN) is left out.

    Args:
        rows: of `scores`, further columns allowed.

    Returns:
        How many rows there are, the mean of each score (NaN where no row has a number), and how
        many structures were found, missed, invented and empty.

    Example:
        >>> nan = float("nan")
        >>> empty = {"case": "a", "dice": nan, "sensitivity": nan, "precision": nan}
        >>> found = {"case": "b", "dice": 0.8, "sensitivity": 1.0, "precision": 0.7}
        >>> summary([empty, found]).mean["dice"], summary([empty, found]).findings["empty"]
        (0.8, 1)
    """
    values: dict[str, list[float]] = {}
    for row in rows:
        for name, value in row.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                values.setdefault(name, []).extend([] if math.isnan(value) else [float(value)])
    mean = {name: math.fsum(v) / len(v) if v else math.nan for name, v in values.items()}
    kinds = [finding(row) for row in rows]
    return Summary(len(kinds), mean, {kind: kinds.count(kind) for kind in FINDINGS})
