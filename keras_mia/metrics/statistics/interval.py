"""Confidence intervals of any score of cases, for other patients of the same kind.

The variance is that of the jackknife over patients, who are left out with all their cases; the ends
follow from Student's t on the scale that the score's range asks for:

- between two bounds (Dice, accuracy, AUC, kappa): Wilson's interval of a proportion with as many
  cases as the variance amounts to. It stays within the range, and is no point where all is right.
- above or below one bound (distances, errors): Student's t of the logarithm.
- without bounds (bias): Student's t.

Few patients may by chance be alike, and rare failures may not be among them. So a tenth of a
patient is added whose spread is the widest: that of a share between two bounds, 10 times the square
of the mean above one. Among 5 patients it is felt, among 50 hardly.
"""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from keras_mia.metrics.statistics.jackknife import Jackknife, Score, Scores, jackknife
from keras_mia.metrics.statistics.ranges import Range, between, range_of
from keras_mia.metrics.statistics.weighted import as_weights, mean_of_cases

ADDED = 0.1  # patients of the widest spread
WIDEST_ABOVE_ONE = 10.0  # in squares of the mean
SMALL = 1e-9  # a smaller share of a score is rounding
WILSON, LOGARITHM, STUDENT, NONE = "Wilson, t", "log, t", "t", "none: "
ALIKE = "all patients are alike"


class Interval(NamedTuple):
    """A confidence interval, or several.

    Args:
        low, high: its ends, NaN where there is none; of several arrays `(...)`.
        method: how it was made, "Wilson, t", "log, t" or "t"; or "none: " and why there is none.
    """

    low: Any
    high: Any
    method: Any


def confidence_interval(
    score: Sequence[float] | np.ndarray | Score,
    patients: Sequence[Hashable],
    *,
    bounds: tuple[float, float] = (0.0, 1.0),
    level: float = 0.95,
) -> Interval:
    """The confidence interval of a score, for other patients of the same kind.

    Cases of one patient are alike, so patients count, not cases.

    Args:
        score: a value a case, whose mean is meant; NaN (undefined) is left out, and patients that
            have nothing else do not count. Or a function of weights `(draws, cases)`, how often
            each case counts, that gives `(draws,)`: every score of `keras_mia.metrics` that takes
            `weights` makes one, `by_cases` makes one of any other function. It has to change
            little where one of many patients is left out; a median does not.
        patients: whose case it is, one for each case.
        bounds: the least and the greatest value that the score can have; infinite: none.
        level: the interval's confidence, in (0, 1).

    Returns:
        Its ends and how it was made; none (NaN) where the score rests on fewer than two patients,
        or on fewer than five and has not two bounds, or where nothing varies and it has not two.

    Raises:
        ValueError: values and patients do not pair, or the score lies outside its bounds.

    Source: Wilson (1927), doi:10.1080/01621459.1927.10502953; Korn and Graubard (1998), Survey
    Methodology 24, 193-201 (the number of cases that a variance amounts to, and t); Tukey (1958),
    doi:10.1214/aoms/1177706647 (jackknife).

    Departs from the papers: a tenth of a patient of the widest spread is added.

    Example:
        >>> low, high, method = confidence_interval([0.7, 0.8, 0.9, 0.8, 0.85], "abcde")
        >>> round(low, 2), round(high, 2), method
        (0.67, 0.9, 'Wilson, t')
        >>> from keras_mia.metrics import roc_auc
        >>> truth, probability = [0, 0, 0, 1, 1, 1], [0.1, 0.2, 0.4, 0.5, 0.8, 0.9]
        >>> found = confidence_interval(lambda w: roc_auc(truth, probability, weights=w), range(6))
        >>> round(found.low, 2), found.high
        (0.48, 1.0)
    """
    if not callable(score):
        values = np.asarray(score, float)
        if len(values) != len(patients):
            raise ValueError(f"{len(values)} values and {len(patients)} patients do not pair.")
        defined = ~np.isnan(values)
        patients = [
            patient for patient, is_defined in zip(patients, defined, strict=True) if is_defined
        ]
        score = mean_score(values[defined])
    of_weights: Score = score
    interval = confidence_intervals(
        lambda weights: {"score": of_weights(weights)},
        patients,
        ranges={"score": between(*bounds)},
        level=level,
    )["score"]
    return Interval(float(interval.low), float(interval.high), str(interval.method))


def confidence_intervals(
    scores: Scores | Jackknife,
    patients: Sequence[Hashable] = (),
    *,
    ranges: Mapping[Any, Range | None] | None = None,
    level: float = 0.95,
) -> dict[Any, Interval]:
    """The intervals of several scores at once, from the same patients left out.

    Args:
        scores: a function of weights `(draws, cases)` that gives values `(draws, ...)` by name, or
            what `jackknife` gives of one.
        patients: whose case it is, where `scores` is a function.
        ranges: of each score, by default that of its name (`ranges.py`).
        level: the intervals' confidence.

    Returns:
        Name to intervals `(...)`.

    Example:
        >>> hit = np.eye(4)[:, :2]
        >>> hits = lambda weights: {"accuracy": weights @ hit / weights.sum(1)[:, None]}
        >>> confidence_intervals(hits, "abcd")["accuracy"].low.round(2)
        array([0.02, 0.02])
    """
    without_each = scores if isinstance(scores, Jackknife) else jackknife(scores, patients)
    intervals = {}
    for name, value in without_each.value.items():
        limits = (ranges or {})[name] if name in (ranges or {}) else range_of(name)
        parts = np.broadcast_arrays(
            value,
            without_each.variance(name),
            without_each.support[name],
            without_each.pairwise[name],
        )
        each = [
            _interval(one, variance, support, pairwise, limits, level)
            for one, variance, support, pairwise in zip(
                *(part.ravel().tolist() for part in parts), strict=True
            )
        ]
        columns = zip(*each, strict=True) if each else ((), (), ())
        intervals[name] = Interval(*(np.array(column).reshape(value.shape) for column in columns))
    return intervals


def by_cases(function: Callable[..., Any], *columns: Sequence | np.ndarray) -> Score:
    """A score of weights out of any function of the cases themselves, one call a draw.

    Args:
        function: takes the drawn cases of each column, gives a number (or as many each time).
        columns: arrays `(cases, ...)`.

    Returns:
        A function of weights `(draws, cases)` that gives scores `(draws, ...)`.

    Example:
        >>> median = by_cases(np.median, [1.0, 5.0, 2.0])
        >>> median(np.array([[1, 1, 1], [0, 2, 1]]))
        array([2., 5.])
    """
    arrays = [np.asarray(column) for column in columns]

    def score(weights: np.ndarray) -> np.ndarray:
        drawn = (np.repeat(np.arange(len(row)), row.astype(int)) for row in weights)
        return np.array([function(*(array[index] for array in arrays)) for index in drawn], float)

    return score


def mean_score(values: np.ndarray | Sequence[float]) -> Score:
    """The mean of a value a case, NaN left out, as a function of weights.

    Args:
        values: `(cases,)`; NaN: undefined.

    Returns:
        From weights `(..., cases)` to the mean `(...)`.
    """
    values = np.asarray(values, float)
    return lambda weights: mean_of_cases(values, as_weights(weights, len(values)))


def no_interval(why: str) -> Interval:
    """No interval.

    Args:
        why: there is none, as a part of a sentence.

    Returns:
        An `Interval` without ends, whose method is `why`.
    """
    return Interval(math.nan, math.nan, NONE + why)


def _interval(
    value: float,
    variance: float,
    support: float,
    pairwise: bool,
    limits: Range | None,
    level: float,
) -> Interval:
    if limits is None:
        return no_interval("biased by the number of cases")
    if not math.isfinite(value):
        return no_interval("undefined" if math.isnan(value) else "infinite")
    low, high, fewest = limits
    rounding = SMALL * max(1.0, abs(value))
    if not low - rounding <= value <= high + rounding:
        raise ValueError(f"A score of {value:g} does not lie between {low:g} and {high:g}.")
    if support < fewest:
        return no_interval(f"it rests on fewer than {fewest} patients")
    quantile = _quantile(level, support - 1)
    if limits.closed:
        width = high - low
        share = min(max((value - low) / width, 0.0), 1.0)
        first, last = _wilson(share, support * variance / width**2, support, pairwise, quantile)
        return Interval(low + width * first, low + width * last, WILSON)
    if not variance > 0:
        return no_interval(ALIKE)
    if not math.isfinite(low) and not math.isfinite(high):
        reach = quantile * math.sqrt(variance)
        return Interval(value - reach, value + reach, STUDENT)
    bound, sign = (low, 1.0) if math.isfinite(low) else (high, -1.0)
    distance = sign * (value - bound)
    if distance <= rounding:
        return no_interval(ALIKE)
    spread = _widened(support * variance / distance**2, WIDEST_ABOVE_ONE, support)
    factor = math.exp(min(quantile * math.sqrt(spread / support), 700.0))
    near, far = bound + sign * distance / factor, bound + sign * distance * factor
    return Interval(min(near, far), max(near, far), LOGARITHM)


@cache
def _quantile(level: float, freedom: float) -> float:
    return float(stats.t.ppf((1 + level) / 2, freedom))


def _widened(spread: float, widest: float, support: float) -> float:
    """The variance among patients, where some of the widest are added."""
    return ((support - 1) * spread + ADDED * widest) / (support - 1 + ADDED)


def _wilson(
    share: float, spread: float, support: float, pairwise: bool, quantile: float
) -> tuple[float, float]:
    """Wilson's interval of a share, of as many cases as the variance among patients amounts to."""
    widest, cases = share * (1 - share), support
    if widest > SMALL and math.isfinite(spread):
        cases = support * widest / _widened(spread, widest, support)
    if pairwise:  # two or three patients of a kind hardly show how such patients differ
        cases = min(cases, support)
    square = quantile**2
    middle = (share + square / (2 * cases)) / (1 + square / cases)
    reach = quantile / (1 + square / cases) * math.sqrt(widest / cases + square / (2 * cases) ** 2)
    # Rounding must not leave the share itself outside.
    return max(0.0, min(middle - reach, share)), min(1.0, max(middle + reach, share))
