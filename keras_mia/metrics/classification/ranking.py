"""Scores that depend on the order of the probabilities alone, exactly, equal ones counting half."""

from typing import Any, NamedTuple

import numpy as np

from keras_mia.metrics.classification.checks import Numbers, binary
from keras_mia.metrics.statistics.weighted import (
    Weights,
    as_weights,
    of_cases,
    row_blocks,
    share,
    sum_by_group,
)

CHUNK = 2**21  # counts at a time: bounds the memory


class Curve(NamedTuple):
    """A curve over the thresholds, from the strictest on: who is above or at one is positive.

    Args:
        x: false positive rate (ROC), sensitivity (precision and recall), `(points,)`.
        y: sensitivity (ROC), precision (precision and recall), `(points,)`.
        thresholds: of each point, `(points,)`; the ROC curve's first is infinite: none is positive.
    """

    x: np.ndarray
    y: np.ndarray
    thresholds: np.ndarray


def roc_auc(truth: Numbers, probability: Numbers, *, weights: Weights = None) -> Any:
    """The area under the ROC curve: how often a positive case is above a negative one.

    `PooledAUC` does the same for any number of voxels, in bins.

    Args:
        truth: `(cases,)`, 0 or 1.
        probability: `(cases,)`, of 1; any number that rises with it will do.
        weights: `(..., cases)`, how often each case counts; None: once.

    Returns:
        The area `(...)`; NaN where one of the two is missing.

    Raises:
        ValueError: where shapes do not fit, or a value is none of those above.

    Source: Fawcett (2006), doi:10.1016/j.patrec.2005.10.010.

    Example:
        >>> roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        0.75
    """
    return ranking_scores(truth, probability, weights=weights)["auc"]


def average_precision(truth: Numbers, probability: Numbers, *, weights: Weights = None) -> Any:
    """The mean, over the positive cases, of the precision at the threshold that each one sets.

    Args:
        truth, probability, weights: as in `roc_auc`.

    Returns:
        The mean `(...)`; NaN where no case is positive.

    Source: Boyd, Eng and Page (2013), doi:10.1007/978-3-642-40994-3_29 (no interpolation).

    Example:
        >>> round(average_precision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), 4)  # (1 + 2 / 3) / 2
        0.8333
    """
    return ranking_scores(truth, probability, weights=weights)["average_precision"]


def ranking_scores(
    truth: Numbers, probability: Numbers, *, weights: Weights = None
) -> dict[str, Any]:
    """`auc` and `average_precision` from one sorting.

    Args:
        truth, probability, weights: as in `roc_auc`.

    Returns:
        Both by name, each `(...)`; NaN where undefined.
    """
    truth, probability = binary(truth, probability)
    weights = as_weights(weights, len(truth))
    levels, level = np.unique(probability[truth], return_inverse=True)
    # Negative cases lie between two levels of positive ones, or on one: 2 i + 1 is on level i.
    below = np.searchsorted(levels, probability[~truth], side="left")
    above = np.searchsorted(levels, probability[~truth], side="right")
    positives, negatives = of_cases(weights, truth), of_cases(weights, ~truth)
    step = max(1, CHUNK // (2 * len(levels) + 1))
    parts = [
        _from_counts(
            sum_by_group(level, len(levels), at_levels),
            sum_by_group(below + above, 2 * len(levels) + 1, between_levels),
        )
        for at_levels, between_levels in zip(
            row_blocks(positives, step), row_blocks(negatives, step), strict=True
        )
    ]
    shape = weights.shape[:-1]
    each = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return {
        name: values.reshape(shape) if shape else float(values[0]) for name, values in each.items()
    }


def _from_counts(at_levels: np.ndarray, between_levels: np.ndarray) -> dict[str, Any]:
    """Both scores.

    Args:
        at_levels: the weight of the positive cases on each level of their probabilities, rising,
            `(..., levels)`.
        between_levels: that of the negative ones below the first level, on it, between it and the
            next, ..., `(..., 2 levels + 1)`.
    """
    up_to, negatives_up_to = at_levels.cumsum(axis=-1), between_levels.cumsum(axis=-1)
    below, not_above = negatives_up_to[..., :-1:2], negatives_up_to[..., 1::2]
    positives, negatives = at_levels.sum(axis=-1), between_levels.sum(axis=-1)
    ordered_pairs = (at_levels * (below + not_above)).sum(axis=-1) / 2
    at_or_above = positives[..., None] - (up_to - at_levels)
    precision = share(at_or_above, at_or_above + negatives[..., None] - below)
    counted = np.where(at_levels > 0, at_levels * precision, 0)
    return {
        "auc": share(ordered_pairs, positives * negatives),
        "average_precision": share(counted.sum(axis=-1), positives),
    }


def roc_curve(truth: Numbers, probability: Numbers) -> Curve:
    """Sensitivity over the false positive rate, a point a threshold.

    Args:
        truth, probability: as in `roc_auc`.

    Returns:
        False positive rate (x) and sensitivity (y) at each threshold; NaN where no case is
        negative, or positive.

    Example:
        >>> curve = roc_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        >>> curve.x.tolist(), curve.y.tolist()
        ([0.0, 0.0, 0.5, 0.5, 1.0], [0.0, 0.5, 0.5, 1.0, 1.0])
    """
    thresholds, true_positives, false_positives = counts_at_thresholds(truth, probability)
    true_positives, false_positives = np.append(0, true_positives), np.append(0, false_positives)
    return Curve(
        share(false_positives, false_positives[-1]),
        share(true_positives, true_positives[-1]),
        np.append(np.inf, thresholds),
    )


def precision_recall_curve(truth: Numbers, probability: Numbers) -> Curve:
    """Precision over the sensitivity (recall), a point a threshold.

    Args:
        truth, probability: as in `roc_auc`.

    Returns:
        Sensitivity (x) and precision (y) at each threshold; the sensitivity is NaN where no case is
        positive.

    Example:
        >>> curve = precision_recall_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        >>> curve.x.tolist(), curve.y.round(2).tolist()
        ([0.5, 0.5, 1.0, 1.0], [1.0, 0.5, 0.67, 0.5])
    """
    thresholds, true_positives, false_positives = counts_at_thresholds(truth, probability)
    positives = np.full(true_positives.shape, true_positives[-1] if len(true_positives) else 0)
    return Curve(
        share(true_positives, positives),
        share(true_positives, true_positives + false_positives),
        thresholds,
    )


def counts_at_thresholds(
    truth: Numbers, probability: Numbers
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How many cases are at or above each probability.

    Args:
        truth, probability: as in `roc_auc`.

    Returns:
        The probabilities that occur, falling, and how many positive and how many negative cases are
        at or above them, each `(thresholds,)`.
    """
    truth, probability = binary(truth, probability)
    thresholds = np.unique(probability)[::-1]
    true_positives, false_positives = (
        chosen.sum() - np.searchsorted(np.sort(probability[chosen]), thresholds, side="left")
        for chosen in (truth, ~truth)
    )
    return thresholds, true_positives, false_positives
