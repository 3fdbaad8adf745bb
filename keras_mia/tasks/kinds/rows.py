"""Rows of scores.csv, and the report's table of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Row = Mapping[str, str]
TRUTH, PREDICTION = "truth", "prediction"


@dataclass(frozen=True)
class CaseList:
    """What the report's table of cases holds.

    Args:
        columns: headings of what stands beside a case's name.
        cases: pairs of a row of scores.csv and a text a column, in the order in which they are
            shown.
        hint: on that order.
    """

    columns: Sequence[str]
    cases: Sequence[tuple[Row, Sequence[str]]]
    hint: str = ""


def numbers_differ(row: Row, other: Row, tolerance: float) -> bool:
    """Whether the truth of a case is another number in two runs, that round it by the deviation of
    their own training cases.

    Args:
        row, other: of either scores.csv.
        tolerance: how far numbers may differ that are the same.
    """
    texts = truths(row), truths(other)
    if len(texts[0]) != len(texts[1]):
        return True
    first, second = (list(map(float, one)) for one in texts)
    return bool((np.abs(np.subtract(first, second)) > tolerance).any())


def truths(row: Row) -> list[str]:
    """The cells of a row that hold the truth.

    Args:
        row: of scores.csv.
    """
    return [text for name, text in row.items() if name.startswith(TRUTH)]
