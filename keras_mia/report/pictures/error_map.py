"""Where a prediction is wrong, in colours that every eye tells apart."""

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from keras_mia.report.pictures.colors import rgb

# Okabe and Ito's sky blue, vermilion and yellow: they differ in brightness, too.
ERRORS = {"missed": "#56b4e9", "false positive": "#d55e00", "taken for another class": "#f0e442"}
"""Kind of error to CSS colour: in the truth alone, in the prediction alone, in both as others."""
RIGHT = 0.35
"""How much white lies over what is right."""


def error_map(truth: np.ndarray, prediction: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """The kind of error of each voxel, uint8: 0 none, 1 missed, 2 false positive, 3 another class.

    Args:
        truth: classes of any shape; 0 is background.
        prediction: classes of the same shape.
        counted: where it counts, bool.

    Example:
        >>> error_map(np.array([1, 0, 1, 1]), np.array([0, 1, 2, 1]), np.ones(4, bool)).tolist()
        [1, 2, 3, 0]
    """
    true, predicted = truth > 0, prediction > 0
    kinds = [true & ~predicted, predicted & ~true, true & predicted & (truth != prediction)]
    return np.select([kind & counted for kind in kinds], (1, 2, 3), 0).astype(np.uint8)


def thickened(errors: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """The map thickened, so that a single pixel is still seen when it is made smaller.

    Args:
        errors: `(rows, columns)`, as `error_map` gives them.
        shape: that it will be brought to.
    """
    size = [-(-old // new) for old, new in zip(errors.shape, shape, strict=True)]
    return ndimage.maximum_filter(errors, size) if max(size) > 1 else errors


def draw_errors(dim: np.ndarray, errors: np.ndarray, right: np.ndarray) -> np.ndarray:
    """A picture, RGB, with errors in their colours and what is right in a light gray."""
    picture = np.where(right[..., None], (1 - RIGHT) * dim + RIGHT * 255, dim)
    for kind, css in enumerate(ERRORS.values(), 1):
        picture = np.where((errors == kind)[..., None], np.array(rgb(css), float), picture)
    return (picture + 0.5).astype(np.uint8)
