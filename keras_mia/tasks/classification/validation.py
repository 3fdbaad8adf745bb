"""How networks that answer whole images are scored while they train, and chosen."""

from collections.abc import Callable

import keras
import numpy as np

from keras_mia.data.preprocess.image_plan import AnswerPlan
from keras_mia.data.targets.multitask import NAMED, JointAnswers
from keras_mia.metrics import classification_scores, multilabel_scores
from keras_mia.training import Criterion, Validation

MEAN = "mean"
"""Of several answers: the mean of what each is chosen by, errors with a minus."""


def validation(
    truth: np.ndarray, outputs: Callable[[keras.Model], np.ndarray], plan: AnswerPlan
) -> Validation:
    """The scores of a model on validation cases, and by which of them the best is chosen.

    Args:
        truth: `(cases, outputs)` of the validation cases, as `Answers.encode` gives it.
        outputs: from a model to its outputs for these cases, of the same shape.
        plan: for what is asked.
    """
    criterion = chosen_by(truth, plan)
    lacking = without_area(truth, plan)
    note = ""
    if lacking:
        note = (
            f"The validation cases have no area under the ROC curve{_of(lacking)}: they do not hold"
            " both what is positive and what is negative. The best network is the one whose"
            " probabilities of the truth are greatest (nll)."
        )
    return Validation(lambda model: scored(truth, outputs(model), plan), criterion, note)


def chosen_by(truth: np.ndarray, plan: AnswerPlan) -> Criterion:
    """What the best network is chosen by: what these cases define for any network.

    Args:
        truth, plan: as in `validation`.
    """
    if isinstance(plan.answers, JointAnswers):
        return Criterion(MEAN)
    kind = plan.answers.kind
    if kind == "number":
        return Criterion("mae", lower_is_better=True)
    if kind == "box":
        return Criterion("corner_error", lower_is_better=True)
    return Criterion("nll", lower_is_better=True) if without_area(truth, plan) else Criterion("auc")


def without_area(truth: np.ndarray, plan: AnswerPlan) -> list[str]:
    """The answers that have no area under the ROC curve: the column's name of each of several, or
    an empty one."""
    if isinstance(plan.answers, JointAnswers):
        parts = zip(plan.each().items(), plan.answers.split(truth), strict=True)
        return [column for (column, part), own in parts if without_area(own, part)]
    if plan.answers.kind == "several":
        defined = ((truth == 1).any(axis=0) & (truth == 0).any(axis=0)).any()
    elif plan.answers.kind == "class":
        defined = len(np.unique(plan.summed(truth).argmax(-1))) > 1
    else:
        defined = True
    return [] if defined else [""]


def scored(truth: np.ndarray, found: np.ndarray, plan: AnswerPlan) -> dict[str, float]:
    """Validation scores by name, first the one that the best network is chosen by.

    Args:
        truth, plan: as in `validation`.
        found: `(cases, outputs)` of the network.
    """
    if isinstance(plan.answers, JointAnswers):
        return _side_by_side(truth, found, plan)
    answers = plan.answers
    first = chosen_by(truth, plan).score
    if answers.kind in ("number", "box"):
        return {first: float(np.abs(found - truth).mean() * answers.std)}
    if answers.kind == "several":
        return {first: float(multilabel_scores(truth, found).mean[first])}
    labels, probabilities = plan.summed(truth).argmax(-1), plan.summed(found)
    scores = classification_scores(labels, probabilities).mean
    return {name: float(scores[name]) for name in (first, "accuracy")}


def _side_by_side(truth: np.ndarray, found: np.ndarray, plan: AnswerPlan) -> dict[str, float]:
    assert isinstance(plan.answers, JointAnswers)
    both = (plan.answers.split(values) for values in (truth, found))
    values: list[float] = []
    named: dict[str, float] = {}
    for (column, part), own, told in zip(plan.each().items(), *both, strict=True):
        criterion, scores = chosen_by(own, part), scored(own, told, part)
        # Standardized, since areas and mm, years and litres are added up.
        values.append(criterion.oriented(scores[criterion.score] / part.answers.std))
        named |= {f"{column}{NAMED}{name}": value for name, value in scores.items()}
    defined = [value for value in values if not np.isnan(value)]
    return {MEAN: float(np.mean(defined)) if defined else np.nan} | named


def _of(columns: list[str]) -> str:
    return f" of {', '.join(columns)}" if any(columns) else ""
