"""Tables of scores: a row a class, and a row a case."""

import math
from collections.abc import Mapping, Sequence

from keras_mia.report.formatting import interval, number
from keras_mia.report.metric_names import HEADINGS, heading
from keras_mia.report.table import Cell, Row, Table

FITTING = 8  # columns that the page is wide enough for
COLUMNS = {"case", "patient", "class", "split"}  # of scores.csv that are no scores
LONG = 24  # rows from which a table scrolls by itself


def score_table(
    metrics: Mapping,
    *,
    overall: str = "Mean",
    swatches: Mapping[str, str] | None = None,
    notes: Mapping[str, str] | None = None,
) -> Table:
    """A row a class and one for all of them; the interval below each score, then the baseline.

    It is transposed where the page is too narrow for a column a score, and not for one a class.

    Args:
        metrics: what metrics.json holds; of these keys `classes`, `class_intervals`,
            `baseline_classes`, `mean`, `interval` and `baseline`.
        overall: what the row for all classes is called; a single class has none.
        swatches: class name to CSS colour.
        notes: class name to what stands below it.

    Returns:
        The table; without rows where there are no scores.
    """
    classes = metrics.get("classes") or {}
    means = metrics.get("mean") or {}
    columns = ordered([*classes.values(), means])
    intervals, baselines = (
        metrics.get(key) or {} for key in ("class_intervals", "baseline_classes")
    )
    swatches, notes = swatches or {}, notes or {}
    rows = [
        _row(
            Cell(name, notes.get(name, ""), swatches.get(name, "")),
            (scores, intervals.get(name), baselines.get(name)),
            columns,
        )
        for name, scores in classes.items()
    ]
    if means and len(classes) != 1:
        whole = means, metrics.get("interval"), metrics.get("baseline")
        rows.append(_row(Cell(overall), whole, columns, strong=True))
    transposed = len(columns) > FITTING >= len(rows)
    return Table(
        ["Score" if transposed else "Class" if classes else "", *map(heading, columns)],
        rows,
        "Scores of each class",
        transposed=transposed,
        tall=len(rows) > LONG,
    )


def _row(
    head: Cell,
    values: tuple[Mapping | None, Mapping | None, Mapping | None],
    columns: Sequence[str],
    strong: bool = False,
) -> Row:
    scores, ends, baseline = (one or {} for one in values)
    cells = [Cell(number(scores.get(c), c), interval(ends.get(c), c)) for c in columns]
    reference = [number(baseline.get(c), c) if c in baseline else "" for c in columns]
    return Row(head, cells, reference if any(reference) else (), strong)


def case_table(
    columns: Sequence[str | Cell], cases: Sequence[tuple[str, str, Sequence[str]]]
) -> Table:
    """A row a case, in the order given.

    Args:
        columns: names of what is told of a case.
        cases: triples of a case's name, its patient, and a text a column. Patients are shown where
            they are called otherwise than their cases.

    Returns:
        The table, which scrolls by itself.
    """
    patients = any(patient not in ("", name) for name, patient, _ in cases)
    return Table(
        ["Case", *(["Patient"] if patients else []), *columns],
        [Row(name, [*([patient] if patients else []), *cells]) for name, patient, cells in cases],
        "Scores of every case",
        text_columns=int(patients),
        tall=True,
    )


def ordered(rows: Sequence[Mapping]) -> list[str]:
    """The metrics of rows, in the order of `HEADINGS`, unknown ones last.

    Args:
        rows: mappings by the names of metrics.

    Returns:
        The names.
    """
    values = dict.fromkeys(key for row in rows for key in row)
    listed = [name for name in HEADINGS if name in values]
    unlisted = [name for name in values if name not in HEADINGS]
    return listed + [name for name in unlisted if name not in COLUMNS]


def nan_mean(values: Sequence[float]) -> float:
    """The mean of the values that are defined; NaN where none is.

    Args:
        values: of any number.

    Returns:
        The mean.
    """
    defined = [value for value in values if not math.isnan(value)]
    return sum(defined) / len(defined) if defined else math.nan
