"""How far two sets of features are from each other, without a bias by their sizes."""

import numpy as np

from keras_mia.metrics.generation.checks import feature_sets
from keras_mia.metrics.generation.distances import ROWS, blocks


def kernel_distance(real: np.ndarray, samples: np.ndarray, *, degree: int = 3) -> float:
    """The squared maximum mean discrepancy under the kernel `(x.y / features + 1)^degree`.

    Its expected value does not depend on how many examples there are, and is 0 of two sets of one
    distribution: it is the one to take of small sets, where the Frechet distance says more of the
    sizes than of the images. Values of other features cannot be compared.

    Args:
        real: features of real images `(examples, features)`.
        samples: features of samples, as many a sample; as many examples or more or fewer.
        degree: of the polynomial.

    Returns:
        The unbiased estimate over all pairs; of equal distributions below 0 as often as above.

    Raises:
        ValueError: fewer than 2 examples, shapes that do not fit, a value that is not finite, or a
            degree below 1.

    Source: Binkowski et al. (2018), Demystifying MMD GANs, arXiv:1801.01401. There it is the mean
    over subsets of 1,000; here all pairs count.

    Example:
        >>> real, samples = np.array([[0.0], [1.0]]), np.array([[3.0], [4.0]])
        >>> kernel_distance(real, samples)
        2102.5
    """
    real, samples = feature_sets(real=real, samples=samples)
    if degree != int(degree) or degree < 1:
        raise ValueError(f"The degree is {degree}; it has to be a whole number from 1 on.")
    within = sum(_mean(features, features, degree, same=True) for features in (real, samples))
    return float(within - 2 * _mean(real, samples, degree))


def _mean(one: np.ndarray, other: np.ndarray, degree: int, same: bool = False) -> float:
    """The kernel's mean over all pairs; of one set, over those of two examples."""
    total = 0.0
    for rows in blocks(len(one), ROWS):
        base = one[rows] @ other.T
        base /= one.shape[1]
        base += 1
        power = base.copy()
        for _ in range(int(degree) - 1):
            power *= base
        if same:
            power[np.arange(len(power)), np.arange(rows.start, rows.stop)] = 0
        total += power.sum()
    return total / (len(one) * (len(other) - same))
