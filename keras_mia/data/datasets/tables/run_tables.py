"""The tables of a run, checked against the columns that they must have before they are used."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from keras_mia.core.files.text_files import read_csv, read_json
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.cases import SPLITS

AGAIN = "Take the file from a copy of the run, or make it again."
FINISH = "Go on with the run by --resume, or begin it again."


@dataclass(frozen=True)
class Column:
    """What a column of a table must hold.

    Args:
        name: its heading.
        number: whether it holds numbers; else text.
        finite: whether these are finite.
        empty: whether a cell may be empty.
        among: the texts that it may hold; None: any.
        joined: whether it holds several of them, joined by `|`, with a `?` where not known.
    """

    name: str
    number: bool = False
    finite: bool = True
    empty: bool = False
    among: frozenset[str] | None = None
    joined: bool = False

    def fault(self, cell: str) -> str:
        """What is wrong with a cell, in words; empty where nothing is."""
        if not cell:
            return "" if self.empty else "nothing stands there"
        if self.number:
            right = math.isfinite(_number(cell)) if self.finite else _is_number(cell)
            return "" if right else f"{cell[:40]!r} is no number"
        parts = cell.split("|") if self.joined else [cell]
        texts = [part.removesuffix("?") if self.joined else part for part in parts]
        odd = [text for text in texts if self.among is not None and text not in self.among]
        return f"{odd[0][:40]!r} is none of {', '.join(sorted(self.among or ()))}" if odd else ""


CASES = (
    Column("name"),
    Column("patient", empty=True),
    Column("split", empty=True, among=frozenset(SPLITS)),
    Column("image", empty=True),
    Column("label", empty=True),
    Column("region", empty=True),
    Column("total", number=True),
)
OF_CASE = ("name", "split", "region")
"""What no two rows of cases.csv have alike: parts of one case are rows of one name."""
GRADIENTS = (
    Column("step", number=True),
    Column("layer"),
    Column("norm", number=True, finite=False),
)
CASE, PATIENT, CLASS = Column("case"), Column("patient", empty=True), Column("class")


def read_run_table(
    path: str | os.PathLike,
    columns: Sequence[Column],
    *,
    key: Sequence[str] = (),
    others_are_numbers: bool = False,
    cut: bool = True,
    remedy: str = AGAIN,
) -> list[dict[str, str]]:
    """The rows of a table of a run.

    Args:
        path: of the file.
        columns: that it must have; others may stand beside them.
        key: the columns by which no two rows are alike.
        others_are_numbers: whether all other columns hold numbers, NaN among them, or nothing.
        cut: whether a last line without an end shows that the file was cut off; not where people
            write such tables too.
        remedy: what to do where it does not fit.

    Raises:
        Problem: it cannot be read, is empty, cut off, lacks a column or holds what it cannot hold.
    """
    rows = read_csv(path)
    if not rows:
        raise Problem("The table has no rows.", path, remedy)
    _check_shape(rows, path, remedy, cut)
    missing = [column.name for column in columns if column.name not in rows[0]]
    if missing:
        raise Problem(
            f"The table lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}; it has"
            f" {', '.join(list(rows[0])[:12])}.",
            path,
            remedy,
        )
    required = {column.name for column in columns}
    others = [name for name in rows[0] if name not in required] if others_are_numbers else []
    for line, row in enumerate(rows, 2):
        faults = [(column.name, column.fault(row[column.name])) for column in columns]
        faults += [(n, f"{row[n][:40]!r} is no number") for n in others if not _is_number(row[n])]
        for name, fault in faults:
            if fault:
                raise Problem(f"Line {line}, column {name!r}: {fault}.", path, remedy)
    _check_once(rows, key, path, remedy)
    return rows


def read_case_rows(path: str | os.PathLike) -> list[dict[str, str]]:
    """The rows of a run's cases.csv, as many as each of them says in its column `total`.

    Raises:
        Problem: as `read_run_table`, or rows are missing.
    """
    rows = read_run_table(path, CASES, key=OF_CASE)
    totals = {float(row["total"]) for row in rows}
    if totals != {len(rows)}:
        listed = " or ".join(f"{total:g}" for total in sorted(totals))
        raise Problem(f"The list has {len(rows)} of {listed} cases.", path, AGAIN)
    return rows


def read_scores(path: str | os.PathLike, columns: Sequence[Column]) -> list[dict[str, str]]:
    """The rows of a run's scores.csv, as many as the metrics.json beside it says.

    Args:
        path: of the file.
        columns: of its kind of target; none: of label maps, a row a case and class.

    Raises:
        Problem: as `read_run_table`, or rows are missing.
    """
    required = (CASE, PATIENT, *(columns or (CLASS,)))
    key = ("case",) if columns else ("case", "class")
    rows = read_run_table(path, required, key=key, others_are_numbers=not columns, remedy=FINISH)
    metrics_path = os.path.join(os.path.dirname(os.fspath(path)), "metrics.json")
    metrics = read_json(metrics_path) if os.path.exists(metrics_path) else {}
    total = metrics.get("cases") if isinstance(metrics, Mapping) else None
    count = len({row["case"] for row in rows})
    if isinstance(total, int) and total != count:
        raise Problem(
            f"The table has {count} cases, metrics.json beside it was made of {total}.",
            path,
            FINISH,
        )
    return rows


def _check_shape(rows: Sequence[Mapping], path: object, remedy: str, cut: bool) -> None:
    for line, row in enumerate(rows, 2):
        if None in row or None in row.values():
            more = "more" if None in row else "fewer"
            raise Problem(
                f"Line {line} has {more} cells than there are columns: it is cut off or broken.",
                path,
                remedy,
            )
    if cut:
        with open(path, "rb") as file:  # type: ignore[call-overload]
            file.seek(-1, os.SEEK_END)
            if file.read(1) not in b"\r\n":
                raise Problem("The table ends within a line: it is cut off.", path, remedy)


def _check_once(rows: Sequence[Mapping], key: Sequence[str], path: object, remedy: str) -> None:
    lines: dict[tuple, int] = {}
    for line, row in enumerate(rows, 2) if key else ():
        first = lines.setdefault(tuple(row[name] for name in key), line)
        if first != line:
            content = ", ".join(row[name] for name in key)
            raise Problem(f"Lines {first} and {line} are both of {content}.", path, remedy)


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan


def _is_number(cell: str) -> bool:
    try:
        float(cell or "nan")
    except ValueError:
        return False
    return True
