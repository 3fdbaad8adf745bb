"""A score with each patient left out in turn: how far it spreads, and on how many it rests."""

import functools
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from keras_mia.metrics.statistics.weighted import SparseWeights

Score = Callable[[Any], np.ndarray]  # weights (draws, cases) to (draws, ...)
Scores = Callable[[Any], Mapping]  # the same, several by name
GROUPS = 1000  # more patients than that are left out in random groups
ALL_PAIRS, SOME_PAIRS = 45, 1000  # of up to 45 patients all pairs are looked at, of more 1,000
NEARLY = 0.98  # from this share of pairs on, any two patients define a score (a correlation)
CHUNK = 2**21  # weights at a time: bounds the memory


class Jackknife(NamedTuple):
    """Scores of all patients, and without each one.

    Args:
        patients: how many there are.
        value: of all cases, each `(...)`.
        share: of all cases that a patient (or a group of them) has, `(groups,)`.
        without: with a patient (or group) left out, each `(groups, ...)`.
        support: on how many patients a score rests, each `(...)`; see `jackknife`.
        pairwise: whether a score compares patients of different kinds, each `(...)`.
    """

    patients: int
    value: dict[Any, np.ndarray]
    share: np.ndarray
    without: dict[Any, np.ndarray]
    support: dict[Any, np.ndarray]
    pairwise: dict[Any, np.ndarray]

    def variance(self, name: Any) -> np.ndarray:
        """Of a score, from what it is without each patient, `(...)`; NaN where undefined.

        Args:
            name: of the score.

        Returns:
            0 or more, `(...)`; NaN where fewer than two patients define it.
        """
        with np.errstate(invalid="ignore"):
            squares = (self.without[name] - self.value[name]) ** 2
        defined = np.isfinite(squares)
        total, groups = np.where(defined, squares, 0).sum(axis=0), defined.sum(axis=0)
        # who has no share in a score changes nothing when left out, and does not count
        counted = np.where(self.pairwise[name], groups, np.minimum(groups, self.support[name]))
        return np.where(counted > 1, (counted - 1) / np.maximum(counted, 1) * total, np.nan)

    def contribution(self, name: Any) -> np.ndarray:
        """What each patient (or group) adds to a score, `(groups, ...)`; to a mean it adds up.

        Of a mean it is the sum of a patient's values by the number of all cases, so that a patient
        of many cases adds much. A patient without whom the score is undefined adds by the cases.

        Args:
            name: of the score.

        Returns:
            `(groups, ...)`, in the unit of the score.
        """
        without, value = self.without[name], self.value[name]
        share = self.share.reshape(-1, *[1] * np.ndim(value))
        return np.where(np.isfinite(without), value - (1 - share) * without, share * value)


def jackknife(
    scores: Scores, patients: Sequence[Hashable], *, sparse_weights: bool = False
) -> Jackknife:
    """Scores of all cases, and with each patient left out in turn.

    Beside them it finds out on how many patients each score rests: those who alone define it (of a
    sensitivity the ones with positive cases); and among the others, of a score that compares
    patients, such as an area under the ROC curve of one case each, twice as many as one of them has
    on average to define it with: 4 m n / (m + n) of m positive and n negative patients, the number
    of patients in two equal groups that hold as much.

    Args:
        scores: a function of weights `(draws, cases)`, how often each case counts, that gives
            values `(draws, ...)` by name.
        patients: whose case it is, one for each case; of more than 1,000, random groups of them
            are left out.
        sparse_weights: whether `scores` takes all weights at once as `SparseWeights`, which is
            faster by far where it looks at those cases alone that differ.

    Returns:
        A `Jackknife` of the scores, by their names.

    Source: Tukey (1958), doi:10.1214/aoms/1177706647; Efron and Stein (1981),
    doi:10.1214/aos/1176345462.

    Example:
        >>> found = jackknife(lambda weights: {"mean": weights @ [1, 2, 6] / weights.sum(1)}, "abc")
        >>> float(found.value["mean"]), found.without["mean"]
        (3.0, array([4. , 3.5, 1.5]))
        >>> 3 * found.contribution("mean"), float(found.support["mean"])
        (array([1., 2., 6.]), 3.0)
    """
    patient = numbered(patients)
    count = len(np.unique(patient))
    group = np.arange(count)
    if count > GROUPS:
        group = np.random.default_rng(0).permutation(count) % GROUPS
    members = _members(patient, count)
    evaluated = functools.partial(_evaluated, scores, sparse_weights)
    of_all = {
        name: np.asarray(v, float)[0] for name, v in scores(np.ones((1, len(patient)))).items()
    }
    if not count:
        without_any = {name: np.empty((0, *np.shape(value))) for name, value in of_all.items()}
        zero = {name: np.zeros(np.shape(value)) for name, value in of_all.items()}
        pairwise = {name: value > 0 for name, value in zero.items()}
        return Jackknife(0, of_all, np.empty(0), without_any, zero, pairwise)
    left_out = -_members(group[patient], min(count, GROUPS))
    without = evaluated(SparseWeights(1.0, left_out))
    share = np.bincount(group[patient]) / len(patient)
    return Jackknife(count, of_all, share, without, *_support(evaluated, members, count))


def numbered(patients: Sequence[Hashable]) -> np.ndarray:
    """The patients as integers from 0 on, by their first case.

    Args:
        patients: whose case it is, one for each case.

    Returns:
        `(cases,)`, int.
    """
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(patient, len(numbers)) for patient in patients], int)


def _members(patient: np.ndarray, count: int) -> sparse.csr_array:
    """Which cases a patient has, `(patients, cases)`, ones and zeros."""
    cases = np.arange(len(patient))
    return sparse.csr_array(
        (np.ones(len(patient)), (patient, cases)),
        shape=(count, len(patient)),
    )


def _support(
    evaluated: Callable[[SparseWeights], dict], members: sparse.csr_array, count: int
) -> tuple[dict, dict]:
    """On how many patients each score rests, and whether it compares patients of several kinds."""
    generator = np.random.default_rng(0)
    chosen = np.arange(count)
    if count > GROUPS:
        chosen = generator.choice(count, GROUPS, replace=False)

    def is_defined(rows: sparse.csr_array) -> dict[Any, np.ndarray]:
        values_by_name = evaluated(SparseWeights(0.0, rows))
        return {name: np.isfinite(values) for name, values in values_by_name.items()}

    alone = is_defined(members[chosen])
    support = {name: count * defined.mean(axis=0) for name, defined in alone.items()}
    pairwise = {name: defined.any(axis=0) & False for name, defined in alone.items()}
    if count == 1 or all(defined.all() for defined in alone.values()):
        return support, pairwise
    first, second = np.triu_indices(len(chosen), 1)
    if len(chosen) > ALL_PAIRS:
        first = generator.integers(len(chosen), size=SOME_PAIRS)
        second = (first + generator.integers(1, len(chosen), size=SOME_PAIRS)) % len(chosen)
    together = is_defined(members[chosen[first]] + members[chosen[second]])
    for name, defined in alone.items():
        rest = count - support[name]
        pairs = together[name] & ~defined[first] & ~defined[second]
        others = count * (count - 1) * pairs.mean(axis=0) / np.maximum(rest, 1)
        others_support = np.minimum(2 * others, rest)
        pairwise[name] = (others_support > support[name]) & (others < NEARLY * (rest - 1))
        support[name] = support[name] + others_support
    return support, pairwise


def _evaluated(
    scores: Scores, sparse_weights: bool, weights: SparseWeights
) -> dict[Any, np.ndarray]:
    """The scores of several choices of cases, a row each, `(rows, ...)`, some rows at a time."""
    if sparse_weights:
        return {name: np.asarray(values, float) for name, values in scores(weights).items()}
    rows, cases = weights.shape
    step = max(1, CHUNK // cases)
    parts = [scores(weights.rows(i, i + step).dense()) for i in range(0, rows, step)]
    return {name: np.concatenate([part[name] for part in parts]).astype(float) for name in parts[0]}
