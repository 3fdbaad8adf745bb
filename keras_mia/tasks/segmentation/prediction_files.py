"""The names of what is written of a prediction; nothing here needs TensorFlow."""

from collections.abc import Sequence

from keras_mia.data.datasets.cases import Case
from keras_mia.data.io.dicom import segmentation
from keras_mia.data.io.formats import label_suffix

ARRAYS = (".npy", ".npz", ".tif", ".tiff")


def file_names(
    case: Case, rank: int, *, probabilities: bool = False, dicom_seg: bool = False
) -> list[str]:
    """The names of all files that are written of a case.

    Args:
        case: whose first image gives the suffix.
        rank: of the image.
        probabilities: whether those of all classes are written.
        dicom_seg: whether a DICOM Segmentation is written.
    """
    names = [prediction_name(case, rank)]
    names += [probabilities_name(case, rank)] if probabilities else []
    return names + ([dicom_seg_name(case)] if dicom_seg else [])


def prediction_name(case: Case, rank: int) -> str:
    """The file name of a case's label map.

    JPEG and GIF, which blur or limit labels, become PNG; DICOM becomes NIfTI.

    Args:
        case: whose first image gives the suffix.
        rank: of the image.
    """
    suffix = label_suffix(case.images[0])
    if rank == 2 and suffix.lower() not in ARRAYS:
        suffix = ".png"
    return f"{case.name}{suffix}"


def dicom_seg_name(case: Case) -> str:
    """The file name of a case's DICOM Segmentation."""
    return f"{case.name}.dcm"


def check_dicom_seg(cases: Sequence[Case]) -> None:
    """Sees to it that DICOM Segmentations can be written of these cases.

    Raises:
        Problem: a package is missing, or the first image of a case is not DICOM.
    """
    segmentation.check_sources([case.images[0] for case in cases])


def probabilities_name(case: Case, rank: int) -> str:
    """The file name of a case's probabilities: NIfTI with the classes as fourth axis for volumes of
    formats that say how large a voxel is, else npz."""
    measured = rank == 3 and label_suffix(case.images[0]).lower() not in ARRAYS
    return f"{case.name}-probabilities{'.nii.gz' if measured else '.npz'}"
