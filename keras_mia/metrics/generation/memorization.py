"""Whether samples are copies of training images."""

import math

import numpy as np
from scipy.stats import mannwhitneyu

from keras_mia.metrics.generation.distances import nearest

NEAR = 0.01
"""Share of the held-out images that lie as near to a training image as a copy would."""


def memorization(
    samples: np.ndarray, training: np.ndarray, heldout: np.ndarray
) -> dict[str, float]:
    """Whether samples lie nearer to training images than held-out images do.

    Images that a generator has never met, of the same source, say how near to a training image one
    lies by chance. Of copies the ratio is near 0; of images of their own near 1; far above 1, the
    samples are unlike any image.

    Args:
        samples: images or features `(samples, ...)`.
        training: what the generator learned from, of the same shape and unit an example.
        heldout: images of the same source that it did not learn from; 100 at least, for
            `memorized_share` to be of use.

    Returns:
        By name: `nearest_ratio`, the median distance of samples to their nearest training image as
        a part of that of held-out images; `memorized_share`, the share of samples that lie nearer
        than the nearest 1 % of held-out images do, about 0.01 where nothing was copied;
        `nearer_p`, the one-sided p of the Mann-Whitney test, small where samples lie nearer.

    Raises:
        ValueError: a set is empty, shapes do not fit, or a value is not finite.

    Source: Meehan et al. (2020), arXiv:2004.05675, without its cells of space.

    Example:
        >>> random = np.random.default_rng(0)
        >>> training, heldout = random.normal(size=(2, 200, 3))
        >>> copied = memorization(training + 0.001, training, heldout)
        >>> copied["nearest_ratio"] < 0.01, copied["memorized_share"], copied["nearer_p"] < 0.001
        (True, 1.0, True)
    """
    return nearness(nearest(samples, training).distances, nearest(heldout, training).distances)


def nearness(near: np.ndarray, usual: np.ndarray) -> dict[str, float]:
    """The scores of `memorization`, of distances that are known.

    Args:
        near: `(samples,)`, from each sample to the training image nearest to it.
        usual: `(images,)`, the same of held-out images.
    """
    middle, usual_middle = float(np.median(near)), float(np.median(usual))
    return {
        "nearest_ratio": _ratio(middle, usual_middle),
        "memorized_share": float((near < np.quantile(usual, NEAR)).mean()),
        "nearer_p": float(mannwhitneyu(near, usual, alternative="less").pvalue),
    }


def _ratio(value: float, other: float) -> float:
    if other > 0:
        return value / other
    return math.inf if value > 0 else math.nan
