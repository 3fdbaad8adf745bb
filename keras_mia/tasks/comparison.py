"""Two runs compared on the same cases: what every family does with their scores.csv."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing, plural
from keras_mia.data.datasets.tables.run_tables import Column, read_scores
from keras_mia.metrics.statistics.comparison import COUNTS, ScoreComparison
from keras_mia.metrics.statistics.interval import NONE
from keras_mia.report.interval_text import FEW_PATIENTS

Rows = list[dict[str, str]]


def common_rows(folders: Sequence[Path], columns: Sequence[Sequence[Column]]) -> list[list[Rows]]:
    """The rows of scores.csv of the cases that all runs have, case by case in one order.

    Args:
        folders: of the runs.
        columns: that the scores.csv of each has to have, as `read_scores` takes them.

    Returns:
        For each run a list of the rows of each case.

    Raises:
        Problem: a run has no scores, or they have no case in common.
    """
    tables = [_by_case(*one) for one in zip(folders, columns, strict=True)]
    names = [name for name in tables[0] if all(name in table for table in tables)]
    if not names:
        raise Problem(
            "The runs have no test case in common.",
            ", ".join(map(str, reversed(folders))),
            "Compare runs with the same --data and --fold.",
        )
    print(f"  {plural(len(names), 'case')} in both runs.")
    left = sum(len(table) - len(names) for table in tables)
    if left:
        print(f"  {plural(left, 'case')} that only one of them has are left out.")
    return [[table[name] for name in names] for table in tables]


def _by_case(folder: Path, columns: Sequence[Column]) -> dict[str, Rows]:
    path = folder / "scores.csv"
    if not path.exists():
        raise Problem("The run has no scores.", path, "Finish it, or name a run that is evaluated.")
    by_case: dict[str, Rows] = {}
    for row in read_scores(path, columns):
        by_case.setdefault(row["case"], []).append(row)
    return by_case


def other_truth(cases: Sequence[str]) -> Problem:
    """What is raised where two runs were evaluated by different truths.

    Args:
        cases: names of those of which the truth differs.
    """
    return Problem(
        f"{plural(len(cases), 'case')} have another truth in the other run.",
        listing(cases, 5),
        "Compare runs that were evaluated by the same truth.",
    )


def row_of(one: ScoreComparison) -> dict[str, Any]:
    """A row of comparison.csv.

    Args:
        one: a score compared.

    Returns:
        `score`, `run`, `against`, `difference` (run less against), `low` and `high` of its 95 %
        interval, `interval_method`, `p`, the `test`, and on how many `cases` of how many `patients`
        both are defined.
    """
    comparison = one.comparison
    return {
        "score": one.score,
        "run": comparison.second,
        "against": comparison.first,
        "difference": comparison.difference,
        "low": comparison.interval.low,
        "high": comparison.interval.high,
        "interval_method": comparison.interval.method,
        "p": comparison.p,
        "test": one.test,
        "cases": one.cases,
        "patients": one.patients,
    }


def comparison_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """The comparison as a table to print."""
    width = max([13, *(len(row["score"]) for row in rows)]) + 1
    lines = [
        f"  {'score':<{width}}{'run':>8}{'against':>9}{'more':>9}   95 % interval            p"
        "  test, on cases in which both are defined"
    ]
    for row in rows:
        ends = "none" if np.isnan(row["low"]) else f"{row['low']:+.4f} to {row['high']:+.4f}"
        cases_text = f"{plural(row['cases'], 'case')} of {plural(row['patients'], 'patient')}"
        values = f"{row['run']:8.4f}{row['against']:9.4f}{row['difference']:+9.4f}"
        test = f"{row['p']:8.4f}  {row['test']}, {cases_text}"
        lines.append(f"  {row['score']:<{width}}{values}   {ends:<18}{test}")
    lacking = dict.fromkeys(
        row["interval_method"].removeprefix(NONE)
        for row in rows
        if np.isnan(row["low"]) and row["score"] not in COUNTS
    )
    if lacking:
        lines.append(f"  No interval of a difference where {'; '.join(lacking)}.")
    patients = min((row["patients"] for row in rows), default=0)
    if 0 < patients < FEW_PATIENTS:
        least = f"p can't be below 2 / 2^{patients} = {2 / 2**patients:.2g}"
        lines.append(f"  {plural(patients, 'patient')}: intervals are wide, and {least}.")
    return "\n".join(lines)
