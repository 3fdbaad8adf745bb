"""Calibration: whether things are as frequent as they were predicted to be probable.

Wherever probabilities are taken, `(cases,)` are those of class 1 of two, and `(cases, classes)` are
scored as a whole: the calibration by the most probable class (its probability against how often it
is right), Brier's score and the likelihood over all classes.
"""

from typing import Any, NamedTuple

import numpy as np

from keras_mia.metrics.classification.checks import Numbers, binary, multiclass, probabilities_of
from keras_mia.metrics.statistics.weighted import (
    Weights,
    as_weights,
    mean_of_cases,
    share,
    sum_by_group,
)

BINS = 15
SMALLEST = float(np.finfo(np.float32).tiny)  # a probability of 0 is one that float32 cannot hold


class Reliability(NamedTuple):
    """Predicted probabilities and observed frequencies, a bin each; NaN where a bin is empty.

    Args:
        probability: the mean of the predicted ones, `(..., bins)`.
        frequency: how often it was so, `(..., bins)`.
        cases: how many cases the bin has, `(..., bins)`.
    """

    probability: np.ndarray
    frequency: np.ndarray
    cases: np.ndarray


def reliability_curve(
    truth: Numbers,
    probabilities: Numbers,
    *,
    bins: int = BINS,
    by: str = "width",
    weights: Weights = None,
) -> Reliability:
    """The points of a reliability diagram: frequency over probability.

    Args:
        truth: `(cases,)`, integers.
        probabilities: `(cases,)` or `(cases, classes)`, see above.
        bins: how many.
        by: "width", bins of equal width between 0 and 1; "count", of as many cases each as equal
            probabilities, which stay together, allow.
        weights: `(..., cases)`, how often each case counts; None: once. Bins stay where they are.

    Returns:
        Mean probability, frequency and number of cases, each `(..., bins)`; the first two are NaN
        where a bin is empty.

    Raises:
        ValueError: shapes do not fit, or a value is none of those above.

    Source: Guo et al. (2017), arXiv:1706.04599; Nguyen and O'Connor (2015), arXiv:1508.05154
    (equal counts).

    Example:
        >>> curve = reliability_curve([0, 1, 1, 1], [0.2, 0.4, 0.9, 0.7], bins=2)
        >>> curve.probability, curve.frequency, curve.cases
        (array([0.3, 0.8]), array([0.5, 1. ]), array([2., 2.]))
    """
    predicted, right = _predicted(truth, probabilities)
    weights = as_weights(weights, len(predicted))
    if by not in ("width", "count"):
        raise ValueError(f"by is 'width' or 'count', not {by!r}.")
    edges = np.linspace(0, 1, bins + 1)[1:-1]
    if by == "count" and len(predicted):
        edges = np.quantile(predicted, edges)
    group = np.searchsorted(edges, predicted, side="left")
    cases = sum_by_group(group, bins, weights)
    return Reliability(
        share(sum_by_group(group, bins, weights, predicted), cases),
        share(sum_by_group(group, bins, weights, right.astype(float)), cases),
        cases,
    )


def expected_calibration_error(
    truth: Numbers,
    probabilities: Numbers,
    *,
    bins: int = BINS,
    by: str = "width",
    weights: Weights = None,
) -> Any:
    """The mean distance of frequency and probability over the bins, by their cases.

    It falls with fewer bins and rises with fewer cases, since chance counts as error: compare it at
    equal numbers of both. For the same reason it has no confidence interval.

    Args:
        truth, probabilities, bins, by, weights: as in `reliability_curve`.

    Returns:
        The error `(...)`, 0 to 1; NaN where there are no cases.

    Source: Naeini, Cooper and Hauskrecht (2015), doi:10.1609/aaai.v29i1.9602; Guo et al. (2017),
    arXiv:1706.04599.

    Example:
        >>> round(expected_calibration_error([0, 1, 1, 1], [0.2, 0.4, 0.9, 0.7], bins=2), 3)
        0.2
    """
    curve = reliability_curve(truth, probabilities, bins=bins, by=by, weights=weights)
    gap = np.abs(curve.frequency - curve.probability)
    return share(np.where(curve.cases > 0, gap * curve.cases, 0).sum(-1), curve.cases.sum(-1))


def brier_score(truth: Numbers, probabilities: Numbers, *, weights: Weights = None) -> Any:
    """The mean squared distance of the probabilities and the truth.

    Of `(cases,)` it is 0 to 1; of `(cases, classes)` squares are added over the classes, 0 to 2.

    Args:
        truth, probabilities, weights: as in `reliability_curve`.

    Returns:
        The score `(...)`; NaN where there are no cases.

    Source: Brier (1950), doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2.

    Example:
        >>> round(brier_score([0, 1], [0.2, 0.6]), 3), round(brier_score([1], [[0.4, 0.6]]), 3)
        (0.1, 0.32)
    """
    truth, values = _any_form(truth, probabilities)
    if values.ndim == 1:
        squares = (values - truth) ** 2
    else:
        squares = ((values - np.eye(values.shape[1])[truth]) ** 2).sum(axis=1)
    return mean_of_cases(squares, as_weights(weights, len(truth)))


def negative_log_likelihood(
    truth: Numbers, probabilities: Numbers, *, weights: Weights = None
) -> Any:
    """The mean of minus the logarithm of the true class' probability (cross-entropy, in nats).

    A probability of 0 counts as the smallest number of float32, since that is what it was.

    Args:
        truth, probabilities, weights: as in `reliability_curve`.

    Returns:
        The mean `(...)`, 0 or more; NaN where there are no cases.

    Example:
        >>> round(negative_log_likelihood([0, 1], [0.5, 0.5]), 4)
        0.6931
    """
    truth, values = _any_form(truth, probabilities)
    if values.ndim == 1:
        of_truth = np.where(truth, values, 1 - values)
    else:
        of_truth = np.take_along_axis(values, truth[:, None], axis=1)[:, 0]
    return mean_of_cases(-np.log(np.maximum(of_truth, SMALLEST)), as_weights(weights, len(truth)))


def _any_form(truth: Numbers, probabilities: Numbers) -> tuple[np.ndarray, np.ndarray]:
    check = binary if np.ndim(probabilities) == 1 else multiclass
    truth, values = check(truth, np.asarray(probabilities, float))
    return truth, probabilities_of(values)


def _predicted(truth: Numbers, probabilities: Numbers) -> tuple[np.ndarray, np.ndarray]:
    """The predicted probability of each case, and whether it was so."""
    truth, values = _any_form(truth, probabilities)
    if values.ndim == 1:
        return values, truth
    return values.max(axis=1), values.argmax(axis=1) == truth
