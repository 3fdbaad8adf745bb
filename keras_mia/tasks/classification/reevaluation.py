"""Answers of whole images judged by the tables that runs wrote."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from keras_mia.data.datasets.cases import Case
from keras_mia.data.datasets.tables.run_tables import FINISH, read_scores
from keras_mia.data.preprocess.image_cache import encoded_targets
from keras_mia.data.preprocess.image_plan import ImagePlan
from keras_mia.data.targets.multitask import NAMED
from keras_mia.tasks.classification.evaluation import check_rows, judge_rows
from keras_mia.tasks.kinds.calibration import Calibration
from keras_mia.tasks.kinds.multiclass import FINE
from keras_mia.tasks.kinds.rows import TRUTH
from keras_mia.tasks.kinds.table import kind_of

TRUTHS = (TRUTH, FINE + TRUTH)


def judge_again(folders: Sequence[Path]) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """The scores of several runs (the folds of one) together, or again those of one.

    Each case stays decided as its own run decided it, by that run's temperature and thresholds.
    Areas under curves rank the cases of all networks by one list of probabilities: networks that
    are sure in different ways lower it, and it is none of the areas of the folds.

    Args:
        folders: of runs that answer the same question on different cases.

    Returns:
        The rows of all scores.csv, and what metrics.json holds.

    Raises:
        Problem: a run is not finished, or its scores.csv is broken.
    """
    plan = ImagePlan.read(folders[0] / "plan.json")
    columns = kind_of(plan.coarse).columns()
    tables = [read_scores(folder / "scores.csv", columns) for folder in folders]
    for folder, table in zip(folders, tables, strict=True):
        check_rows(table, plan, folder / "scores.csv", FINISH)
    calibrations = [Calibration.read(folder) for folder in folders]
    rows = [row for table in tables for row in table]
    return rows, judge_rows(rows, plan, calibrations, list(map(len, tables)))


def judge_table(
    table: Sequence[Mapping[str, str]],
    cases: Sequence[Case],
    plan: ImagePlan,
    calibration: Calibration,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The scores of a table of answers.

    Args:
        table: the rows of predictions.csv.
        cases: with the truth, one for each row.
        plan: of the run that answered.
        calibration: of the run.

    Returns:
        The rows with `patient` and `truth`, and what metrics.json holds.

    Raises:
        Problem: a truth is none of the answers that training had.
    """
    true = plan.target.in_units(encoded_targets(cases, plan.target))
    truths = kind_of(plan).rows(true, calibration, true)
    rows = [
        {"case": row["case"], "patient": case.patient}
        | {k: text for k, text in known.items() if k.rpartition(NAMED)[-1].startswith(TRUTHS)}
        | dict(row)
        for row, case, known in zip(table, cases, truths, strict=True)
    ]
    return rows, judge_rows(rows, plan, [calibration], [len(rows)])
