"""Masks of one thing: where they are set."""

from pathlib import Path

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.io.labels.components import count_values
from keras_mia.data.io.labels.integers import remedy_command
from keras_mia.data.io.labels.plausibility import blurred


def where_set(mask: np.ndarray, where: Path) -> np.ndarray:
    """Where a mask is not 0.

    Args:
        mask: integers of any shape.
        where: the file, for messages.

    Returns:
        Booleans of the same shape.

    Raises:
        Problem: compression, resampling or smoothing has blurred it, so that what is not 0 is more
            than what was meant.
    """
    cuts = blurred(count_values(mask.reshape(-1)))
    if cuts:
        command = remedy_command(where, "threshold_labels", f", above={cuts[1] - 1}")
        raise Problem(
            f"A mask is 0 or not, this one holds {len(np.unique(mask))} values about"
            f" {int(mask.min())} and {int(mask.max())}: compression (JPEG), resampling or smoothing"
            " has blurred it.",
            where,
            f"Make masks by a threshold: {command}",
        )
    return mask != 0
