"""Predictions for whole images scored by the tables that runs wrote."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing, plural
from keras_mia.data.datasets.cases import Case
from keras_mia.data.datasets.reading import read_cases
from keras_mia.data.datasets.splits.patients import PATIENTS
from keras_mia.data.datasets.tables.run_tables import CASE, FINISH, read_run_table, read_scores
from keras_mia.data.preprocess.image_cache import encoded_targets
from keras_mia.data.targets.kinds import KINDS
from keras_mia.data.targets.multitask import NAMED
from keras_mia.tasks.classification.classification_plan import ClassificationPlan
from keras_mia.tasks.classification.evaluation import PREDICTED, check_rows, describe, evaluate_rows
from keras_mia.tasks.kinds.calibration import Calibration, averaged
from keras_mia.tasks.kinds.multiclass import FINE
from keras_mia.tasks.kinds.rows import PREDICTION, TRUTH
from keras_mia.tasks.kinds.table import kind_of
from keras_mia.tasks.values import Evaluation, TruthFiles

TRUTHS = (TRUTH, FINE + TRUTH)


def evaluate_runs(folders: Sequence[Path]) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """The scores of several runs (the folds of one) together, or again those of one.

    Each case stays predicted as its own run did, by that run's temperature and thresholds.
    Areas under curves rank the cases of all networks by one list of probabilities: networks that
    are sure in different ways lower it, and it is none of the areas of the folds.

    Args:
        folders: of runs with one target on different cases.

    Returns:
        The rows of all scores.csv, and what metrics.json holds.

    Raises:
        Problem: a run is not finished, or its scores.csv is broken.
    """
    plan = ClassificationPlan.read(folders[0] / "plan.json")
    columns = kind_of(plan.coarse).columns()
    tables = [read_scores(folder / "scores.csv", columns) for folder in folders]
    for folder, table in zip(folders, tables, strict=True):
        check_rows(table, plan, folder / "scores.csv", FINISH)
    calibrations = [Calibration.read(folder) for folder in folders]
    rows = [row for table in tables for row in table]
    return rows, evaluate_rows(rows, plan, calibrations, list(map(len, tables)))


def evaluate_predictions(
    table: Sequence[Mapping[str, str]],
    cases: Sequence[Case],
    plan: ClassificationPlan,
    calibration: Calibration,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The scores of a table of predictions.

    Args:
        table: the rows of predictions.csv.
        cases: with the truth, one for each row.
        plan: of the run that predicted.
        calibration: of the run.

    Returns:
        The rows with `patient` and `truth`, and what metrics.json holds.

    Raises:
        Problem: a truth is none that training had.
    """
    true = plan.target.in_units(encoded_targets(cases, plan.target))
    truths = kind_of(plan).rows(true, calibration, true)
    rows = [
        {"case": row["case"], "patient": case.patient}
        | {k: text for k, text in true_cells.items() if k.rpartition(NAMED)[-1].startswith(TRUTHS)}
        | dict(row)
        for row, case, true_cells in zip(table, cases, truths, strict=True)
    ]
    return rows, evaluate_rows(rows, plan, [calibration], [len(rows)])


def evaluate_table(folders: Sequence[Path], files: TruthFiles) -> Evaluation:
    """Scores a table of predictions by a data set.

    Args:
        folders: of the run that predicted, or of its folds.
        files: the table, or the folder that it lies in, and the data set.

    Raises:
        Problem: one of prediction and truth is missing, or a case has none.
    """
    if not (files.prediction and files.truth):
        raise Problem(
            "New predictions are evaluated by a truth.",
            "--prediction" if files.prediction else "--truth",
            "Give both, or neither to evaluate the run's own test cases.",
        )
    plan = ClassificationPlan.read(folders[0] / "plan.json")
    table, cases = _matched(files, plan)
    calibration = averaged([Calibration.read(folder) for folder in folders])
    rows, metrics = evaluate_predictions(table, cases, plan, calibration)
    return Evaluation(rows, metrics, describe(metrics, plan))


def _matched(
    files: TruthFiles, plan: ClassificationPlan
) -> tuple[list[dict[str, str]], list[Case]]:
    """The rows of predictions.csv, and the case that each is about."""
    assert files.prediction is not None
    assert files.truth is not None
    folder = files.prediction
    path = folder / "predictions.csv" if folder.is_dir() else folder
    columns = kind_of(plan.coarse).columns((PREDICTION,))
    rows = read_run_table(path, (CASE, *columns), key=("case",), cut=False, remedy=PREDICTED)
    check_rows(rows, plan, path)
    truths = read_cases(
        files.truth,
        targets=KINDS,
        label_column=plan.target.label_columns or None,
        patient=files.patient,
        patient_column=files.patient_column,
    )
    cases = {case.name: case for case in truths}
    missing = [row["case"] for row in rows if row["case"] not in cases]
    if missing:
        raise Problem(
            f"{len(missing)} of {plural(len(rows), 'prediction')} have no truth.",
            listing(missing, 5),
            f"Name the cases in {files.truth} as the predictions are.",
        )
    for note in truths.notes:
        if note.startswith(PATIENTS):
            print(f"  {note}")
    return rows, [cases[row["case"]] for row in rows]
