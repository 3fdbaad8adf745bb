"""Two runs compared on the same cases, by what their scores.csv tells of each."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_mia.core.files.atomic import read_json
from keras_mia.core.problem import Problem
from keras_mia.core.text import listing, plural
from keras_mia.data.datasets.tables.run_tables import read_scores, score_columns
from keras_mia.data.preprocess.image_plan import told_by
from keras_mia.data.targets.labels import PROBABILITY
from keras_mia.data.targets.multilabel import Multilabel
from keras_mia.data.targets.multitask import NAMED, of_column
from keras_mia.metrics.statistics.comparison import (
    COUNTS,
    ScoreComparison,
    compare_classes,
    compare_labels,
    compare_structures,
    compare_values,
)
from keras_mia.metrics.statistics.interval import NONE
from keras_mia.report.interval_text import FEW_PATIENTS

SEGMENTATION = ("dice", "surface_dice", "hd95_mm", "hd95_px")
SIZES = {
    "volume_ml": "volume_error_ml",
    "area_mm2": "area_error_mm2",
    "length_mm": "length_error_mm",
    "volume_px": "volume_error_px",
    "area_px": "area_error_px",
    "length_px": "length_error_px",
}
TRUTH = "truth"
SAME = 1e-3  # of the deviation in training: numbers that are no farther apart are the same truth


def compare(run: Path, against: Path) -> list[dict[str, Any]]:
    """Two runs' scores on the cases that both have judged.

    Args:
        run: its folder.
        against: folder of the run to compare it with.

    Returns:
        A row a score: `score`, `run`, `against`, `difference` (run less against), `low` and `high`
        of its 95 % interval, `interval_method`, `p`, the `test`, and on how many `cases` of how
        many `patients` both are defined; of label maps also how many structures either
        `missed`, and how many are each's `false_positive`.

    Raises:
        Problem: a run is not judged, or they have no case in common, or not the same truth.
    """
    folders = (against, run)  # tests tell what the second has more than the first
    tables = [_by_case(folder) for folder in folders]
    names = [name for name in tables[0] if name in tables[1]]
    if not names:
        raise Problem(
            "The runs have no test case in common.",
            f"{run}, {against}",
            "Compare runs with the same --data and --fold.",
        )
    print(f"  {plural(len(names), 'case')} in both runs.")
    left = sum(len(table) - len(names) for table in tables)
    if left:
        print(f"  {plural(left, 'case')} that only one of them has are left out.")
    kept = [[table[name] for name in names] for table in tables]
    if "class" in kept[0][0][0] and "dice" in kept[0][0][0]:
        return _label_maps(kept)
    patients = [rows[0].get("patient") or name for rows, name in zip(kept[0], names, strict=True)]
    return _answers(folders, [[rows[0] for rows in one] for one in kept], patients)


def _by_case(folder: Path) -> dict[str, list[dict[str, str]]]:
    path = folder / "scores.csv"
    if not path.exists():
        raise Problem("The run has no scores.", path, "Finish it, or name a run that is judged.")
    found: dict[str, list[dict[str, str]]] = {}
    columns = score_columns(told) if (told := told_by(read_json(folder / "plan.json"))) else ()
    for row in read_scores(path, columns):
        found.setdefault(row["case"], []).append(row)
    return found


def _label_maps(kept: Sequence[Sequence[list[dict]]]) -> list[dict]:
    tables = [
        {(row["case"], row["class"]): _numbers(row) for rows in one for row in rows} for one in kept
    ]
    both = [key for key in tables[0] if key in tables[1]]
    only = {name for table in tables for _, name in table} - {name for _, name in both}
    if not both:
        raise Problem(
            "The runs have no class in common.",
            listing(sorted(only), 8),
            "Compare runs that were trained on the same classes.",
        )
    if only:
        print(f"  Classes that only one of them has are left out: {listing(sorted(only), 8)}.")
    first, second = ([table[key] for key in both] for table in tables)
    _check_truth(first, second)
    metrics = [name for name in SEGMENTATION if all(name in row for row in (*first, *second))]
    return [_row(one) for one in compare_structures(first, second, metrics)]


def _check_truth(first: Sequence[Mapping], second: Sequence[Mapping]) -> None:
    """Size less its error is the truth's own size, which both runs have to agree upon."""
    for size, error in SIZES.items():
        if not all(size in row and error in row for row in (*first, *second)):
            continue
        odd = [
            row["case"]
            for row, other in zip(first, second, strict=True)
            if _differ(row[size] - row[error], other[size] - other[error])
        ]
        if odd:
            raise _other_truth(list(dict.fromkeys(odd)))


def _differ(one: float, other: float) -> bool:
    return bool(np.isfinite([one, other]).all() and not np.isclose(one, other, rtol=1e-6))


def _other_truth(cases: Sequence[str]) -> Problem:
    return Problem(
        f"{plural(len(cases), 'case')} have another truth in the other run.",
        listing(cases, 5),
        "Compare runs that were judged by the same truth.",
    )


def _numbers(row: Mapping[str, str]) -> dict[str, Any]:
    texts = ("case", "patient", "class")
    found = {k: v if k in texts else float(v) if v else float("nan") for k, v in row.items()}
    return found | {"patient": row.get("patient") or row["case"]}


def _answers(folders: Sequence[Path], kept, patients: Sequence[str]) -> list[dict]:
    asked = [told_by(read_json(folder / "plan.json")) for folder in folders]
    if not asked[0] or _question(asked[0]) != _question(asked[1]):
        raise Problem(
            "The runs answer different questions.",
            ", ".join(map(str, folders)),
            "Compare runs that were trained on the same kind of data.",
        )
    return _compared(asked[0], kept, patients)


def _question(answers: Mapping) -> tuple:
    """What is asked, whatever the mean of a number in training was."""
    parts = [_question(part) for part in answers.get("parts", ())]
    return answers.get("names"), answers.get("columns"), parts


def _compared(asked: Mapping, kept, patients: Sequence[str]) -> list[dict]:
    if asked["kind"] == "multitask":
        return [
            row | {"score": f"{column}{NAMED}{row['score']}"}
            for column, part in zip(asked["columns"], asked["parts"], strict=True)
            for row in _compared(
                part, [[of_column(row, column) for row in rows] for rows in kept], patients
            )
        ]
    kind, names = asked["kind"], asked["names"]
    odd = [row["case"] for row, other in zip(*kept, strict=True) if _unlike(row, other, asked)]
    if odd:
        raise _other_truth(odd)
    if kind == "box":
        first, second = ([_corner_error(row) for row in rows] for rows in kept)
        return [_row(compare_values("corner_error", first, second, patients))]
    if kind == "regression":
        first, second = ([_error(row) for row in rows] for rows in kept)
        return [_row(compare_values("mae", first, second, patients))]
    told = [np.array([[float(r[PROBABILITY + n]) for n in names] for r in rows]) for rows in kept]
    if kind == "multilabel":
        known = np.array([Multilabel(names, names).parse(row, TRUTH) for row in kept[0]])
        return [_row(one) for one in compare_labels(known, told, patients)]
    labels = np.array([names.index(row[TRUTH]) for row in kept[0]])
    guesses = [np.array([names.index(row["prediction"]) for row in rows]) for rows in kept]
    return [_row(one) for one in compare_classes(labels, told, guesses, patients)]


def _number(text: str) -> float:
    return float(text) if text else float("nan")


def _unlike(row: Mapping[str, str], other: Mapping[str, str], asked: Mapping) -> bool:
    """Whether two runs have another truth of a case. Numbers are rounded by the deviation of each
    run's own training cases."""
    one, two = ([text for name, text in r.items() if name.startswith(TRUTH)] for r in (row, other))
    if asked["kind"] not in ("regression", "box") or len(one) != len(two):
        return one != two
    apart = np.subtract([_number(text) for text in one], [_number(text) for text in two])
    return bool((np.abs(apart) > SAME * asked["std"]).any())


def _error(row: Mapping[str, str]) -> float:
    return abs(_number(row["prediction"]) - _number(row[TRUTH]))


def _corner_error(row: Mapping[str, str]) -> float:
    corners = [name.removeprefix(TRUTH) for name in row if name.startswith(TRUTH)]
    apart = [abs(_number(row[TRUTH + one]) - _number(row[f"prediction{one}"])) for one in corners]
    return float(np.mean(apart))


def _row(one: ScoreComparison) -> dict[str, Any]:
    found = one.comparison
    return {
        "score": one.score,
        "run": found.second,
        "against": found.first,
        "difference": found.difference,
        "low": found.interval.low,
        "high": found.interval.high,
        "interval_method": found.interval.method,
        "p": found.p,
        "test": one.test,
        "cases": one.cases,
        "patients": one.patients,
    }


def describe(rows: Sequence[Mapping[str, Any]]) -> str:
    """The comparison as a table to print."""
    width = max([13, *(len(row["score"]) for row in rows)]) + 1
    lines = [
        f"  {'score':<{width}}{'run':>8}{'against':>9}{'more':>9}   95 % interval            p"
        "  test, on cases in which both are defined"
    ]
    for row in rows:
        ends = "none" if np.isnan(row["low"]) else f"{row['low']:+.4f} to {row['high']:+.4f}"
        who = f"{plural(row['cases'], 'case')} of {plural(row['patients'], 'patient')}"
        values = f"{row['run']:8.4f}{row['against']:9.4f}{row['difference']:+9.4f}"
        test = f"{row['p']:8.4f}  {row['test']}, {who}"
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
