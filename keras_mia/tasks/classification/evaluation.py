"""Predictions for whole images scored: a row a case, and the scores of all."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.cases import Case
from keras_mia.tasks.classification.classification_plan import ClassificationPlan
from keras_mia.tasks.kinds.calibration import Calibration
from keras_mia.tasks.kinds.table import kind_of
from keras_mia.tasks.score_text import scores_text

PREDICTED = "Give the predictions.csv that `keras-mia predict` wrote with this --run."
FINE_SCORES = ("auc", "accuracy", "balanced_accuracy")


def evaluate_outputs(
    cases: Sequence[Case],
    outputs: np.ndarray,
    truth: np.ndarray,
    plan: ClassificationPlan,
    calibration: Calibration,
) -> tuple[list[dict], dict[str, Any]]:
    """Scores of test cases.

    Args:
        cases: that were predicted.
        outputs: `(cases, outputs)` of the network.
        truth: as `ImageTarget.encode` gives it.
        plan: for the kind of target.
        calibration: of the run.

    Returns:
        The rows of scores.csv, and what metrics.json holds.
    """
    kind = kind_of(plan)
    predictions, truth = kind.predictions(outputs, calibration), plan.target.in_units(truth)
    rows = [
        {"case": case.name, "patient": case.patient, **row}
        for case, row in zip(cases, kind.rows(predictions, calibration, truth), strict=True)
    ]
    return rows, evaluate_rows(rows, plan, [calibration], [len(rows)])


def evaluate_rows(
    rows: Sequence[Mapping[str, str]],
    plan: ClassificationPlan,
    calibrations: Sequence[Calibration],
    counts: Sequence[int],
) -> dict[str, Any]:
    """Scores of the rows of scores.csv: of what was written, so that it can be scored again.

    Args:
        rows: with `patient`, truth and prediction.
        plan: for the kind of target.
        calibrations: of a run, or of several runs on different cases.
        counts: how many cases each of them predicted.

    Returns:
        What metrics.json holds.
    """
    kind = kind_of(plan)
    metrics = kind.scores(
        np.array([kind.parse_truth(row) for row in rows]),
        np.array([kind.parse_prediction(row) for row in rows]),
        [row["patient"] for row in rows],
        calibrations,
        counts,
    )
    if len(calibrations) == 1:
        metrics["temperature"] = calibrations[0].temperature
    notes = [note for one in calibrations for note in kind.calibration_notes(one)]
    return metrics | {"calibration": list(dict.fromkeys(notes))}


def check_rows(
    rows: Sequence[Mapping[str, str]], plan: ClassificationPlan, path: Path, remedy: str = PREDICTED
) -> None:
    """Sees to it that each row of predictions.csv, or of scores.csv, has what can be scored.

    Args:
        rows: of the table.
        plan: of the run that predicted.
        path: of the file.
        remedy: what to do where one has not.

    Raises:
        Problem: a column is missing, or a value is no number, or no probability.
    """
    kind = kind_of(plan)
    for line, row in enumerate(rows, 2):
        try:
            fault = kind.fault(row)
        except KeyError as error:
            fault = f"there is no column {error.args[0]!r}"
        except (ValueError, TypeError):
            fault = "text or nothing stands where there should be a number"
        if fault:
            raise Problem(f"Line {line} holds no prediction: {fault}.", path, remedy)


def describe(metrics: Mapping, plan: ClassificationPlan) -> str:
    """What an app prints at its end: the scores, and whose they are.

    Args:
        metrics: what metrics.json holds.
        plan: for the kind of target.
    """
    lines = [scores_text(metrics, metrics["mean"])]
    if plan.tree is not None:
        of = f"{len(plan.target)} fine classes"
        lines.append(scores_text(metrics["fine"], FINE_SCORES, of=of))
    return "\n".join([*lines, *(f"  {one}" for one in kind_of(plan).remarks())])
