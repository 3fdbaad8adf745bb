"""The sign-flip test: is a difference more than chance among these patients?"""

from collections.abc import Iterator

import numpy as np

EXACT = 14  # of up to as many patients all signs are tried
RANDOM = 10_000  # how many signs are tried of more
CHUNK = 2**21  # signs at a time: bounds the memory
ROUNDING = 1e-9  # of the sum: a smaller difference is none


def sign_flip_test(differences: np.ndarray) -> float:
    """How likely a mean at least as far from 0 is, if each patient's difference may as well be the
    opposite.

    Args:
        differences: one a patient, `(patients,)`.

    Returns:
        p, two-sided: exact of up to 14 patients, of whom it can't be below 2 / 2^patients; of more
        by 10,000 random signs.

    Source: Fisher (1935), The design of experiments, section 21; Phipson and Smyth (2010),
    doi:10.2202/1544-6115.1585 (one is added to both counts of random signs).

    Example:
        >>> sign_flip_test(np.array([0.1, 0.2, 0.05, 0.1, 0.15]))
        0.0625
    """
    nonzero = differences[np.abs(differences) > ROUNDING * np.abs(differences).max(initial=0)]
    if not len(nonzero):
        return 1.0
    least = abs(nonzero.sum()) - ROUNDING * np.abs(nonzero).sum()
    hits = sum(int((np.abs(signs @ nonzero) >= least).sum()) for signs in _signs(len(nonzero)))
    return hits / 2 ** len(nonzero) if len(nonzero) <= EXACT else (hits + 1) / (RANDOM + 1)


def _signs(count: int) -> Iterator[np.ndarray]:
    """Rows of signs, `(rows, count)`, +1 and -1."""
    if count <= EXACT:
        bits = np.arange(2**count)[:, None] >> np.arange(count) & 1
        yield 1.0 - 2.0 * bits
        return
    generator = np.random.default_rng(0)
    step = max(1, CHUNK // count)
    for start in range(0, RANDOM, step):
        rows = min(step, RANDOM - start)
        yield 1.0 - 2.0 * generator.integers(2, size=(rows, count))
