"""The range of an image's values, all of which have to be numbers."""

from collections.abc import Sequence

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.image import Image


def finite_range(
    image: Image, files: Sequence[object]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The smallest and the largest intensity of each channel.

    Args:
        image: as read.
        files: of the image, one or one a channel, for messages.

    Returns:
        The smallest ones and the largest ones.

    Raises:
        Problem: it holds NaN or infinity, and in which file.
    """
    space = tuple(range(image.rank))
    low, high = image.array.min(axis=space), image.array.max(axis=space)
    wrong = np.flatnonzero(~(np.isfinite(low) & np.isfinite(high)))
    if wrong.size:
        single = len(files) == image.array.shape[-1]
        raise Problem(
            "The image holds values that are not numbers (NaN or infinity).",
            files[wrong[0]] if single else ", ".join(map(str, files)) or None,
            "Replace them, for instance by 0, or leave the case out.",
        )
    return tuple(map(float, low)), tuple(map(float, high))
