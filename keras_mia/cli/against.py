"""Two runs compared on the same cases, by what their scores.csv tells of each."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_mia.core.files import read_csv, read_json
from keras_mia.core.problem import Problem
from keras_mia.data.answer_plan import told_by
from keras_mia.data.answers import PROBABILITY, marks
from keras_mia.data.cases import counted
from keras_mia.data.joint_answers import NAMED, of_column
from keras_mia.data.pairing import listed
from keras_mia.metrics import (
    classification_scores,
    delong_test,
    mcnemar_test,
    multilabel_scores,
    paired_bootstrap,
)
from keras_mia.metrics.paired import Comparison
from keras_mia.tasks.judge import case_values

SEGMENTATION = ("dice", "surface_dice", "hd95_mm", "hd95_px")
TRUTH = "truth"


def compare(run: Path, against: Path) -> list[dict[str, Any]]:
    """Two runs' scores on the cases that both have judged.

    Args:
        run: its folder.
        against: folder of the run to compare it with.

    Returns:
        A row a score: `score`, `run`, `against`, `difference` (run less against), `low` and `high`
        of its 95 % interval, `p`, and the `test`.

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
    print(f"  {counted(len(names), 'case')} in both runs.")
    left = sum(len(table) - len(names) for table in tables)
    if left:
        print(f"  {counted(left, 'case')} that only one of them has are left out.")
    kept = [[table[name] for name in names] for table in tables]
    patients = [rows[0].get("patient") or name for rows, name in zip(kept[0], names, strict=True)]
    if "class" in kept[0][0][0] and "dice" in kept[0][0][0]:
        return _label_maps(kept, patients)
    return _answers(folders, [[rows[0] for rows in one] for one in kept], patients)


def _by_case(folder: Path) -> dict[str, list[dict[str, str]]]:
    path = folder / "scores.csv"
    if not path.exists():
        raise Problem("The run has no scores.", path, "Finish it, or name a run that is judged.")
    found: dict[str, list[dict[str, str]]] = {}
    for row in read_csv(path):
        found.setdefault(row["case"], []).append(row)
    return found


def _label_maps(kept: Sequence[Sequence[list[dict]]], patients: Sequence[str]) -> list[dict]:
    tables = [[_numbers(row) for rows in one for row in rows] for one in kept]
    return [
        _row(
            metric,
            paired_bootstrap(
                *(list(case_values(rows, metric).values()) for rows in tables), patients
            ),
        )
        for metric in SEGMENTATION
        if all(metric in row for rows in tables for row in rows)
    ]


def _numbers(row: Mapping[str, str]) -> dict[str, Any]:
    texts = ("case", "patient", "class")
    return {k: v if k in texts else float(v) if v else float("nan") for k, v in row.items()}


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
    if asked["kind"] == "joint":
        return [
            row | {"score": f"{column}{NAMED}{row['score']}"}
            for column, part in zip(asked["columns"], asked["parts"], strict=True)
            for row in _compared(
                part, [[of_column(row, column) for row in rows] for rows in kept], patients
            )
        ]
    kind, names = asked["kind"], asked["names"]
    truths = [[_truth(row) for row in rows] for rows in kept]
    odd = [row["case"] for row, a, b in zip(kept[0], *truths, strict=True) if a != b]
    if odd:
        raise Problem(
            f"{counted(len(odd), 'case')} have another truth in the other run.",
            listed(odd, 5),
            "Compare runs that were judged by the same answers.",
        )
    if kind == "box":
        errors = [[_corner_error(row) for row in rows] for rows in kept]
        return [_row("corner_error", paired_bootstrap(*errors, patients))]
    if kind == "number":
        errors = [[abs(float(r["prediction"]) - float(r[TRUTH])) for r in rows] for rows in kept]
        return [_row("mae", paired_bootstrap(*errors, patients))]
    told = [np.array([[float(r[PROBABILITY + n]) for n in names] for r in rows]) for rows in kept]
    if kind == "several":
        known = np.array([marks(row[TRUTH], names) for row in kept[0]])
        areas = [_score(multilabel_scores, known, one, "auc") for one in told]
        return [_row("auc", paired_bootstrap(*areas, patients))]
    labels = np.array([names.index(row[TRUTH]) for row in kept[0]])
    guesses = [np.array([names.index(row["prediction"]) for row in rows]) for rows in kept]
    right = [(guess == labels).astype(float).tolist() for guess in guesses]
    # DeLong's and McNemar's tests take cases for independent, which those of one patient are not.
    apart = len(set(patients)) == len(patients)
    if apart and len(names) == 2:
        rows = [_row("auc", delong_test(labels, *(one[:, 1] for one in told)), "DeLong")]
    else:
        areas = [_score(classification_scores, labels, one, "auc") for one in told]
        rows = [_row("auc", paired_bootstrap(*areas, patients))]
    accuracy = _row("accuracy", paired_bootstrap(*right, patients))
    if apart:
        found = mcnemar_test(labels, *guesses)
        accuracy |= {"p": found.p, "test": f"McNemar, {found.only_second} : {found.only_first}"}
    return [*rows, accuracy]


def _score(scores: Callable, truth: np.ndarray, told: np.ndarray, name: str) -> Callable:
    return lambda weights: scores(truth, told, weights=weights).mean[name]


def _truth(row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(text for name, text in row.items() if name.startswith(TRUTH))


def _corner_error(row: Mapping[str, str]) -> float:
    corners = [name.removeprefix(TRUTH) for name in row if name.startswith(TRUTH)]
    apart = [abs(float(row[TRUTH + one]) - float(row[f"prediction{one}"])) for one in corners]
    return float(np.mean(apart))


def _row(score: str, found: Comparison, test: str = "paired bootstrap") -> dict[str, Any]:
    low, high = found.interval
    return {
        "score": score,
        "run": found.second,
        "against": found.first,
        "difference": found.difference,
        "low": low,
        "high": high,
        "p": found.p,
        "test": test,
    }


def describe(rows: Sequence[Mapping[str, Any]]) -> str:
    """The comparison as a table to print."""
    lines = [
        f"  {'score':<14}{'run':>8}{'against':>9}{'more':>9}   95 % interval            p  test"
    ]
    for row in rows:
        ends = f"{row['low']:+.4f} to {row['high']:+.4f}"
        lines.append(
            f"  {row['score']:<14}{row['run']:8.4f}{row['against']:9.4f}{row['difference']:+9.4f}"
            f"   {ends:<18}{row['p']:8.4f}  {row['test']}"
        )
    return "\n".join(lines)
