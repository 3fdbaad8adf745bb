"""Confidence intervals of any score of cases, by resampling patients."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from keras_mia.metrics.weighted import as_weights, mean_of_cases

Score = Callable[[np.ndarray], np.ndarray]  # weights (draws, cases) to (draws, ...)
Scores = Callable[[np.ndarray], Mapping]  # the same, several by name
CHUNK = 2**21  # weights at a time: bounds the memory


def bootstrap_interval(
    score: Sequence[float] | Score,
    patients: Sequence[Hashable],
    *,
    level: float = 0.95,
    samples: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """The percentile bootstrap interval of a score, over patients.

    Cases of one patient are alike, so patients are drawn with all their cases: drawing cases would
    make the interval too narrow.

    Args:
        score: a value a case, whose mean is meant; NaN (undefined) is left out, and patients that
            have nothing else are not drawn. Or a function of weights `(draws, cases)`, how often
            each case was drawn, that gives `(draws,)`: every score of `keras_mia.metrics` that
            takes `weights` makes one, `by_cases` makes one of any other function.
        patients: whose case it is, one for each case.
        level: the interval's confidence, in (0, 1).
        samples: how many times the patients are drawn.
        seed: of the draws.

    Returns:
        The interval's low and high end; NaN where fewer than two patients have a value. Draws in
        which the score is undefined are left out.

    Raises:
        ValueError: where values and patients do not pair.

    Source: Efron (1979), doi:10.1214/aos/1176344552; Field and Welsh (2007),
    doi:10.1111/j.1467-9868.2007.00593.x (clusters).

    Example:
        >>> low, high = bootstrap_interval([0.7, 0.8, 0.9, 0.8], ["a", "b", "c", "d"])
        >>> 0.7 <= low < 0.8 < high <= 0.9
        True
        >>> from keras_mia.metrics import roc_auc
        >>> truth, probability = [0, 1, 0, 1, 1], [0.1, 0.4, 0.5, 0.8, 0.9]
        >>> area = lambda weights: roc_auc(truth, probability, weights=weights)
        >>> bootstrap_interval(area, range(5))[1]
        1.0
    """
    if not callable(score):
        values = np.asarray(score, float)
        if len(values) != len(patients):
            raise ValueError(f"{len(values)} values and {len(patients)} patients do not pair.")
        known = ~np.isnan(values)
        patients = [patient for patient, kept in zip(patients, known, strict=True) if kept]
        score = mean_score(values[known])
    found = bootstrap_intervals(
        lambda weights: {"score": score(weights)},
        patients,
        level=level,
        samples=samples,
        seed=seed,
    )
    low, high = found["score"]
    return float(low), float(high)


def bootstrap_intervals(
    scores: Scores,
    patients: Sequence[Hashable],
    *,
    level: float = 0.95,
    samples: int = 2000,
    seed: int = 0,
) -> dict:
    """The intervals of several scores at once, from the same draws of the patients.

    Args:
        scores: a function of weights `(draws, cases)` that gives values `(draws, ...)` by name.
        patients, level, samples, seed: as in `bootstrap_interval`.

    Returns:
        Name to low and high ends, `(2, ...)`; NaN where fewer than two patients are there.

    Example:
        >>> means = lambda weights: {"mean": weights @ [1.0, 2.0, 3.0] / weights.sum(axis=1)}
        >>> bootstrap_intervals(means, "abc")["mean"]
        array([1., 3.])
    """
    if len(set(patients)) < 2:
        one = scores(np.ones((1, len(patients))))
        return {name: np.full((2, *np.shape(values)[1:]), np.nan) for name, values in one.items()}
    drawn = bootstrap(scores, patients, samples=samples, seed=seed)
    return {name: percentile_ends(values, level) for name, values in drawn.items()}


def bootstrap(
    scores: Scores, patients: Sequence[Hashable], *, samples: int = 2000, seed: int = 0
) -> dict:
    """What scores would have been with other patients: their values in every draw.

    Args:
        scores, patients, samples, seed: as in `bootstrap_intervals`.

    Returns:
        Name to values, `(samples, ...)`.
    """
    parts = [scores(weights) for weights in draws(patients, samples=samples, seed=seed)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def draws(
    patients: Sequence[Hashable], *, samples: int = 2000, seed: int = 0
) -> Iterator[np.ndarray]:
    """How often each case is drawn, `(some draws, cases)` at a time, so that memory is bounded.

    Example:
        >>> (weights,) = draws(["a", "b", "b"], samples=4)
        >>> weights.shape, bool((weights[:, 1] == weights[:, 2]).all())
        ((4, 3), True)
    """
    numbers: dict[Hashable, int] = {}
    owner = np.array([numbers.setdefault(patient, len(numbers)) for patient in patients])
    count = len(numbers)
    generator = np.random.default_rng(seed)
    chunk = max(1, CHUNK // len(owner))
    for start in range(0, samples, chunk):
        some = min(chunk, samples - start)
        drawn = generator.integers(count, size=(some, count))
        drawn += count * np.arange(some)[:, None]
        times = np.bincount(drawn.ravel(), minlength=some * count).reshape(some, count)
        yield times[:, owner].astype(float)


def by_cases(function: Callable[..., Any], *columns: Sequence | np.ndarray) -> Score:
    """A score of weights out of any function of the cases themselves, one call a draw.

    Args:
        function: takes the drawn cases of each column, gives a number (or as many each time).
        columns: arrays `(cases, ...)`.

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
    """The mean of a value a case, NaN left out, as a function of weights."""
    known = np.asarray(values, float)
    return lambda weights: mean_of_cases(known, as_weights(weights, len(known)))


def percentile_ends(values: np.ndarray, level: float) -> np.ndarray:
    """The middle `level` of draws `(samples, ...)`, NaN left out: `(2, ...)`."""
    tail = (1 - level) / 2
    columns = np.asarray(values, float).reshape(len(values), -1).T
    known = (column[~np.isnan(column)] for column in columns)
    ends = [np.quantile(one, [tail, 1 - tail]) if len(one) else [np.nan] * 2 for one in known]
    return np.array(ends).T.reshape(2, *np.shape(values)[1:])
