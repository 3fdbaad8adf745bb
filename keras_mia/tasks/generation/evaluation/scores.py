"""Scores of a set of samples beside real images."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import ks_2samp

from keras_mia.metrics.generation.coverage import class_coverage
from keras_mia.metrics.generation.frechet import frechet_distance
from keras_mia.metrics.generation.kernel import kernel_distance

EXAMPLES_A_FEATURE = 10
"""Images a feature that a Frechet distance needs, to choose a network by: fewer estimate the
covariance of features too badly."""
KERNEL_MOST = 2000
"""Images of a kernel distance, which has no bias by their number: all pairs are compared."""


@dataclass(frozen=True)
class RealImages:
    """Real images as scores need them.

    Args:
        features: of the judge, `(n, d)`.
        values: the numbers themselves, where images are single numbers; else none.
    """

    features: np.ndarray
    values: np.ndarray | None = None

    @property
    def criterion(self) -> str:
        """The distance that so many images tell networks apart by; of numbers that of their
        distributions."""
        if self.values is not None:
            return "ks_distance"
        enough = len(self.features) >= EXAMPLES_A_FEATURE * self.features.shape[1]
        return "frechet_distance" if enough else "kernel_distance"


def distances(real: RealImages, features: np.ndarray) -> dict[str, float]:
    """How far samples are from real images.

    Args:
        real: as many as there are samples, or about.
        features: of samples.
    """
    few = [one[:KERNEL_MOST] for one in (real.features, features)]
    scores = {
        "frechet_distance": frechet_distance(real.features, features),
        "kernel_distance": kernel_distance(*few),
    }
    if real.values is not None:
        scores["ks_distance"] = float(ks_2samp(real.values, features[:, 0]).statistic)
    return scores


def class_scores(
    classes: np.ndarray | None, count: int, labels: np.ndarray | None
) -> Mapping[str, float]:
    """Which classes samples have, and whether these are the ones that were asked for.

    Args:
        classes: that the evaluator reads in each sample; None: it reads none.
        count: of the classes.
        labels: the class of each that was asked for; None: the network takes none.

    Returns:
        Scores by name; none where classes are not known.
    """
    if classes is None:
        return {}
    scores = dict(class_coverage(classes, count))
    if labels is not None:
        scores["label_accuracy"] = float((classes == labels).mean())
    return scores
