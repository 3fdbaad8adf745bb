"""Scores of numbers: how near predictions are to the truth, and how two measurements agree."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from keras_mia.metrics.classification.checks import Numbers
from keras_mia.metrics.statistics.interval import Interval, confidence_intervals
from keras_mia.metrics.statistics.weighted import Weights, as_array, share

LIMITS = 1.96  # standard deviations, within which 95 % of normal differences lie
ROUNDING = 1e-13  # of the largest value: equal values are to have no spread


def agreement_scores(
    truth: Numbers, prediction: Numbers, *, weights: Weights = None
) -> dict[str, Any]:
    """Scores of predicted numbers, such as an ejection fraction or an age.

    Args:
        truth: `(cases,)`, of any unit; NaN: unknown, the case does not count.
        prediction: `(cases,)`, of the same unit.
        weights: `(..., cases)`, how often each case counts; None: once.

    Returns:
        By name, each `(...)`: `mae` (mean absolute error), `rmse` (root mean square error), `r2`
        (1 less the squared error as a share of the truth's own spread; below 0, the mean of the
        truth is nearer), `pearson`, `spearman` (correlations), `bias` (mean of prediction minus
        truth), `limit_low` and `limit_high` (bias less and plus 1.96 standard deviations of the
        differences: the limits of agreement). NaN where undefined: no spread, or too few cases.

    Raises:
        ValueError: shapes do not fit, or a prediction is no number.

    Source: Bland and Altman (1986), doi:10.1016/S0140-6736(86)90837-8; Spearman (1904),
    doi:10.2307/1412159 (equal values share their ranks).

    Example:
        >>> found = agreement_scores([1.0, 2.0, 3.0, 4.0], [1.5, 2.0, 3.5, 4.0])
        >>> found["mae"], found["bias"], round(found["r2"], 3), round(found["limit_high"], 3)
        (0.25, 0.25, 0.9, 0.816)
    """
    truth, prediction, defined = _pairs(truth, prediction)
    weights = as_array(weights, len(defined))[..., defined]
    cases = weights.sum(axis=-1)
    error = prediction - truth
    mean_square = share(weights @ error**2, cases)
    bias = share(weights @ error, cases)
    deviation = np.sqrt(share(cases, cases - 1) * _variance(error, weights))
    ranks = _ranks(truth, weights), _ranks(prediction, weights)
    scores = {
        "mae": share(weights @ np.abs(error), cases),
        "rmse": np.sqrt(mean_square),
        "r2": 1 - share(mean_square, _variance(truth, weights)),
        "pearson": _correlation(truth, prediction, weights),
        "spearman": _correlation(*ranks, weights),
        "bias": bias,
        "limit_low": bias - LIMITS * deviation,
        "limit_high": bias + LIMITS * deviation,
    }
    return {name: value if np.ndim(value) else float(value) for name, value in scores.items()}


def agreement_intervals(
    truth: Numbers, prediction: Numbers, patients: Sequence[Hashable], *, level: float = 0.95
) -> dict[str, Interval]:
    """The confidence interval of each of `agreement_scores`, over patients.

    Args:
        truth, prediction: as in `agreement_scores`.
        patients: whose case it is.
        level: of the intervals.

    Returns:
        An interval for each score, by its name.

    Example:
        >>> truth, prediction = [1.0, 2.0, 3.0, 4.0, 5.0], [1.5, 2.0, 3.5, 4.0, 5.2]
        >>> low, high, method = agreement_intervals(truth, prediction, "abcde")["bias"]
        >>> round(float(low), 2), round(float(high), 2), str(method)
        (-0.07, 0.55, 't')
    """
    _, _, defined = _pairs(truth, prediction)
    truth, prediction = np.asarray(truth)[defined], np.asarray(prediction)[defined]
    patients = [patient for patient, counts in zip(patients, defined, strict=True) if counts]
    return confidence_intervals(
        lambda weights: agreement_scores(truth, prediction, weights=weights), patients, level=level
    )


def _pairs(truth: Numbers, prediction: Numbers) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Both where the truth is known, and in which cases it is."""
    truth, prediction = np.asarray(truth, float), np.asarray(prediction, float)
    if truth.ndim != 1 or truth.shape != prediction.shape:
        raise ValueError(f"Truth {truth.shape} and prediction {prediction.shape} do not fit.")
    defined = ~np.isnan(truth)
    if not np.isfinite(prediction[defined]).all():
        raise ValueError("A prediction is not a number.")
    return truth[defined], prediction[defined], defined


def _centred(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Values `(cases,)` or `(..., cases)` less their weighted mean, `(..., cases)`."""
    mean = share((weights * values).sum(axis=-1), weights.sum(axis=-1))
    centred = values - np.asarray(mean)[..., None]
    rounding = ROUNDING * np.abs(values).max(initial=0)
    return np.where(np.abs(centred) <= rounding, 0, centred)


def _variance(values: np.ndarray, weights: np.ndarray) -> Any:
    squares = (weights * _centred(values, weights) ** 2).sum(axis=-1)
    return share(squares, weights.sum(axis=-1))


def _correlation(one: np.ndarray, other: np.ndarray, weights: np.ndarray) -> Any:
    one, other = _centred(one, weights), _centred(other, weights)
    covariance = (weights * one * other).sum(axis=-1)
    spreads = (weights * one**2).sum(axis=-1) * (weights * other**2).sum(axis=-1)
    return np.clip(share(covariance, np.sqrt(spreads)), -1, 1)


def _ranks(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Twice the midrank of each value, less one, a case counting as often as its weight says."""
    order = np.argsort(values, kind="stable")
    ascending = values[order]
    start = np.zeros((*weights.shape[:-1], 1))
    up_to = np.concatenate([start, weights[..., order].cumsum(axis=-1)], axis=-1)
    ends = (np.searchsorted(ascending, values, side=end) for end in ("left", "right"))
    below, not_above = (up_to[..., end] for end in ends)
    return below + not_above
