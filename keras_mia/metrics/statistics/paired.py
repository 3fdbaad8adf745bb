"""Is one model better than another? Both are scored on the same cases, so cases are compared.

Which test is for what:

- `delong_test`: do the two rank the cases equally well (AUC)? One case a patient.
- `mcnemar_test`: do the two decide equally often right (accuracy)? One case a patient.
- `paired_comparison`: by how much does any score differ, for other patients of the same kind?
  Patients may have several cases, and be few.

None says that a difference matters, and of many comparisons one in twenty has a p below 0.05 by
chance. All hold for these two trained networks: training again with another seed is another
source of chance, which only more runs show.
"""

from collections.abc import Hashable, Sequence
from math import nan
from typing import NamedTuple

import numpy as np
from scipy import stats

from keras_mia.metrics.classification.checks import Numbers, binary
from keras_mia.metrics.statistics.interval import (
    Interval,
    confidence_intervals,
    mean_score,
    no_interval,
)
from keras_mia.metrics.statistics.jackknife import Score, jackknife
from keras_mia.metrics.statistics.ranges import SIGNED
from keras_mia.metrics.statistics.sign_flip import sign_flip_test


class Comparison(NamedTuple):
    """Two models' scores on the same cases.

    Args:
        first, second: their scores.
        difference: second minus first.
        interval: low and high end of the difference, and how they were made.
        p: how likely a difference at least as great is, if there is none in truth (two-sided).
    """

    first: float
    second: float
    difference: float
    interval: Interval
    p: float


class Discordance(NamedTuple):
    """On how many cases only one of two models is right.

    Args:
        only_first, only_second: the number of such cases.
        p: how likely numbers at least as unequal are, if both are as often right (two-sided).
    """

    only_first: int
    only_second: int
    p: float


def delong_test(
    truth: Numbers, first: Numbers, second: Numbers, *, level: float = 0.95
) -> Comparison:
    """DeLong's test: do two models, or two markers, rank the same cases equally well?

    It asks about the areas under the ROC curves, whatever the thresholds. It takes cases for
    independent, and many (some 20 on either side; of fewer its p is too small): otherwise
    `paired_comparison` is right.

    Args:
        truth: `(cases,)`, 0 or 1.
        first, second: `(cases,)`, the two models' probabilities, or numbers that rise with them.
        level: of the difference's interval, which is normal.

    Returns:
        The areas and their difference. All NaN where fewer than two cases are positive, or
        negative; p and interval NaN where the areas differ and nothing varies (1 and 0).

    Raises:
        ValueError: shapes do not fit, or the truth is not 0 or 1.

    Source: DeLong, DeLong and Clarke-Pearson (1988), doi:10.2307/2531595; by midranks as in Sun and
    Xu (2014), doi:10.1109/LSP.2014.2337313.

    Example:
        >>> truth = [0, 0, 0, 0, 1, 1, 1, 1]
        >>> found = delong_test(truth, [1, 2, 3, 6, 4, 5, 7, 8], [1, 5, 6, 7, 2, 3, 4, 8])
        >>> found.first, found.second, round(found.p, 3)
        (0.875, 0.4375, 0.074)
    """
    positive, first = binary(truth, first)
    _, second = binary(truth, second)
    if min(positive.sum(), (~positive).sum()) < 2:
        return Comparison(nan, nan, nan, no_interval("fewer than two cases of a kind"), nan)
    parts = [_placements(positive, model) for model in (first, second)]
    area, other = (float(of_positives.mean()) for of_positives, _ in parts)
    variance = sum(
        np.var(part[1] - part[0], ddof=1) / len(part[0]) for part in zip(*parts, strict=True)
    )
    difference, spread = other - area, float(np.sqrt(variance))
    if spread:
        p = float(2 * stats.norm.sf(abs(difference) / spread))
        reach = float(stats.norm.ppf((1 + level) / 2)) * spread
    else:
        p, reach = (nan, nan) if difference else (1.0, 0.0)
    low, high = (float(np.clip(difference + part, -1, 1)) for part in (-reach, reach))
    return Comparison(area, other, difference, Interval(low, high, "DeLong"), p)


def mcnemar_test(truth: Numbers, first: Numbers, second: Numbers) -> Discordance:
    """McNemar's exact test: do two models decide equally often right?

    Only cases count that one has right and the other wrong. It takes cases for independent: where
    patients have several, `paired_comparison` is right.

    Args:
        truth: `(cases,)`, integers.
        first, second: `(cases,)`, the two models' predicted classes.

    Returns:
        How many cases only one of the two has right, and the two-sided p; 1 where there are none.

    Raises:
        ValueError: shapes do not fit.

    Source: McNemar (1947), doi:10.1007/BF02295996; exact by the binomial distribution.

    Example:
        >>> mcnemar_test([1, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 0])
        Discordance(only_first=0, only_second=5, p=0.0625)
    """
    truth, first, second = map(np.asarray, (truth, first, second))
    if not truth.shape == first.shape == second.shape:
        raise ValueError(f"{truth.shape}, {first.shape} and {second.shape} do not fit.")
    only_first = int(((first == truth) & (second != truth)).sum())
    only_second = int(((first != truth) & (second == truth)).sum())
    fewer, both = min(only_first, only_second), only_first + only_second
    p = min(1.0, 2 * float(stats.binom.cdf(fewer, both, 0.5)))
    return Discordance(only_first, only_second, p)


def paired_comparison(
    first: Sequence[float] | np.ndarray | Score,
    second: Sequence[float] | np.ndarray | Score,
    patients: Sequence[Hashable],
    *,
    bounds: tuple[float, float] = (0.0, 1.0),
    level: float = 0.95,
) -> Comparison:
    """By how much does any score of two models differ, for other patients of the same kind?

    Each patient is left out of both at once, so that what makes a patient hard for both does not
    count.

    Args:
        first, second: the two models' score: a function of weights, or a value a case, whose mean
            is meant, as in `confidence_interval`. A case that has no value, or an infinite one, in
            either of them is left out of both.
        patients: whose case it is, one for each case.
        bounds: between which the scores lie; the difference's interval stays within their width.
        level: of the difference's interval.

    Returns:
        Scores, their difference, its interval by Student's t, and p of the sign-flip test of what
        each patient adds to the difference. The interval is NaN where there are fewer than five
        patients or all differ alike; p is NaN where fewer than two patients are there.

    Raises:
        ValueError: cases and patients do not pair.

    Source: Tukey (1958), doi:10.1214/aoms/1177706647 (jackknife); `sign_flip_test`.

    Example:
        >>> dice, other = [0.7, 0.8, 0.6, 0.9, 0.5], [0.8, 0.85, 0.7, 0.95, 0.58]
        >>> found = paired_comparison(dice, other, "abcde")
        >>> round(found.difference, 3), round(found.interval.low, 3), found.p
        (0.076, 0.045, 0.0625)
    """
    if not callable(first) and not callable(second):
        first, second = np.asarray(first, float), np.asarray(second, float)
        if not len(first) == len(second) == len(patients):
            raise ValueError(
                f"{len(first)} and {len(second)} values of {len(patients)} patients do not fit."
            )
        defined = np.isfinite(first) & np.isfinite(second)
        patients = [
            patient for patient, is_defined in zip(patients, defined, strict=True) if is_defined
        ]
        first, second = first[defined], second[defined]
    of_first, of_second = (
        score if callable(score) else mean_score(score) for score in (first, second)
    )

    def all_three(weights: np.ndarray) -> dict[str, np.ndarray]:
        scores = {"first": of_first(weights), "second": of_second(weights)}
        return scores | {"difference": scores["second"] - scores["first"]}

    without_each = jackknife(all_three, patients)
    scores = {name: float(value) for name, value in without_each.value.items()}
    reach = bounds[1] - bounds[0]
    ends = confidence_intervals(without_each, ranges=dict.fromkeys(scores, SIGNED), level=level)
    low, high = (float(np.clip(end, -reach, reach)) for end in ends["difference"][:2])
    interval = Interval(low, high, str(ends["difference"].method))
    enough = np.isfinite(scores["difference"]) and without_each.support["difference"] >= 2
    p = sign_flip_test(without_each.contribution("difference")) if enough else nan
    return Comparison(**scores, interval=interval, p=p)


def _placements(positive: np.ndarray, model: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each positive the share of negatives below it, of each negative that of positives above.

    A midrank among all cases less that among one's own is the number of others below, ties half.
    """
    ranks = stats.rankdata(model)
    positives, negatives = ranks[positive], ranks[~positive]
    below = (positives - stats.rankdata(model[positive])) / len(negatives)
    above = 1 - (negatives - stats.rankdata(model[~positive])) / len(positives)
    return below, above
