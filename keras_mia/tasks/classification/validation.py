"""How networks that answer whole images are scored while they train, and chosen."""

from collections.abc import Callable

import keras
import numpy as np

from keras_mia.data.preprocess.image_plan import ImagePlan
from keras_mia.data.targets.multitask import NAMED, Multitask
from keras_mia.metrics import classification_scores, multilabel_scores
from keras_mia.training import Criterion, Validation

MEAN = "mean"
"""Of several answers: the mean of what each is chosen by, errors with a minus."""


def validation(
    truth: np.ndarray, outputs: Callable[[keras.Model], np.ndarray], plan: ImagePlan
) -> Validation:
    """The scores of a model on validation cases, and by which of them the best is chosen.

    Args:
        truth: `(cases, outputs)` of the validation cases, as `ImageTarget.encode` gives it.
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


def chosen_by(truth: np.ndarray, plan: ImagePlan) -> Criterion:
    """What the best network is chosen by: what these cases define for any network.

    Args:
        truth, plan: as in `validation`.
    """
    if isinstance(plan.target, Multitask):
        return Criterion(MEAN)
    kind = plan.target.kind
    if kind == "regression":
        return Criterion("mae", lower_is_better=True)
    if kind == "box":
        return Criterion("corner_error", lower_is_better=True)
    return Criterion("nll", lower_is_better=True) if without_area(truth, plan) else Criterion("auc")


def without_area(truth: np.ndarray, plan: ImagePlan) -> list[str]:
    """The answers that have no area under the ROC curve: the column's name of each of several, or
    an empty one."""
    if isinstance(plan.target, Multitask):
        parts = zip(plan.each().items(), plan.target.split(truth), strict=True)
        return [column for (column, part), own in parts if without_area(own, part)]
    if plan.target.kind == "multilabel":
        defined = ((truth == 1).any(axis=0) & (truth == 0).any(axis=0)).any()
    elif plan.target.kind == "multiclass":
        defined = len(np.unique(plan.summed(truth).argmax(-1))) > 1
    else:
        defined = True
    return [] if defined else [""]


def scored(truth: np.ndarray, found: np.ndarray, plan: ImagePlan) -> dict[str, float]:
    """Validation scores by name, first the one that the best network is chosen by.

    Args:
        truth, plan: as in `validation`.
        found: `(cases, outputs)` of the network.
    """
    if isinstance(plan.target, Multitask):
        return _side_by_side(truth, found, plan)
    answers = plan.target
    first = chosen_by(truth, plan).score
    if answers.kind in ("regression", "box"):
        return {first: float(np.abs(answers.in_units(found) - answers.in_units(truth)).mean())}
    if answers.kind == "multilabel":
        return {first: float(multilabel_scores(truth, found).mean[first])}
    labels, probabilities = plan.summed(truth).argmax(-1), plan.summed(found)
    scores = classification_scores(labels, probabilities).mean
    return {name: float(scores[name]) for name in (first, "accuracy")}


def _side_by_side(truth: np.ndarray, found: np.ndarray, plan: ImagePlan) -> dict[str, float]:
    assert isinstance(plan.target, Multitask)
    both = (plan.target.split(values) for values in (truth, found))
    values: list[float] = []
    named: dict[str, float] = {}
    for (column, part), own, told in zip(plan.each().items(), *both, strict=True):
        criterion, scores = chosen_by(own, part), scored(own, told, part)
        # Standardized, since areas and mm, years and litres are added up.
        values.append(
            criterion.oriented(scores[criterion.score] / getattr(part.target, "std", 1.0))
        )
        named |= {f"{column}{NAMED}{name}": value for name, value in scores.items()}
    defined = [value for value in values if not np.isnan(value)]
    return {MEAN: float(np.mean(defined)) if defined else np.nan} | named


def _of(columns: list[str]) -> str:
    return f" of {', '.join(columns)}" if any(columns) else ""
