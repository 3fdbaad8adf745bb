"""Intervals of scores of classes: a mean over classes rests on the patients of each of them."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

from keras_mia.metrics.classification.scores import ClassScores
from keras_mia.metrics.statistics.interval import Interval, confidence_intervals
from keras_mia.metrics.statistics.jackknife import Jackknife, jackknife
from keras_mia.metrics.statistics.ranges import Range, range_of
from keras_mia.metrics.statistics.weighted import Weights

OF_ALL_CLASSES = ("balanced_accuracy", "kappa", "kappa_quadratic", "matthews")
MEAN, CLASSES = "mean", "classes"
Key = tuple[str, str]


def class_intervals(
    scores: Callable[[Weights], ClassScores],
    patients: Sequence[Hashable],
    *,
    level: float = 0.95,
) -> dict[Key, Interval]:
    """The intervals of `classification_scores` or `multilabel_scores`.

    Args:
        scores: of weights `(draws, cases)`, `SparseWeights` among them.
        patients: whose case it is, one for each case.
        level: of the intervals.

    Returns:
        By `("mean", name)` and `("classes", name)`; the latter's are arrays `(classes,)`.

    Example:
        >>> from keras_mia.metrics import classification_scores
        >>> truth, guess = [0, 0, 1, 1], np.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7], [0.2, 0.8]])
        >>> found = class_intervals(
        ...     lambda weights: classification_scores(truth, guess, weights=weights), "abcd"
        ... )
        >>> found["mean", "accuracy"].low.round(2), found["classes", "sensitivity"].low.round(2)
        (np.float64(0.28), array([0.01, 0.01]))
    """
    without_each = jackknife(lambda weights: by_key(scores(weights)), patients, sparse_weights=True)
    _rest_on_classes(without_each)
    classes = without_each.value[CLASSES, "auc"].shape[-1]
    return confidence_intervals(
        without_each,
        ranges={key: _range(key[1], classes) for key in without_each.value},
        level=level,
    )


def by_key(scores: ClassScores) -> dict[Key, Any]:
    """Scores by `("mean", name)` and `("classes", name)`.

    Args:
        scores: of one kind of scores, by name.

    Returns:
        The scores in one mapping.
    """
    by_kind = scores._asdict()
    return {(kind, name): value for kind in by_kind for name, value in by_kind[kind].items()}


def _range(name: str, classes: int) -> Range | None:
    limits = range_of(name)
    return limits._replace(high=1.0) if name == "brier" and limits and classes == 2 else limits


def _rest_on_classes(without_each: Jackknife) -> None:
    """Sets on how many patients means rest, which are defined even where a class is missing.

    Of K classes, of which each rests on S patients, it is K^2 / (1 / S + 1 / S + ...).
    """
    for kind, name in without_each.value:
        if kind != MEAN or (CLASSES, name) not in without_each.value:
            continue
        each = without_each.support[CLASSES, name]
        if len(each) > 2:
            supported = each[each > 0]
            mean = len(supported) ** 2 / np.sum(1 / supported) if len(supported) else 0.0
            without_each.support[kind, name] = np.array(min(mean, without_each.patients))
    for key in [(MEAN, name) for name in OF_ALL_CLASSES if (MEAN, name) in without_each.value]:
        without_each.support[key] = without_each.support[MEAN, "auc"]
        without_each.pairwise[key] = without_each.pairwise[MEAN, "auc"]
