"""The names of what is written of a prediction; nothing here needs TensorFlow."""

from collections.abc import Sequence

from keras_mia.data import formats_dicom_seg
from keras_mia.data.cases import Case
from keras_mia.data.formats import label_suffix
from keras_mia.data.image import Image


def prediction_name(case: Case, rank: int) -> str:
    """The file name of a case's label map.

    JPEG and GIF, which blur or limit labels, become PNG; DICOM becomes NIfTI.

    Args:
        case: whose first image gives the suffix.
        rank: of the image.
    """
    suffix = label_suffix(case.images[0])
    if rank == 2 and suffix.lower() not in (".npy", ".npz", ".tif", ".tiff"):
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
    formats_dicom_seg.check([case.images[0] for case in cases])


def probabilities_name(case: Case, image: Image) -> str:
    """The file name of a case's probabilities: NIfTI with the classes as fourth axis for volumes
    whose files say how large a voxel is, else npz."""
    measured = image.rank == 3 and image.spacing_mm is not None
    return f"{case.name}-probabilities{'.nii.gz' if measured else '.npz'}"
