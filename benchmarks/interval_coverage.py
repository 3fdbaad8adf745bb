"""Do the intervals hold? How often the interval of a simulated test set holds the true score.

`python benchmarks/interval_coverage.py` prints the table of docs/results.md, in about a minute. A
test set of a few patients is drawn 2,000 times from patients whose true score is known; of a
nominal 95 % interval 95 % should hold it.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from scipy import stats

from keras_mia.metrics.statistics.interval import Interval, confidence_intervals
from keras_mia.metrics.statistics.jackknife import Scores, jackknife
from keras_mia.metrics.statistics.ranges import SHARE, SIGNED, Range
from keras_mia.metrics.statistics.sign_flip import sign_flip_test

DRAWS, BLOCK = 2000, 100
SIZES = (2, 3, 4, 5, 7, 10, 20, 40)
AREAS = ((1, 4), (2, 3), (5, 5), (2, 8), (10, 10), (3, 17), (2, 38), (25, 25))
# Dice of nuclei found by Otsu's threshold in 25 pictures of DSB 2018, the better side of each.
NUCLEI = (
    *(0.809, 0.929, 0.905, 0.927, 0.935, 0.859, 0.957, 0.967, 0.951, 0.934, 0.992, 0.943, 0.936),
    *(0.877, 0.946, 0.960, 0.951, 0.938, 0.928, 0.941, 0.972, 0.960, 0.940, 0.732, 0.964),
)
# Dice of vessels found by a filter and a threshold in the 20 training pictures of DRIVE.
VESSELS = (
    *(0.712, 0.664, 0.544, 0.621, 0.595, 0.684, 0.636, 0.651, 0.664, 0.662, 0.611, 0.722, 0.669),
    *(0.563, 0.678, 0.621, 0.659, 0.683, 0.658, 0.695),
)
Draw = Callable[[np.random.Generator, int], np.ndarray]


class Population(NamedTuple):
    """Patients of whom test sets are drawn.

    Args:
        draw: from a generator and a number of patients to values `(BLOCK, patients, cases)`.
        truth: the mean of all of them.
        range: of the score.
    """

    draw: Draw
    truth: float
    range: Range = SHARE


def beta_of(mean: float, deviation: float) -> tuple[float, float]:
    """The two shapes of a beta distribution."""
    size = mean * (1 - mean) / deviation**2 - 1
    return mean * size, (1 - mean) * size


def alike(generator: np.random.Generator, patients: int, cases: int) -> np.ndarray:
    """Uniform numbers `(BLOCK, patients, cases)`, of which those of a patient are correlated."""
    own = generator.normal(size=(BLOCK, patients, 1))
    each = generator.normal(size=(BLOCK, patients, cases))
    return stats.norm.cdf(np.sqrt(0.5) * own + np.sqrt(0.5) * each)


def dice(cases: int) -> Population:
    """Skewed: mean 0.8, deviation 0.15."""
    shapes = beta_of(0.8, 0.15)
    return Population(lambda g, n: stats.beta.ppf(alike(g, n, cases), *shapes), 0.8)


def accuracy(truth: float, cases: int) -> Population:
    """Right or wrong."""
    return Population(lambda g, n: (alike(g, n, cases) < truth).astype(float), truth)


def resampled(values: tuple[float, ...]) -> Population:
    """Out of real scores."""
    return Population(lambda g, n: g.choice(values, (BLOCK, n, 1)), float(np.mean(values)))


def failing() -> Population:
    """A tenth of the patients fails wholly, which a small test set may not show."""
    good = Population(lambda g, n: g.beta(40, 5, (BLOCK, n, 1)), 0.8)
    return good._replace(draw=lambda g, n: good.draw(g, n) * (g.random((BLOCK, n, 1)) >= 0.1))


POPULATIONS = {
    "Dice 0.8 ± 0.15 (beta), one case a patient": dice(1),
    "the same, four cases a patient": dice(4),
    "Dice of nuclei, 0.93 ± 0.05, resampled": resampled(NUCLEI),
    "Dice of vessels, 0.65 ± 0.04, resampled": resampled(VESSELS),
    "Dice 0.89 ± 0.05, but a tenth fails (0)": failing(),
    **{
        f"accuracy {truth}, {'one case' if cases == 1 else 'four cases'} a patient": accuracy(
            truth, cases
        )
        for truth in (0.5, 0.8, 0.95)
        for cases in (1, 4)
    },
    "distances (log-normal, deviation 0.6 of the logarithm)": Population(
        lambda g, n: g.lognormal(0, 0.6, (BLOCK, n, 1)),
        float(np.exp(0.18)),
        Range(0.0, np.inf, 5),
    ),
    "signed errors (normal)": Population(lambda g, n: g.normal(1, 5, (BLOCK, n, 1)), 1.0, SIGNED),
}


def mean_of(values: np.ndarray) -> Scores:
    """The means of `(BLOCK, patients, cases)` as functions of weights."""
    flat = values.reshape(len(values), -1).T
    return lambda weights: {"score": weights @ flat / weights.sum(axis=1, keepdims=True)}


def areas_of(positives: np.ndarray, negatives: np.ndarray) -> Scores:
    """Areas under ROC curves `(BLOCK, ...)` as functions of weights, positives first."""
    above = (positives[:, :, None] > negatives[:, None]).astype(float)

    def scores(weights: np.ndarray) -> dict[str, np.ndarray]:
        sick, well = np.split(weights, [positives.shape[1]], axis=1)
        won = np.einsum("wi,dij,wj->wd", sick, above, well, optimize=True)
        pairs = (sick.sum(1) * well.sum(1))[:, None]
        return {"score": np.divide(won, pairs, out=np.full(won.shape, np.nan), where=pairs > 0)}

    return scores


def mean_intervals(population: Population, patients: int) -> Interval:
    """Those of `DRAWS` test sets."""
    generator = np.random.default_rng(patients)
    found = []
    for _ in range(DRAWS // BLOCK):
        values = population.draw(generator, patients)
        owners = np.repeat(np.arange(patients), values.shape[2]).tolist()
        ranges = {"score": population.range}
        found.append(confidence_intervals(mean_of(values), owners, ranges=ranges)["score"])
    return joined(found)


def area_intervals(area: float, positives: int, negatives: int) -> Interval:
    """Those of `DRAWS` test sets of normal scores; one case a patient."""
    generator = np.random.default_rng(positives)
    shift = np.sqrt(2) * stats.norm.ppf(area)
    found = []
    for _ in range(DRAWS // BLOCK):
        sick = generator.normal(shift, 1, (BLOCK, positives))
        scores = areas_of(sick, generator.normal(size=(BLOCK, negatives)))
        owners = range(positives + negatives)
        found.append(confidence_intervals(scores, owners, ranges={"score": SHARE})["score"])
    return joined(found)


def joined(found: list[Interval]) -> Interval:
    """The intervals of several blocks."""
    return Interval(*map(np.concatenate, zip(*found, strict=True)))


def coverage(found: Interval, truth: float) -> tuple[float, float]:
    """How often intervals hold the truth, and how wide they are in the middle; NaN without any."""
    known = np.isfinite(found.low)
    if not known.any():
        return np.nan, np.nan
    low, high = found.low[known], found.high[known]
    return float(np.mean((low <= truth) & (truth <= high))), float(np.median(high - low))


def false_alarms(population: Population, patients: int) -> tuple[float, float]:
    """How often p is at most 0.05 where two models are equally good, and the least p of all."""
    generator = np.random.default_rng(patients)
    p = []
    for _ in range(DRAWS // BLOCK):
        first, second = (population.draw(generator, patients) for _ in range(2))
        owners = np.repeat(np.arange(patients), first.shape[2]).tolist()
        found = jackknife(mean_of(second - first), owners).contribution("score")
        p += [sign_flip_test(differences) for differences in found.T]
    return float(np.mean(np.array(p) <= 0.05)), min(p)


def cell(found: tuple[float, float]) -> str:
    """Coverage and width."""
    return "none" if np.isnan(found[0]) else f"{found[0]:.2f} ({found[1]:.2f})"


def rows() -> Iterator[list[str]]:
    """Of the table."""
    for name, population in POPULATIONS.items():
        found = [coverage(mean_intervals(population, n), population.truth) for n in SIZES]
        yield [name, *map(cell, found)]


def area_rows() -> Iterator[list[str]]:
    """Of the table of areas under ROC curves."""
    for area in (0.6, 0.8, 0.95):
        found = [coverage(area_intervals(area, *sizes), area) for sizes in AREAS]
        yield [f"AUC {area}", *map(cell, found)]


def alarm_rows() -> Iterator[list[str]]:
    """Of the table of p."""
    for name in (*list(POPULATIONS)[:4], "accuracy 0.8, one case a patient"):
        found = [false_alarms(POPULATIONS[name], n) for n in (3, 5, 7, 10, 20)]
        yield [name, *(f"{share:.3f} ({least:.2g})" for share, least in found)]


def table(head: list[str], lines: Iterator[list[str]]) -> None:
    """Prints it."""
    for line in (head, ["---"] * len(head), *lines):
        print(f"| {' | '.join(line)} |", flush=True)


def main() -> None:
    table(["patients", *map(str, SIZES)], rows())
    print()
    table(["positive and negative patients", *(f"{m} + {n}" for m, n in AREAS)], area_rows())
    print()
    table(["p at most 0.05 (least p), patients", "3", "5", "7", "10", "20"], alarm_rows())


if __name__ == "__main__":
    main()
