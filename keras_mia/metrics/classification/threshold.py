"""From which probability on a case is called positive: chosen on validation, then frozen."""

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.metrics.classification.checks import Numbers
from keras_mia.metrics.classification.ranking import counts_at_thresholds

RULES = ("youden", "f1", "sensitivity")


def choose_threshold(
    truth: Numbers, probability: Numbers, by: str = "youden", *, at: float | None = None
) -> float:
    """The probability from which on (it included) a case is called positive.

    Choose it on validation cases and keep it for the test: one that was chosen on the cases that it
    is scored on makes scores that no later case will reach.

    Args:
        truth: `(cases,)`, 0 or 1, of validation cases.
        probability: `(cases,)`, of 1.
        by: "youden", the greatest sensitivity + specificity; "f1", the greatest F1; "sensitivity",
            the strictest threshold whose sensitivity is at least `at`.
        at: the sensitivity that is needed, above 0 and up to 1.

    Returns:
        One of the probabilities; of equally good ones the greatest.

    Raises:
        Problem: there is no positive, or no negative, case.
        ValueError: shapes or values do not fit, or `by` and `at` do not.

    Source: Youden (1950), doi:10.1002/1097-0142(1950)3:1<32::AID-CNCR2820030106>3.0.CO;2-3.

    Example:
        >>> truth, probability = [0, 0, 1, 0, 1], [0.1, 0.3, 0.4, 0.6, 0.9]
        >>> choose_threshold(truth, probability)
        0.4
        >>> choose_threshold(truth, probability, "sensitivity", at=0.5)
        0.9
    """
    if by not in RULES or (at is not None) != (by == "sensitivity"):
        raise ValueError(f"by is one of {RULES}, and 'sensitivity' needs at; not {by!r}, {at}.")
    if at is not None and not 0 < at <= 1:
        raise ValueError(f"A sensitivity is above 0 and at most 1, not {at}.")
    thresholds, true_positives, false_positives = counts_at_thresholds(truth, probability)
    if not len(true_positives) or not true_positives[-1] or not false_positives[-1]:
        raise Problem(
            "A threshold needs positive and negative cases, and one of the two is missing.",
            "validation cases",
            "Choose it on more cases, or on a split that holds both.",
        )
    positives, negatives = true_positives[-1], false_positives[-1]
    quality = {
        # Of integers, so that equals are equal.
        "youden": true_positives * negatives - false_positives * positives,
        "f1": 2 * true_positives / (positives + true_positives + false_positives),
        "sensitivity": true_positives / positives >= (at or 1),
    }
    return float(thresholds[np.argmax(quality[by])])


def confidence(probability: float, threshold: float, above: bool = True) -> float:
    """How far the probability of a prediction lies beyond what it took to be made, as a share of
    how far it could: 0 to 1, comparable between predictions with different thresholds.

    Args:
        probability: of what is predicted.
        threshold: of the probability that decides.
        above: whether the prediction is made from the threshold on; else it is made below it.

    Example:
        >>> confidence(0.75, 0.5), confidence(0.875, 0.25, above=False)
        (0.5, 0.5)
    """
    cut = threshold if above else 1 - threshold
    return (probability - cut) / max(1 - cut, 1e-9)
