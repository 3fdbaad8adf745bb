"""Answers of whole images judged, for `evaluate`."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from keras_mia.cli.options.patients import Patients, patients_of
from keras_mia.cli.pairs import save_scores
from keras_mia.core.problem import Problem
from keras_mia.core.text import listing, plural
from keras_mia.data.datasets.cases import Case
from keras_mia.data.datasets.reading import read_cases
from keras_mia.data.datasets.splits.patients import PATIENTS
from keras_mia.data.datasets.tables.run_tables import CASE, read_run_table
from keras_mia.data.preprocess.image_plan import ImagePlan
from keras_mia.tasks.classification.evaluation import PREDICTED, check_rows, describe
from keras_mia.tasks.classification.reevaluation import judge_again, judge_table
from keras_mia.tasks.kinds.calibration import Calibration, averaged
from keras_mia.tasks.kinds.rows import PREDICTION
from keras_mia.tasks.kinds.table import kind_of


def evaluate_answers(args: argparse.Namespace, folders: Sequence[Path]) -> None:
    """Scores what runs said of their test cases, or what `predict` said of others by them.

    Args:
        args: of the app.
        folders: of the run, or of its folds.

    Raises:
        Problem: a run is not finished, one of prediction and truth is missing, or a case has none.
    """
    patients = patients_of(args)
    plan = ImagePlan.read(folders[0] / "plan.json")
    if args.prediction or args.truth:
        if not (args.prediction and args.truth):
            raise Problem(
                "New answers are judged by a truth.",
                "--prediction" if args.prediction else "--truth",
                "Give both, or neither to judge the run's own test cases.",
            )
        table, cases = _matched(args.prediction, args.truth, plan, patients)
        calibration = averaged([Calibration.read(folder) for folder in folders])
        rows, metrics = judge_table(table, cases, plan, calibration)
    else:
        rows, metrics = judge_again(folders)
    print(describe(metrics, plan))
    save_scores(rows, metrics, args.output)


def _matched(
    prediction: Path, truth: Path, plan: ImagePlan, patients: Patients
) -> tuple[list[dict[str, str]], list[Case]]:
    """The rows of predictions.csv, and the case that each is about."""
    path = prediction / "predictions.csv" if prediction.is_dir() else prediction
    columns = kind_of(plan.coarse).columns((PREDICTION,))
    rows = read_run_table(path, (CASE, *columns), key=("case",), cut=False, mend=PREDICTED)
    check_rows(rows, plan, path)
    found = read_cases(
        truth,
        answers=True,
        label_column=plan.target.label_columns or "label",
        patient=patients.pattern,
        patient_column=patients.column,
    )
    cases = {case.name: case for case in found}
    missing = [row["case"] for row in rows if row["case"] not in cases]
    if missing:
        raise Problem(
            f"{len(missing)} of {plural(len(rows), 'answer')} have no truth.",
            listing(missing, 5),
            f"Name the cases in {truth} as the answers are.",
        )
    for note in found.notes:
        if note.startswith(PATIENTS):
            print(f"  {note}")
    return rows, [cases[row["case"]] for row in rows]
