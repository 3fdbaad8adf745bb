"""Answers of whole images judged by the tables that runs wrote."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_mia.core.files import read_csv
from keras_mia.core.problem import Problem
from keras_mia.data.answer_plan import AnswerPlan
from keras_mia.data.answers import FINE, PROBABILITY, Answers, marks
from keras_mia.data.cases import Case
from keras_mia.data.joint_answers import NAMED, JointAnswers, of_column
from keras_mia.data.stack import answer
from keras_mia.metrics.checks import ROUNDING
from keras_mia.tasks.deciding import Decision
from keras_mia.tasks.judge_answers import cuts_of, judge_told, said, trivial_of

TRUTHS = ("truth", FINE + "truth")


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
        Problem: a run is not finished.
    """
    plan = AnswerPlan.read(folders[0] / "plan.json")
    tables = [read_csv(folder / "scores.csv") for folder in folders]
    decisions = [Decision.read(folder) for folder in folders]
    rows = [row for table in tables for row in table]
    counts = list(map(len, tables))
    metrics = judge_told(
        np.array([true_in(row, plan) for row in rows]),
        np.array([told_in(row, plan) for row in rows]),
        plan,
        [row["patient"] for row in rows],
        cuts_of(decisions, counts),
        trivial_of(decisions, counts),
    )
    return rows, metrics


def told_in(row: Mapping[str, str], plan: AnswerPlan) -> list[float]:
    """What a row of scores.csv or answers.csv tells: probabilities of what was learnt, a number, or
    corners."""
    if isinstance(plan.answers, JointAnswers):
        return [x for c, part in plan.each().items() for x in told_in(of_column(row, c), part)]
    answers = plan.answers
    if answers.kind in ("class", "several"):
        begin = (FINE if plan.tree else "") + PROBABILITY
        return [float(row[begin + name]) for name in answers.names]
    return _numbers(row, answers, "prediction")


def check_told(table: Sequence[Mapping[str, str]], plan: AnswerPlan, path: Path) -> None:
    """Sees to it that each row of answers.csv tells what can be scored.

    Raises:
        Problem: a column is missing, or a value is no number, or no probability.
    """
    for line, row in enumerate(table, 2):
        try:
            wrong = _wrong(row, plan)
        except KeyError as error:
            wrong = f"there is no column {error.args[0]!r}"
        except (ValueError, TypeError):
            wrong = "text or nothing stands where there should be a number"
        if wrong:
            raise Problem(
                f"Line {line} tells no answer: {wrong}.",
                path,
                "Give the answers.csv that `keras-mia predict` wrote with this --run.",
            )


def _wrong(row: Mapping[str, str], plan: AnswerPlan) -> str:
    answers = plan.answers
    if isinstance(answers, JointAnswers):
        return next(
            filter(None, (_wrong(of_column(row, c), p) for c, p in plan.each().items())), ""
        )
    told = np.array(told_in(row, plan))
    if not np.isfinite(told).all():
        return f"{told[~np.isfinite(told)][0]:g} is no number"
    if answers.kind in ("class", "several") and not (told.min() >= 0 and told.max() <= 1):
        odd = told.min() if told.min() < 0 else told.max()
        return f"a probability of {odd:g} is not between 0 and 1"
    if answers.kind == "class" and abs(told.sum() - 1) > ROUNDING:
        return f"the probabilities of its classes add up to {told.sum():g}"
    return ""


def true_in(row: Mapping[str, str], plan: AnswerPlan) -> list[float]:
    """The truth of a row of scores.csv: marks of what was learnt, a number, or corners."""
    if isinstance(plan.answers, JointAnswers):
        return [x for c, part in plan.each().items() for x in true_in(of_column(row, c), part)]
    answers = plan.answers
    if answers.kind in ("class", "several"):
        return marks(row[(FINE if plan.tree else "") + "truth"], answers.names)
    return _numbers(row, answers, "truth")


def _numbers(row: Mapping[str, str], answers: Answers, what: str) -> list[float]:
    if answers.kind == "number":
        return [float(row[what])]
    return [float(row[f"{what}_{name}"]) for name in answers.names]


def judge_table(
    table: Sequence[Mapping[str, str]],
    cases: Sequence[Case],
    plan: AnswerPlan,
    decision: Decision,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The scores of a table of answers.

    Args:
        table: the rows of answers.csv.
        cases: with the truth, one for each row.
        plan: of the run that answered.
        decision: by which it was decided.

    Returns:
        The rows with `patient` and `truth`, and what metrics.json holds.

    Raises:
        Problem: a truth is none of the answers that training had.
    """
    answers = plan.answers
    true = np.array([answer(case, plan) for case in cases]) * answers.std + answers.mean
    told = np.array([told_in(row, plan) for row in table])
    truths = said(true, plan, decision, true)
    patients, trivial = [case.patient for case in cases], trivial_of([decision], [len(cases)])
    metrics = judge_told(true, told, plan, patients, cuts_of([decision]), trivial)
    rows = [
        {"case": row["case"], "patient": case.patient}
        | {k: text for k, text in known.items() if k.rpartition(NAMED)[-1].startswith(TRUTHS)}
        | dict(row)
        for row, case, known in zip(table, cases, truths, strict=True)
    ]
    return rows, metrics
