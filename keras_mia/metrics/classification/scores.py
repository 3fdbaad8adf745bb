"""Scores of classes: truth as integers, prediction as a probability a class.

A class against all others has its own values: `auc`, `average_precision`, and at the decisions
`sensitivity`, `specificity`, `precision`, `f1`. Of two classes the scores are those of class 1, the
positive one; of more their mean over the classes (macro), each class counting the same. What is
undefined, since a class is not among the cases or is never predicted, is NaN and left out of means.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from keras_mia.metrics.classification.beyond_chance import costs, kappa_of, matthews_of
from keras_mia.metrics.classification.calibration import (
    brier_score,
    expected_calibration_error,
    negative_log_likelihood,
)
from keras_mia.metrics.classification.checks import Numbers, multiclass, probabilities_of
from keras_mia.metrics.classification.ranking import ranking_scores
from keras_mia.metrics.segmentation.counts import overlap_of
from keras_mia.metrics.statistics.weighted import (
    CaseWeights,
    Weights,
    as_weights,
    mean_of_cases,
    mean_of_classes,
    of_cases,
    share,
    sum_by_group,
    weighted_sum,
)

TOP = 5  # there is a top-5 where there are more classes than that


class ClassScores(NamedTuple):
    """Scores by name.

    Args:
        mean: over classes, or of class 1 of two; each `(...)`.
        classes: of each class or label, each `(..., classes)`.
    """

    mean: dict[str, Any]
    classes: dict[str, np.ndarray]


def classification_scores(
    truth: Numbers,
    probabilities: np.ndarray,
    *,
    threshold: float | Numbers | None = None,
    ordered: bool = False,
    weights: Weights = None,
) -> ClassScores:
    """All scores of cases that have one class each.

    Args:
        truth: `(cases,)`, integers.
        probabilities: `(cases, classes)`, of a softmax.
        threshold: of class 1 of two, from `choose_threshold`, one or one a case; None: the most
            probable class.
        ordered: whether the classes are grades; `kappa_quadratic` is then among the scores.
        weights: `(..., cases)`, how often each case counts; None: once.

    Returns:
        `mean`: `auc`, `average_precision`, `accuracy`, `balanced_accuracy`, `top5_accuracy` (of
        more than 5 classes), `sensitivity`, `specificity`, `precision`, `f1`, `kappa`, `matthews`,
        `calibration_error`, `brier`, `nll` (these three of class 1 of two). `classes`: see above.

    Raises:
        ValueError: shapes do not fit, or a value is none of those above.

    Source: Maier-Hein et al. (2024), Metrics reloaded, arXiv:2206.01653.

    Example:
        >>> guess = np.array([[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.2, 0.8]])
        >>> found = classification_scores([0, 0, 1, 1], guess)
        >>> found.mean["auc"], found.mean["accuracy"], found.classes["sensitivity"]
        (1.0, 0.75, array([0.5, 1. ]))
    """
    truth, probabilities = multiclass(truth, probabilities)
    ranked = range(probabilities.shape[1])
    weights = as_weights(weights, len(truth))
    return _scores(truth, probabilities, threshold, ordered, weights, ranked)


def _scores(
    truth: np.ndarray,
    probabilities: np.ndarray,
    threshold: float | Numbers | None,
    ordered: bool,
    weights: CaseWeights,
    ranked: Sequence[int],
) -> ClassScores:
    """All scores; those of rankings of some classes alone, the last one among them."""
    classes = probabilities.shape[1]
    rows = [
        ranking_scores(truth == index, probabilities[:, index], weights=weights) for index in ranked
    ]
    by_class = {name: np.stack([row[name] for row in rows], axis=-1) for name in rows[0]}
    prediction = decide(probabilities, threshold)
    right = truth == prediction
    true, predicted = (sum_by_group(one, classes, weights) for one in (truth, prediction))
    hits = sum_by_group(truth[right], classes, of_cases(weights, right))
    by_class |= _at_decisions(hits, true, predicted)
    mean = {
        name: _plain(values[..., -1]) if classes == 2 else mean_of_classes(values)
        for name, values in by_class.items()
    }
    mean["accuracy"] = share(hits.sum(axis=-1), true.sum(axis=-1))
    mean["balanced_accuracy"] = mean_of_classes(by_class["sensitivity"])
    if classes > TOP:
        mean["top5_accuracy"] = top_k_accuracy(truth, probabilities, TOP, weights=weights)
    for name in ("kappa", "kappa_quadratic") if ordered else ("kappa",):
        cost = costs(classes, "quadratic" if name != "kappa" else None)
        cost_of_all = weighted_sum(cost[truth, prediction], weights)
        mean[name] = kappa_of(cost_of_all, true, predicted, cost)
    mean["matthews"] = matthews_of(hits.sum(axis=-1), true, predicted)
    columns = probabilities[:, 1] if classes == 2 else probabilities
    mean["calibration_error"] = expected_calibration_error(truth, columns, weights=weights)
    mean["brier"] = brier_score(truth, columns, weights=weights)
    mean["nll"] = negative_log_likelihood(truth, columns, weights=weights)
    return ClassScores(mean, by_class)


def multilabel_scores(
    truth: np.ndarray,
    probabilities: np.ndarray,
    *,
    thresholds: float | Sequence[float] | np.ndarray = 0.5,
    weights: Weights = None,
) -> ClassScores:
    """All scores of cases that may have several labels at once, or none.

    Each label is scored by itself, as class 1 of two, on the cases in which it is labelled.

    Args:
        truth: `(cases, labels)`, 0 or 1; -1 or NaN: unknown.
        probabilities: `(cases, labels)`, of a sigmoid a label.
        thresholds: one, one a label, or `(cases, labels)`.
        weights: `(..., cases)`, how often each case counts; None: once.

    Returns:
        `classes`: the scores of `classification_scores` of each label, NaN where it is undefined;
        `mean`: over the labels in which they are defined.

    Raises:
        ValueError: shapes do not fit, or a value is none of those above.

    Example:
        >>> truth = np.array([[0, 1], [1, -1], [1, 0]])
        >>> guess = np.array([[0.2, 0.9], [0.7, 0.1], [0.4, 0.6]])
        >>> found = multilabel_scores(truth, guess)
        >>> found.classes["auc"], found.classes["accuracy"].round(2), found.mean["auc"]
        (array([1., 1.]), array([0.67, 0.5 ]), 1.0)
    """
    truth, probabilities = np.asarray(truth, float), np.asarray(probabilities, float)
    if truth.ndim != 2 or truth.shape != probabilities.shape or not truth.shape[1]:
        raise ValueError(f"Truth {truth.shape} and {probabilities.shape} do not fit.")
    if not (np.isnan(truth) | np.isin(truth, (-1, 0, 1))).all():
        raise ValueError("The truth has to be 0, 1, or -1 or NaN where it is unknown.")
    weights = as_weights(weights, len(truth))
    cuts = np.broadcast_to(np.asarray(thresholds, float), truth.shape)
    rows = []
    for label in range(truth.shape[1]):
        labelled = ~np.isnan(truth[:, label]) & (truth[:, label] != -1)
        of_label = probabilities[labelled, label]
        true, columns = multiclass(
            truth[labelled, label].astype(int), np.stack([1 - of_label, of_label], axis=1)
        )
        label_weights = of_cases(weights, labelled)
        rows.append(
            _scores(true, columns, cuts[labelled, label], False, label_weights, ranked=[1]).mean
        )
    by_label = {name: np.stack([row[name] for row in rows], axis=-1) for name in rows[0]}
    return ClassScores({name: mean_of_classes(v) for name, v in by_label.items()}, by_label)


def decide(probabilities: np.ndarray, threshold: float | Numbers | None = None) -> np.ndarray:
    """The predicted class of each case.

    Args:
        probabilities: `(cases, classes)`.
        threshold: from which probability on it is class 1 of two, one or one a case; None: the
            most probable class, the first of equals.

    Returns:
        `(cases,)`, integers.

    Raises:
        ValueError: there is a threshold, and more than two classes.

    Example:
        >>> guess = np.array([[0.6, 0.4], [0.3, 0.7]])
        >>> decide(guess), decide(guess, threshold=0.4)
        (array([0, 1]), array([1, 1]))
    """
    probabilities = probabilities_of(np.asarray(probabilities, float))
    if threshold is None:
        return probabilities.argmax(axis=1)
    if probabilities.shape[1] != 2:
        raise ValueError(f"A threshold is for two classes, not for {probabilities.shape[1]}.")
    return (probabilities[:, 1] >= np.asarray(threshold)).astype(int)


def top_k_accuracy(
    truth: Numbers, probabilities: np.ndarray, k: int = TOP, *, weights: Weights = None
) -> Any:
    """The share of cases whose class is among the `k` most probable, the first ones of equals.

    Args:
        truth, probabilities, weights: as in `classification_scores`.
        k: how many guesses a case has.

    Returns:
        The share `(...)`, 0 to 1; NaN where there are no cases.

    Example:
        >>> top_k_accuracy([0, 1], np.array([[0.3, 0.2, 0.5], [0.5, 0.1, 0.4]]), 2)
        0.5
    """
    truth, probabilities = multiclass(truth, probabilities)
    of_truth = np.take_along_axis(probabilities, truth[:, None], axis=1)
    earlier = np.arange(probabilities.shape[1]) < truth[:, None]
    ahead = (probabilities > of_truth) | ((probabilities == of_truth) & earlier)
    hits = (ahead.sum(axis=1) < k).astype(float)
    return mean_of_cases(hits, as_weights(weights, len(truth)))


def _plain(values: np.ndarray) -> Any:
    return values if values.ndim else float(values)


def _at_decisions(hits: np.ndarray, true: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
    overlap = overlap_of(hits, true, predicted, true.sum(axis=-1)[..., None])
    chosen = {name: overlap[name] for name in ("sensitivity", "specificity", "precision")}
    return chosen | {"f1": overlap["dice"]}
