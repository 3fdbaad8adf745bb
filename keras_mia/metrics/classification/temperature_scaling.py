"""A temperature, by which probabilities that are too sure, or not sure enough, are corrected."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from keras_mia.metrics.classification.calibration import SMALLEST
from keras_mia.metrics.classification.checks import Numbers, multiclass

LOWEST, HIGHEST = 0.1, 10.0


def temperature(logits: Numbers, truth: Numbers, *, smoothing: float = 0.0) -> float:
    """The number that logits are divided by, so that the likelihood of held-out cases is greatest.

    Above 1, the network was too sure of itself. It does not change which class is most probable,
    but what a threshold means: choose the threshold after it.
    Fit it on validation cases, then freeze it: on the test's own cases it would be too good.

    Args:
        logits: `(cases, classes)`, for which logarithms of probabilities do too; or `(cases,)`, of
            a sigmoid.
        truth: `(cases,)`, integers.
        smoothing: the share of each truth that is given to all classes alike, 0 to 1. `2 / (n + 2)`
            of n cases is Platt's: where all of them are decided rightly, the likelihood would ask
            for probabilities of 0 and 1, which n cases are too few to promise.

    Returns:
        The temperature, within 0.1 and 10; an end itself says that it lies beyond. Without
        smoothing it would fall to 0 where every decision is right, and it rises without end where
        the logits mislead. At 10 a logit of 10 is a probability of 0.73: beyond it no probability
        means anything.

    Raises:
        ValueError: shapes do not fit, a value is no number, or there are no cases.

    Source: Guo et al. (2017), arXiv:1706.04599; smoothing: Platt (1999), Probabilistic outputs for
    support vector machines.

    Example:
        >>> logits = np.array([[3.0, -3.0]] * 4)  # 0.998 for class 0, which is right in 3 of 4
        >>> round(temperature(logits, [0, 0, 0, 1]), 3)
        5.461
        >>> apply_temperature(logits[:1], 5.461).round(3)
        array([[0.75, 0.25]])
    """
    truth, columns = multiclass(truth, _columns(logits))
    if not len(truth):
        raise ValueError("There are no cases to find a temperature on.")

    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing is at least 0 and below 1, not {smoothing}.")
    classes = columns.shape[1]
    shares = (1 - smoothing) * np.eye(classes)[truth] + smoothing / classes

    # Convex in the inverse temperature; its logarithm is searched, since it may be of any size.
    def loss(log_temperature: float) -> float:
        likelihoods = log_softmax(columns / np.exp(log_temperature), axis=1)
        return -(shares * likelihoods).sum(axis=1).mean()

    ends = np.log([LOWEST, HIGHEST])
    result = minimize_scalar(loss, bounds=ends, method="bounded", options={"xatol": 1e-7})
    inner = float(np.exp(result.x))
    # 1 where all are as good: of logits that are equal no temperature makes more or less of them.
    return min([1.0, LOWEST, HIGHEST, inner], key=lambda one: loss(np.log(one)))


def apply_temperature(logits: Numbers, temperature: float) -> np.ndarray:
    """Probabilities at a temperature.

    Args:
        logits: as in `temperature`.
        temperature: what `temperature` found on validation cases.

    Returns:
        Probabilities of the same shape.

    Example:
        >>> apply_temperature(np.log([[0.2, 0.8]]), 1.0)
        array([[0.2, 0.8]])
    """
    if not temperature > 0:
        raise ValueError(f"A temperature is above 0, not {temperature}.")
    result = softmax(_columns(logits) / temperature, axis=1)
    return result[:, 1] if np.ndim(logits) == 1 else result


def _columns(logits: Numbers | Sequence) -> np.ndarray:
    """A column a class; a sigmoid's logit is class 1's, beside 0. No logit is infinite."""
    logits = np.asarray(logits, float)
    columns = np.stack([np.zeros_like(logits), logits], axis=1) if logits.ndim == 1 else logits
    return np.nan_to_num(columns, nan=np.nan, neginf=np.log(SMALLEST), posinf=-np.log(SMALLEST))
