"""How many classes a set of samples covers, and how evenly."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

LEAST = 0.1
"""Of an even share: fewer samples than that may all be mistakes of the network that reads them."""


def class_coverage(
    classes: Sequence[int] | np.ndarray, count: int, *, least: float = LEAST
) -> dict[str, Any]:
    """How many classes samples cover, by the classes that a network reads in them.

    Args:
        classes: the class of each sample, `(samples,)` from 0 to `count - 1`.
        count: of the classes.
        least: a class is covered from this part of an even share on, and by 1 sample at least.
            The papers below have 0; then a network that errs in one sample of a hundred sees all
            classes in many samples, whatever they show.

    Returns:
        By name: `classes_covered`, how many; `smallest_class_share`, the share of the samples that
        the rarest class has; `evenness`, the entropy of the shares as a part of the greatest, from
        0 of a single class to 1 of equal shares (NaN where there is one class only).

    Raises:
        ValueError: no sample, no class, a class outside of them, or a part outside of 0 to 1.

    Source: counts of modes: Che et al. (2017), arXiv:1612.02136; Metz et al. (2017),
    arXiv:1611.02163.

    Example:
        >>> class_coverage([0, 0, 1, 1], 4)
        {'classes_covered': 2, 'smallest_class_share': 0.0, 'evenness': 0.5}
    """
    classes = np.asarray(classes)
    if classes.ndim != 1 or not len(classes):
        raise ValueError(f"Classes have shape {classes.shape}; at least 1 sample is needed.")
    if count < 1 or not 0 <= least <= 1:
        raise ValueError(f"There are {count} classes, and a part of {least} makes one covered.")
    if not np.isin(classes, np.arange(count)).all():
        raise ValueError(f"A class is none of 0 to {count - 1}.")
    samples = np.bincount(classes.astype(int), minlength=count)
    shares = samples / len(classes)
    present = shares[shares > 0]
    entropy = -float((present * np.log(present)).sum())
    return {
        "classes_covered": int((samples >= max(1.0, least * len(classes) / count)).sum()),
        "smallest_class_share": float(shares.min()),
        "evenness": max(0.0, entropy) / math.log(count) if count > 1 else math.nan,
    }
