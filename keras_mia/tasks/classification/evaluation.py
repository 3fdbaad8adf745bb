"""Answers of whole images judged: a row a case, and the scores of all."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from keras_mia.data.datasets.cases import Case
from keras_mia.data.preprocess.image_plan import ImagePlan
from keras_mia.data.targets.multitask import NAMED, Multitask, named
from keras_mia.tasks.classification.box_scores import judge_boxes
from keras_mia.tasks.classification.calibration import Calibration
from keras_mia.tasks.classification.class_scores import head, judge_numbers, judge_scores
from keras_mia.tasks.classification.rows import said, told_in, true_in
from keras_mia.tasks.score_text import scores_text

FINE_SHOWN = ("auc", "accuracy", "balanced_accuracy")


def judge(
    cases: Sequence[Case],
    outputs: np.ndarray,
    truth: np.ndarray,
    plan: ImagePlan,
    decision: Calibration,
) -> tuple[list[dict], dict[str, Any]]:
    """Scores of test cases.

    Args:
        cases: judged.
        outputs: `(cases, outputs)` of the network.
        truth: as `ImageTarget.encode` gives it.
        plan: for the kind of answer.
        decision: made on validation cases.

    Returns:
        The rows of scores.csv, and what metrics.json holds.
    """
    told, true = decision.applied(outputs, plan.target), plan.target.in_units(truth)
    rows = [
        {"case": case.name, "patient": case.patient, **row}
        for case, row in zip(cases, said(told, plan, decision, true), strict=True)
    ]
    return rows, judge_rows(rows, plan, [decision], [len(rows)])


def judge_rows(
    rows: Sequence[Mapping[str, str]],
    plan: ImagePlan,
    decisions: Sequence[Calibration],
    counts: Sequence[int],
) -> dict[str, Any]:
    """Scores of the rows of scores.csv: of what was written, so that it can be judged again.

    Args:
        rows: with `patient`, truth and prediction.
        plan: for what is asked.
        decisions: of a run, or of several runs on different cases.
        counts: how many cases each of them decided.

    Returns:
        What metrics.json holds.
    """
    found = judge_told(
        np.array([true_in(row, plan) for row in rows]),
        np.array([told_in(row, plan) for row in rows]),
        plan,
        [row["patient"] for row in rows],
        cuts_of(decisions, counts),
        trivial_of(decisions, counts),
    )
    if len(decisions) == 1:
        found["temperature"] = decisions[0].temperature
    notes = [note for one in decisions for note in notes_of(one, plan)]
    return found | {"calibration": list(dict.fromkeys(notes))}


def notes_of(decision: Calibration, plan: ImagePlan) -> list[str]:
    """What a reader of probabilities has to know, for each of several answers behind its column."""
    if isinstance(plan.target, Multitask):
        parts = zip(plan.target.columns, decision.parts, strict=True)
        return [f"{column}{NAMED}{part.note}" for column, part in parts if part.note]
    return [decision.note] if decision.note else []


def judge_told(
    truth: np.ndarray,
    told: np.ndarray,
    plan: ImagePlan,
    patients: Sequence[str],
    thresholds: Any,
    trivial: Any = None,
) -> dict[str, Any]:
    """Scores of what was told.

    Args:
        truth: `(cases, outputs)`, marks of classes and findings, numbers in the data's unit.
        told: of the same shape, as `Calibration.applied` gives it.
        plan: for what is asked, and the coarse classes that are told.
        patients: whose case it is, one for each case.
        thresholds: as `cuts_of` gives them.
        trivial: as `trivial_of` gives it; None: there is no trivial answer.

    Returns:
        What metrics.json holds; of coarse classes, with the scores of the fine ones as `fine`; of
        several answers all scores side by side, and as `targets` those of each.
    """
    answers = plan.target
    if isinstance(answers, Multitask):
        usual = trivial or [None] * len(answers.parts)
        both = (answers.split(values) for values in (truth, told))
        parts = zip(plan.each().items(), *both, thresholds, usual, strict=True)
        each = {
            column: judge_told(true, values, part, patients, cuts, simple)
            for (column, part), true, values, cuts, simple in parts
        }
        side_by_side = {
            which: {k: v for c, one in each.items() for k, v in named(c, one[which]).items()}
            for which in ("mean", "interval", "interval_method", "baseline")
        }
        begin = head("multitask", "test", truth, patients)
        return {**begin, **side_by_side, "classes": {}, "targets": each}
    if plan.tree is not None:
        fine = judge_told(truth, told, replace(plan, tree=None), patients, None, trivial)
        truth, told = plan.summed(truth), plan.summed(told)
        trivial = None if trivial is None else plan.summed(trivial)
        plan = replace(plan, target=plan.told, tree=None)
        return judge_told(truth, told, plan, patients, thresholds, trivial) | {"fine": fine}
    if answers.kind == "regression":
        middle = None if trivial is None else trivial[:, 0]
        return judge_numbers(truth[:, 0], told[:, 0], patients=patients, trivial=middle)
    if answers.kind == "box":
        return judge_boxes(truth, told, patients, trivial)
    cuts: Any = None if thresholds is None else np.asarray(thresholds)
    several = cuts is not None and cuts.ndim == 2
    if answers.kind == "multiclass":
        truth, cuts = truth.argmax(-1), None if cuts is None else cuts[..., 0]
    found = judge_scores(
        truth, told, names=answers.names, patients=patients, threshold=cuts, trivial=trivial
    )
    return found | {"threshold": None} if several else found


def cuts_of(decisions: Sequence[Calibration], counts: Sequence[int] = ()) -> Any:
    """The thresholds by which cases were decided.

    Args:
        decisions: of a run, or of several runs on different cases.
        counts: how many cases each of several runs decided.

    Returns:
        As in `Calibration`; of several runs `(cases, thresholds)`; of several answers a list of
        such.
    """
    if decisions[0].parts:
        return [cuts_of(parts, counts) for parts in zip(*(d.parts for d in decisions), strict=True)]
    cuts = decisions[0].thresholds
    if cuts is None or len(decisions) == 1:
        return cuts
    return np.repeat([one.thresholds for one in decisions], counts, axis=0)


def trivial_of(decisions: Sequence[Calibration], counts: Sequence[int]) -> Any:
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


def describe(metrics: Mapping, plan: ImagePlan) -> str:
    """What an app prints at its end: the scores, and whose they are."""
    said = scores_text(metrics, metrics["mean"])
    if plan.tree is not None:
        said += "\n" + scores_text(
            metrics["fine"], FINE_SHOWN, of=f"{len(plan.target)} fine classes"
        )
    told = plan.told
    for asked in told.parts if isinstance(told, Multitask) else (told,):
        if asked.kind == "multiclass" and len(asked) == 2:
            first, second = asked.names
            said += f"\n  These are the scores of {second}, the positive class, against {first}"
            if asked is told:
                said += f" (the other way round: --positive {shlex.quote(first)})"
            said += "."
    return said
