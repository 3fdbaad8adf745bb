"""The names of what is written of a prediction; nothing here needs TensorFlow."""

from keras_mia.data.datasets.cases import Case
from keras_mia.data.io.formats import label_suffix

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
