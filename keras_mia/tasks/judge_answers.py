"""Answers of whole images judged: a row a case, and the scores of all."""

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from keras_mia.data.answer_plan import AnswerPlan
from keras_mia.data.answers import FINE, PROBABILITY, Answers, words
from keras_mia.data.cases import Case
from keras_mia.metrics import bootstrap_intervals
from keras_mia.tasks.deciding import Decision
from keras_mia.tasks.judge import described
from keras_mia.tasks.judge_classes import head, judge_numbers, judge_scores

FINE_SHOWN = ("auc", "accuracy", "balanced_accuracy")


def judge(
    cases: Sequence[Case],
    outputs: np.ndarray,
    truth: np.ndarray,
    plan: AnswerPlan,
    decision: Decision,
) -> tuple[list[dict], dict[str, Any]]:
    """Scores of test cases.

    Args:
        cases: judged.
        outputs: `(cases, outputs)` of the network.
        truth: as `Answers.encode` gives it.
        plan: for the kind of answer.
        decision: made on validation cases.

    Returns:
        The rows of scores.csv, and what metrics.json holds.
    """
    answers = plan.answers
    patients = [case.patient for case in cases]
    told = decision.applied(outputs, answers)
    true = truth * answers.std + answers.mean
    rows = [
        {"case": case.name, "patient": case.patient, **row}
        for case, row in zip(cases, said(told, plan, decision, true), strict=True)
    ]
    found = judge_told(true, told, plan, patients, decision.thresholds)
    return rows, found | {"temperature": decision.temperature}


def judge_told(
    truth: np.ndarray,
    told: np.ndarray,
    plan: AnswerPlan,
    patients: Sequence[str],
    thresholds: Sequence[float] | np.ndarray | None,
) -> dict[str, Any]:
    """Scores of what was told.

    Args:
        truth: `(cases, outputs)`, marks of classes and findings, numbers in the data's unit.
        told: of the same shape, as `Decision.applied` gives it.
        plan: for what is asked, and the coarse classes that are told.
        patients: whose case it is, one for each case.
        thresholds: as in `Decision`, or `(cases, thresholds)` where cases were decided by several.

    Returns:
        What metrics.json holds; of coarse classes, with the scores of the fine ones as `fine`.
    """
    if plan.tree is not None:
        fine = judge_told(truth, told, replace(plan, tree=None), patients, None)
        truth, told = plan.summed(truth), plan.summed(told)
        plan = replace(plan, answers=plan.told, tree=None)
        return judge_told(truth, told, plan, patients, thresholds) | {"fine": fine}
    answers = plan.answers
    if answers.kind == "number":
        return judge_numbers(truth[:, 0], told[:, 0], patients=patients)
    if answers.kind == "box":
        return _judge_boxes(truth, told, patients)
    cuts: Any = None if thresholds is None else np.asarray(thresholds)
    several = cuts is not None and cuts.ndim == 2
    if answers.kind == "class":
        truth, cuts = truth.argmax(-1), None if cuts is None else cuts[..., 0]
    found = judge_scores(truth, told, names=answers.names, patients=patients, threshold=cuts)
    return found | {"threshold": None} if several else found


def describe(metrics: Mapping, plan: AnswerPlan) -> str:
    """What an app prints at its end: the scores, and whose they are."""
    said, names = described(metrics, metrics["mean"]), plan.told.names
    if plan.tree is not None:
        kind = f"{len(plan.answers)} fine classes, held-out case"
        said += "\n" + described(metrics["fine"], FINE_SHOWN, kind)
    if plan.told.kind == "class" and len(names) == 2:
        said += f"\n  These are the scores of {names[1]}, the positive class, against {names[0]}"
        said += f" (the other way round: --positive {shlex.quote(names[0])})."
    return said


def said(
    told: np.ndarray, plan: AnswerPlan, decision: Decision, truth: np.ndarray | None = None
) -> list[dict[str, Any]]:
    """Each answer in words and numbers, a row a case: `truth`, `prediction`, and probabilities.

    Of coarse classes these are followed by the same of the fine ones, each name after `fine `; the
    fine prediction is the most probable fine class of all, which may lie below another coarse one.

    Args:
        told: `(cases, outputs)`, as `Decision.applied` gives it.
        plan: for what is asked, and the coarse classes that are told.
        decision: made on validation cases.
        truth: of the same shape, where it is known.
    """
    if plan.tree is None:
        return _worded(told, plan.answers, decision, truth)
    true = None if truth is None else plan.summed(truth)
    coarse = _worded(plan.summed(told), plan.told, decision, true)
    fine = _worded(told, plan.answers, Decision(), truth)
    return [
        above | {FINE + name: text for name, text in below.items()}
        for above, below in zip(coarse, fine, strict=True)
    ]


def _worded(
    told: np.ndarray, answers: Answers, decision: Decision, truth: np.ndarray | None
) -> list[dict[str, Any]]:
    kind = answers.kind
    parts = {"prediction": told} if truth is None else {"truth": truth, "prediction": told}
    if kind == "number":
        return [
            {what: f"{values[i, 0]:.6g}" for what, values in parts.items()}
            for i in range(len(told))
        ]
    if kind == "box":
        return [
            {
                f"{what}_{name}": f"{values[i, j]:.5f}"
                for what, values in parts.items()
                for j, name in enumerate(answers.names)
            }
            for i in range(len(told))
        ]
    rows = []
    for i, probability in enumerate(told):
        row = {} if truth is None else {"truth": words(truth[i], answers.names)}
        row["prediction"] = words(decided(probability, decision, kind), answers.names)
        columns = zip(answers.names, probability, strict=True)
        rows.append(row | {PROBABILITY + name: f"{value:.7g}" for name, value in columns})
    return rows


def decided(probability: np.ndarray, decision: Decision, kind: str) -> np.ndarray:
    """The marks, `(outputs,)`, that probabilities of classes or findings amount to."""
    if kind == "several":
        return (probability >= np.array(decision.thresholds)).astype(float)
    chosen = int(probability.argmax())
    if decision.thresholds is not None:
        chosen = int(probability[1] >= decision.thresholds[0])
    return np.eye(len(probability))[chosen]


def _judge_boxes(truth: np.ndarray, found: np.ndarray, patients: Sequence[str]) -> dict[str, Any]:
    """Overlap of boxes (intersection over union) and the mean error of their corners."""

    def scores(boxes: np.ndarray) -> dict[str, np.ndarray]:
        return {"iou": overlap(truth, boxes), "corner_error": np.abs(truth - boxes).mean(-1)}

    own = scores(found)
    trivial = scores(np.tile(truth.mean(0), (len(truth), 1)))
    ends = bootstrap_intervals(
        lambda weights: {name: weights @ one / weights.sum(-1) for name, one in own.items()},
        patients,
    )
    return {
        **head("boxes", "test", truth, patients),
        "mean": {name: float(one.mean()) for name, one in own.items()},
        "interval": {name: list(map(float, one)) for name, one in ends.items()},
        "classes": {},
        "baseline": {name: float(one.mean()) for name, one in trivial.items()},
    }


def overlap(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Intersection over union of boxes.

    Args:
        one: `(n, 2 * axes)`, lower corners and then upper ones.
        other: of the same shape.

    Example:
        >>> overlap(np.array([[0.0, 0, 1, 1]]), np.array([[0.0, 0, 1, 0.5]]))
        array([0.5])
    """
    axes = one.shape[1] // 2
    low = np.maximum(one[:, :axes], other[:, :axes])
    high = np.minimum(one[:, axes:], other[:, axes:])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    sizes = [np.prod(np.maximum(b[:, axes:] - b[:, :axes], 0), axis=1) for b in (one, other)]
    union = sizes[0] + sizes[1] - shared
    return np.where(union > 0, shared / np.maximum(union, 1e-12), math.nan)
