"""Answers of whole images judged: a row a case, and the scores of all."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from keras_mia.data.answer_plan import AnswerPlan, of_tree
from keras_mia.data.answers import FINE, PROBABILITY, Answers, words
from keras_mia.data.cases import Case
from keras_mia.data.joint_answers import NAMED, JointAnswers, parts_of
from keras_mia.tasks.deciding import Decision
from keras_mia.tasks.judge import described
from keras_mia.tasks.judge_boxes import judge_boxes
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
    found = judge_told(
        true, told, plan, patients, cuts_of([decision]), trivial_of([decision], [len(cases)])
    )
    return rows, found | {"temperature": decision.temperature}


def judge_told(
    truth: np.ndarray,
    told: np.ndarray,
    plan: AnswerPlan,
    patients: Sequence[str],
    thresholds: Any,
    trivial: Any = None,
) -> dict[str, Any]:
    """Scores of what was told.

    Args:
        truth: `(cases, outputs)`, marks of classes and findings, numbers in the data's unit.
        told: of the same shape, as `Decision.applied` gives it.
        plan: for what is asked, and the coarse classes that are told.
        patients: whose case it is, one for each case.
        thresholds: as `cuts_of` gives them.
        trivial: as `trivial_of` gives it; None: there is no trivial answer.

    Returns:
        What metrics.json holds; of coarse classes, with the scores of the fine ones as `fine`; of
        several answers all scores side by side, and as `answers` those of each.
    """
    answers = plan.answers
    if isinstance(answers, JointAnswers):
        usual = trivial or [None] * len(answers.parts)
        both = (answers.split(values) for values in (truth, told))
        parts = zip(plan.each().items(), *both, thresholds, usual, strict=True)
        each = {
            column: judge_told(true, values, part, patients, cuts, simple)
            for (column, part), true, values, cuts, simple in parts
        }
        side_by_side = {
            which: {k: v for c, one in each.items() for k, v in _named(c, one[which]).items()}
            for which in ("mean", "interval", "interval_method", "baseline")
        }
        begin = head("several answers", "test", truth, patients)
        return {**begin, **side_by_side, "classes": {}, "answers": each}
    if plan.tree is not None:
        fine = judge_told(truth, told, replace(plan, tree=None), patients, None, trivial)
        truth, told = plan.summed(truth), plan.summed(told)
        trivial = None if trivial is None else plan.summed(trivial)
        plan = replace(plan, answers=plan.told, tree=None)
        return judge_told(truth, told, plan, patients, thresholds, trivial) | {"fine": fine}
    if answers.kind == "number":
        middle = None if trivial is None else trivial[:, 0]
        return judge_numbers(truth[:, 0], told[:, 0], patients=patients, trivial=middle)
    if answers.kind == "box":
        return judge_boxes(truth, told, patients, trivial)
    cuts: Any = None if thresholds is None else np.asarray(thresholds)
    several = cuts is not None and cuts.ndim == 2
    if answers.kind == "class":
        truth, cuts = truth.argmax(-1), None if cuts is None else cuts[..., 0]
    found = judge_scores(
        truth, told, names=answers.names, patients=patients, threshold=cuts, trivial=trivial
    )
    return found | {"threshold": None} if several else found


def cuts_of(decisions: Sequence[Decision], counts: Sequence[int] = ()) -> Any:
    """The thresholds by which cases were decided.

    Args:
        decisions: of a run, or of several runs on different cases.
        counts: how many cases each of several runs decided.

    Returns:
        As in `Decision`; of several runs `(cases, thresholds)`; of several answers a list of such.
    """
    if decisions[0].parts:
        return [cuts_of(parts, counts) for parts in zip(*(d.parts for d in decisions), strict=True)]
    cuts = decisions[0].thresholds
    if cuts is None or len(decisions) == 1:
        return cuts
    return np.repeat([one.thresholds for one in decisions], counts, axis=0)


def trivial_of(decisions: Sequence[Decision], counts: Sequence[int]) -> Any:
    """The trivial answer to each case, by the cases that its own run was trained on.

    Args:
        decisions: of a run, or of several runs on different cases.
        counts: how many cases each of them decided.

    Returns:
        `(cases, outputs)`; of several answers a list of such; None where a run has none.
    """
    if decisions[0].parts:
        each = zip(*(one.parts for one in decisions), strict=True)
        return [trivial_of(parts, counts) for parts in each]
    if not all(one.trivial for one in decisions):
        return None
    return np.repeat([one.trivial for one in decisions], counts, axis=0)


def describe(metrics: Mapping, plan: AnswerPlan) -> str:
    """What an app prints at its end: the scores, and whose they are."""
    said = described(metrics, metrics["mean"])
    if plan.tree is not None:
        kind = f"{len(plan.answers)} fine classes, held-out case"
        said += "\n" + described(metrics["fine"], FINE_SHOWN, kind)
    told = plan.told
    for asked in parts_of(told):
        if asked.kind == "class" and len(asked) == 2:
            first, second = asked.names
            said += f"\n  These are the scores of {second}, the positive class, against {first}"
            if asked is told:
                said += f" (the other way round: --positive {shlex.quote(first)})"
            said += "."
    return said


def said(
    told: np.ndarray, plan: AnswerPlan, decision: Decision, truth: np.ndarray | None = None
) -> list[dict[str, Any]]:
    """Each answer in words and numbers, a row a case: `truth`, `prediction`, and probabilities.

    Of several answers each stands behind the name of its column. Of coarse classes these are
    followed by the same of the fine ones, each name after `fine `; the fine prediction is the most
    probable fine class of all, which may lie below another coarse one.

    Args:
        told: `(cases, outputs)`, as `Decision.applied` gives it.
        plan: for what is asked, and the coarse classes that are told.
        decision: made on validation cases.
        truth: of the same shape, where it is known.
    """
    answers = plan.answers
    if isinstance(answers, JointAnswers):
        truths = [None] * len(answers.parts) if truth is None else answers.split(truth)
        each = zip(plan.each().items(), answers.split(told), decision.parts, truths, strict=True)
        columns = [
            [_named(column, row) for row in said(values, part, own, known)]
            for (column, part), values, own, known in each
        ]
        return [{k: v for one in row for k, v in one.items()} for row in zip(*columns, strict=True)]
    if plan.tree is None:
        return _worded(told, answers, decision, truth)
    true = None if truth is None else plan.summed(truth)
    coarse = _worded(plan.summed(told), of_tree(plan.tree), decision, true)
    fine = _worded(told, answers, Decision(), truth)
    return [
        above | {FINE + name: text for name, text in below.items()}
        for above, below in zip(coarse, fine, strict=True)
    ]


def _named(column: str, found: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{column}{NAMED}{name}": value for name, value in found.items()}


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
