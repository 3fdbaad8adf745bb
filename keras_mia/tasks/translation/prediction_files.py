"""The names of what is written of a prediction; nothing here needs TensorFlow."""

from keras_mia.data.datasets.cases import Case
from keras_mia.data.io.formats import label_suffix

ARRAYS = (".npy", ".npz", ".tif", ".tiff")


def prediction_name(case: Case, rank: int) -> str:
    """The file name of the image that is made of a case: volumes keep their format, DICOM becomes
    NIfTI, and pictures become TIFF, which keeps values between whole numbers.

    Args:
        case: whose first image gives the suffix.
        rank: of the image.
    """
    suffix = label_suffix(case.images[0])
    if rank == 2 and suffix.lower() not in ARRAYS:
        suffix = ".tif"
    return f"{case.name}{suffix}"
