"""Confidence intervals of a mean over cases, by resampling patients."""

from collections.abc import Callable, Hashable, Sequence

import numpy as np


def bootstrap_interval(
    values: Sequence[float],
    patients: Sequence[Hashable],
    *,
    statistic: Callable = np.nanmean,
    level: float = 0.95,
    samples: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """The percentile bootstrap interval of a statistic, over patients.

    Cases of one patient are alike, so patients are drawn with all their cases: drawing cases would
    make the interval too narrow.

    Args:
        values: a score a case; NaN (undefined) is left out.
        patients: whose case it is, one for each value.
        statistic: of values along `axis`, NaN left out, such as `np.nanmean` or `np.nanmedian`.
        level: the interval's confidence, in (0, 1).
        samples: how many times the patients are drawn.
        seed: of the draws.

    Returns:
        The interval's low and high end; NaN where fewer than two patients have a value.

    Raises:
        ValueError: where values and patients do not pair.

    Source: Efron (1979), doi:10.1214/aos/1176344552; Field and Welsh (2007),
    doi:10.1111/j.1467-9868.2007.00593.x (clusters).

    Example:
        >>> low, high = bootstrap_interval([0.7, 0.8, 0.9, 0.8], ["a", "b", "c", "d"])
        >>> 0.7 <= low < 0.8 < high <= 0.9
        True
    """
    table = _by_patient(np.asarray(values, float), patients)
    count, most = table.shape
    if count < 2:
        return float("nan"), float("nan")
    generator = np.random.default_rng(seed)
    chunk = max(1, 2**21 // (count * most))  # bounds the memory
    found = []
    for start in range(0, samples, chunk):
        draws = min(chunk, samples - start)
        drawn = generator.integers(count, size=(draws, count))
        found.append(statistic(table[drawn].reshape(draws, -1), axis=1))
    tail = (1 - level) / 2
    low, high = np.quantile(np.concatenate(found), [tail, 1 - tail])
    return float(low), float(high)


def _by_patient(values: np.ndarray, patients: Sequence[Hashable]) -> np.ndarray:
    """`(patients, most cases of one)`, NaN where a patient has fewer."""
    of_patient: dict[Hashable, list[float]] = {}
    for value, patient in zip(values, patients, strict=True):
        if not np.isnan(value):
            of_patient.setdefault(patient, []).append(value)
    most = max(map(len, of_patient.values()), default=1)
    table = np.full((len(of_patient), most), np.nan)
    for row, found in zip(table, of_patient.values(), strict=True):
        row[: len(found)] = found
    return table
