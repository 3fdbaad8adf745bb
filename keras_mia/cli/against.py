"""Two runs compared on the same cases, by what their scores.csv tells of each."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_mia.core.files.atomic import read_json
from keras_mia.core.problem import Problem
from keras_mia.core.text import listing, plural
from keras_mia.data.datasets.tables.run_tables import read_scores
from keras_mia.data.preprocess.image_plan import ImagePlan
from keras_mia.metrics.statistics.comparison import (
    COUNTS,
    ScoreComparison,
    compare_structures,
)
from keras_mia.metrics.statistics.interval import NONE
from keras_mia.report.interval_text import FEW_PATIENTS
from keras_mia.tasks.kinds.table import kind_of

SEGMENTATION = ("dice", "surface_dice", "hd95_mm", "hd95_px")
SIZES = {
    "volume_ml": "volume_error_ml",
    "area_mm2": "area_error_mm2",
    "length_mm": "length_error_mm",
    "volume_px": "volume_error_px",
    "area_px": "area_error_px",
    "length_px": "length_error_px",
}


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
    return _image_level(folders, [[rows[0] for rows in one] for one in kept], patients)


def _by_case(folder: Path) -> dict[str, list[dict[str, str]]]:
    path = folder / "scores.csv"
    if not path.exists():
        raise Problem("The run has no scores.", path, "Finish it, or name a run that is judged.")
    found: dict[str, list[dict[str, str]]] = {}
    plan = folder / "plan.json"
    columns = kind_of(ImagePlan.read(plan).coarse).columns() if "target" in read_json(plan) else ()
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


def _image_level(folders: Sequence[Path], kept, patients: Sequence[str]) -> list[dict]:
    kinds = [kind_of(ImagePlan.read(folder / "plan.json").coarse) for folder in folders]
    if kinds[0].target.question != kinds[1].target.question:
        raise Problem(
            "The runs answer different questions.",
            ", ".join(map(str, folders)),
            "Compare runs that were trained on the same kind of data.",
        )
    pairs = zip(*kept, strict=True)
    odd = [row["case"] for row, other in pairs if kinds[0].has_other_truth(row, other)]
    if odd:
        raise _other_truth(odd)
    return [_row(one) for one in kinds[0].compare(kept[0], kept[1], patients)]


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
