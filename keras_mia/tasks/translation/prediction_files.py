"""The names of what is written of a prediction, and reading it again, without TensorFlow."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.cases import Case
from keras_mia.data.image import Image, grid_difference
from keras_mia.data.io.formats import label_suffix
from keras_mia.data.io.image_io import read_image

ARRAYS = (".npy", ".npz", ".tif", ".tiff")


DIFFERENCE = "-difference"
"""What the name of a file ends with that holds what was added to an image."""


def prediction_name(case: Case, rank: int) -> str:
    """The file name of the image that is made of a case: volumes keep their format, DICOM becomes
    NIfTI, and pictures become TIFF, which keeps values between whole numbers.

    Args:
        case: whose first image gives the suffix.
        rank: of the image.
    """
    return f"{case.name}{_suffix(case, rank)}"


def difference_name(case: Case, rank: int) -> str:
    """The file name of what was added to the image of a case.

    Args:
        case: likewise.
        rank: likewise.
    """
    return f"{case.name}{DIFFERENCE}{_suffix(case, rank)}"


def _suffix(case: Case, rank: int) -> str:
    suffix = label_suffix(case.images[0])
    return ".tif" if rank == 2 and suffix.lower() not in ARRAYS else suffix


def read_prediction(path: Path, like: Image, channels: int) -> np.ndarray:
    """An image that was made, as it was written.

    Args:
        path: of the file.
        like: an image on whose grid it has to lie.
        channels: that it has to have.

    Returns:
        `(*space, channels)` float32.

    Raises:
        Problem: it cannot be read, or has another grid or other channels.
    """
    image = read_image(path)
    array = np.asarray(image.array, np.float32)
    if array.shape == like.space:  # formats leave a single channel out
        array = array[..., None]
    difference = grid_difference(like, replace(image, array=array))
    if difference or array.shape != (*like.space, channels):
        raise Problem(
            "A prediction and the image that it belongs to share one grid; these have"
            f" {difference or 'other channels'}.",
            path,
            "Name predictions of these images.",
        )
    return array
