"""Predictions of a case as a row of text: scores.csv and predictions.csv, written and read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.preprocess.image_plan import ImagePlan, of_tree
from keras_mia.data.targets.base import ImageTarget
from keras_mia.data.targets.labels import PROBABILITY
from keras_mia.data.targets.multitask import Multitask, named, of_column
from keras_mia.data.targets.texts.numbers import exact_text
from keras_mia.metrics.classification.checks import ROUNDING
from keras_mia.tasks.classification.calibration import Calibration

FINE = "fine "
"""How the columns begin that are of fine classes beside those of coarse ones."""


def said(
    told: np.ndarray, plan: ImagePlan, decision: Calibration, truth: np.ndarray | None = None
) -> list[dict[str, Any]]:
    """Each answer in words and numbers, a row a case: `truth`, `prediction`, and probabilities.

    Of several answers each stands behind the name of its column. Of coarse classes these are
    followed by the same of the fine ones, each name after `fine `; the fine prediction is the most
    probable fine class of all, which may lie below another coarse one.

    Args:
        told: `(cases, outputs)`, as `Calibration.applied` gives it.
        plan: for what is asked, and the coarse classes that are told.
        decision: made on validation cases.
        truth: of the same shape, where it is known.
    """
    answers = plan.target
    if isinstance(answers, Multitask):
        truths = [None] * len(answers.parts) if truth is None else answers.split(truth)
        each = zip(plan.each().items(), answers.split(told), decision.parts, truths, strict=True)
        columns = [
            [named(column, row) for row in said(values, part, own, known)]
            for (column, part), values, own, known in each
        ]
        return [{k: v for one in row for k, v in one.items()} for row in zip(*columns, strict=True)]
    if plan.tree is None:
        return _worded(told, answers, decision, truth)
    true = None if truth is None else plan.summed(truth)
    coarse = _worded(plan.summed(told), of_tree(plan.tree), decision, true)
    fine = _worded(told, answers, Calibration(), truth)
    return [
        above | {FINE + name: text for name, text in below.items()}
        for above, below in zip(coarse, fine, strict=True)
    ]


def _worded(
    told: np.ndarray, answers: ImageTarget, decision: Calibration, truth: np.ndarray | None
) -> list[dict[str, Any]]:
    kind = answers.kind
    parts = {"prediction": told} if truth is None else {"truth": truth, "prediction": told}
    if kind in ("regression", "box"):
        return [
            {
                name: text
                for what, values in parts.items()
                for name, text in answers.decode(values[i], what).items()
            }
            for i in range(len(told))
        ]
    rows = []
    for i, probability in enumerate(told):
        row = {} if truth is None else {"truth": answers.decode(truth[i], "truth")["truth"]}
        row |= answers.decode(decided(probability, decision, kind), "prediction")
        pairs = zip(answers.names, probability, strict=True)
        rows.append(row | {PROBABILITY + name: exact_text(value) for name, value in pairs})
    return rows


def decided(probability: np.ndarray, decision: Calibration, kind: str) -> np.ndarray:
    """The marks, `(outputs,)`, that probabilities of classes or findings amount to."""
    if kind == "multilabel":
        return (probability >= np.array(decision.thresholds)).astype(float)
    chosen = int(probability.argmax())
    if decision.thresholds is not None:
        chosen = int(probability[1] >= decision.thresholds[0])
    return np.eye(len(probability))[chosen]


def told_in(row: Mapping[str, str], plan: ImagePlan) -> list[float]:
    """The prediction in a row of scores.csv or predictions.csv: probabilities of what was learnt, a
    number, or corners."""
    if isinstance(plan.target, Multitask):
        return [x for c, part in plan.each().items() for x in told_in(of_column(row, c), part)]
    answers = plan.target
    if answers.kind in ("multiclass", "multilabel"):
        begin = (FINE if plan.tree else "") + PROBABILITY
        return [float(row[begin + name]) for name in answers.names]
    return answers.parse(row, "prediction")


PREDICTED = "Give the predictions.csv that `keras-mia predict` wrote with this --run."


def check_told(
    table: Sequence[Mapping[str, str]], plan: ImagePlan, path: Path, mend: str = PREDICTED
) -> None:
    """Sees to it that each row of predictions.csv, or of scores.csv, tells what can be scored.

    Args:
        table: its rows.
        plan: of the run that answered.
        path: of the file.
        mend: what to do where one does not.

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
                mend,
            )


def _wrong(row: Mapping[str, str], plan: ImagePlan) -> str:
    answers = plan.target
    if isinstance(answers, Multitask):
        return next(
            filter(None, (_wrong(of_column(row, c), p) for c, p in plan.each().items())), ""
        )
    told = np.array(told_in(row, plan))
    if not np.isfinite(told).all():
        return f"{told[~np.isfinite(told)][0]:g} is no number"
    if answers.kind in ("multiclass", "multilabel") and not (told.min() >= 0 and told.max() <= 1):
        odd = told.min() if told.min() < 0 else told.max()
        return f"a probability of {odd:g} is not between 0 and 1"
    if answers.kind == "multiclass" and abs(told.sum() - 1) > ROUNDING:
        return f"the probabilities of its classes add up to {told.sum():g}"
    return ""


def true_in(row: Mapping[str, str], plan: ImagePlan) -> list[float]:
    """The truth of a row of scores.csv: marks of what was learnt, a number, or corners."""
    if isinstance(plan.target, Multitask):
        return [x for c, part in plan.each().items() for x in true_in(of_column(row, c), part)]
    answers = plan.target
    if answers.kind in ("multiclass", "multilabel"):
        return answers.parse(row, (FINE if plan.tree else "") + "truth")
    return answers.parse(row, "truth")
