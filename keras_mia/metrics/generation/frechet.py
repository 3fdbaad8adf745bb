"""How far two sets of features are from each other, if each were a normal distribution."""

import numpy as np

from keras_mia.metrics.generation.checks import feature_sets


def frechet_distance(real: np.ndarray, samples: np.ndarray) -> float:
    """The squared Frechet distance between the normal distributions fitted to two sets.

    It depends on what the features are and on how many examples there are, so a value stands for
    itself only beside others of the same network of features and the same two sizes. With fewer
    examples it is larger, and by how much depends on the generator: two sets of real images of
    these sizes do not have 0 either, and their distance is the floor below which no generator
    comes. Published values are of Inception's 2,048 features and 50,000 samples, and are no
    measure for values of another network.

    Args:
        real: features of real images `(examples, features)`.
        samples: features of samples, as many a sample; as many examples or more or fewer.

    Returns:
        `|m1 - m2|^2 + Tr(S1 + S2 - 2 (S1 S2)^(1/2))`, 0 or above, in squared units of the features.

    Raises:
        ValueError: fewer than 2 examples, shapes that do not fit, or a value that is not finite.

    Source: Heusel et al. (2017), arXiv:1706.08500; its bias: Binkowski et al. (2018),
    arXiv:1801.01401, and Chong and Forsyth (2020), arXiv:1911.07023.

    Example:
        >>> real = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0], [2.0, 2.0]])
        >>> round(frechet_distance(real, real), 6), round(frechet_distance(real, real + 3), 6)
        (0.0, 18.0)
    """
    real, samples = feature_sets(real=real, samples=samples)
    mean, other_mean = real.mean(axis=0), samples.mean(axis=0)
    root, other_root = _root(real - mean), _root(samples - other_mean)
    # With S = R'R for both, the eigenvalues of S1 S2 are the squared singular values of R1 R2'.
    # No root of a covariance is needed, so that singular ones do no harm.
    common = np.linalg.svd(root @ other_root.T, compute_uv=False).sum()
    spread = (root**2).sum() + (other_root**2).sum()
    return float(((mean - other_mean) ** 2).sum() + max(0.0, spread - 2 * common))


def _root(centred: np.ndarray) -> np.ndarray:
    """`R` of which `R'R` is the covariance, `(min(examples, features), features)`."""
    return np.linalg.qr(centred, mode="r") / np.sqrt(len(centred) - 1)
