"""Is one model better than another? Both are judged on the same cases, so cases are compared.

Which test answers what:

- `delong_test`: do the two rank the cases equally well (AUC)? One case a patient.
- `mcnemar_test`: do the two decide equally often right (accuracy)? One case a patient.
- `paired_bootstrap`: by how much does any score differ, for other patients of the same kind?
  Patients may have several cases.

None says that a difference matters, and of many comparisons one in twenty has a p below 0.05 by
chance. All answer for these two trained networks: training again with another seed is another
source of chance, which only more runs show.
"""

from collections.abc import Hashable, Sequence
from math import nan
from typing import NamedTuple

import numpy as np
from scipy import stats

from keras_mia.metrics.checks import Numbers, binary
from keras_mia.metrics.interval import Score, bootstrap, mean_score, percentile_ends

ROUNDING = 1e-12  # a smaller difference is none


class Comparison(NamedTuple):
    """Two models' scores on the same cases.

    Args:
        first, second: their scores.
        difference: second minus first.
        interval: low and high end of the difference.
        p: how likely a difference at least as great is, if there is none in truth (two-sided).
    """

    first: float
    second: float
    difference: float
    interval: tuple[float, float]
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
    independent: where patients have several, `paired_bootstrap` is right.

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
        return Comparison(nan, nan, nan, (nan, nan), nan)
    parts = [_placements(positive, model) for model in (first, second)]
    area, other = (float(of_positives.mean()) for of_positives, _ in parts)
    variance = sum(
        np.var(side[1] - side[0], ddof=1) / len(side[0]) for side in zip(*parts, strict=True)
    )
    difference, spread = other - area, float(np.sqrt(variance))
    if spread:
        p = float(2 * stats.norm.sf(abs(difference) / spread))
        reach = float(stats.norm.ppf((1 + level) / 2)) * spread
    else:
        p, reach = (nan, nan) if difference else (1.0, 0.0)
    return Comparison(area, other, difference, (difference - reach, difference + reach), p)


def mcnemar_test(truth: Numbers, first: Numbers, second: Numbers) -> Discordance:
    """McNemar's exact test: do two models decide equally often right?

    Only cases count that one has right and the other wrong. It takes cases for independent: where
    patients have several, `paired_bootstrap` is right.

    Args:
        truth: `(cases,)`, integers.
        first, second: `(cases,)`, the two models' predicted classes.

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


def paired_bootstrap(
    first: Sequence[float] | Score,
    second: Sequence[float] | Score,
    patients: Sequence[Hashable],
    *,
    level: float = 0.95,
    samples: int = 2000,
    seed: int = 0,
) -> Comparison:
    """By how much does any score of two models differ, for other patients of the same kind?

    Both are scored on the same draws of the patients, so that what makes a patient hard for both
    does not count.

    Args:
        first, second: the two models' score: a function of weights, or a value a case, whose mean
            is meant, as in `bootstrap_interval`. A NaN (undefined) is left out of its own mean.
        patients: whose case it is, one for each case.
        level, samples, seed: as in `bootstrap_interval`.

    Returns:
        Scores, their difference, its percentile interval, and p: twice the share of draws in which
        the difference has the other sign or is 0, no smaller than `samples` can tell. Interval and
        p are NaN where fewer than two patients are there.

    Raises:
        ValueError: cases and patients do not pair.

    Source: Efron and Tibshirani (1993), doi:10.1201/9780429246593; Davison and
    Hinkley (1997), doi:10.1017/CBO9780511802843 (one is added to both counts of p).

    Example:
        >>> dice, other = [0.7, 0.8, 0.6, 0.9], [0.8, 0.85, 0.7, 0.95]
        >>> found = paired_bootstrap(dice, other, ["a", "b", "c", "d"])
        >>> round(found.difference, 3), round(found.p, 4)
        (0.075, 0.001)
    """
    one, other = (score if callable(score) else mean_score(score) for score in (first, second))

    def both(weights: np.ndarray) -> dict[str, np.ndarray]:
        return {"first": one(weights), "second": other(weights)}

    seen = {name: float(values[0]) for name, values in both(np.ones((1, len(patients)))).items()}
    difference = seen["second"] - seen["first"]
    if len(set(patients)) < 2:
        return Comparison(**seen, difference=difference, interval=(nan, nan), p=nan)
    drawn = bootstrap(both, patients, samples=samples, seed=seed)
    apart = drawn["second"] - drawn["first"]
    apart = np.where(np.abs(apart) < ROUNDING, 0, apart)
    low, high = map(float, percentile_ends(apart, level))
    known = apart[~np.isnan(apart)]
    tail = min((known <= 0).sum(), (known >= 0).sum())
    p = min(1.0, float(2 * (tail + 1) / (len(known) + 1))) if len(known) else nan
    return Comparison(**seen, difference=difference, interval=(low, high), p=p)


def _placements(positive: np.ndarray, model: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each positive the share of negatives below it, of each negative that of positives above.

    A midrank among all cases less that among one's own is the number of others below, ties half.
    """
    ranks = stats.rankdata(model)
    sick, well = ranks[positive], ranks[~positive]
    below = (sick - stats.rankdata(model[positive])) / len(well)
    above = 1 - (well - stats.rankdata(model[~positive])) / len(sick)
    return below, above
