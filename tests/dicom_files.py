"""DICOM files for tests, written with pydicom; tests that write some are skipped without it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from pydicom.dataset import Dataset, FileDataset

NO_DICOM = "the extra dicom is not installed: pip install 'keras_mia[dicom]'"
CT, CR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.1"
ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"
JPEG_LS, RLE = "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.5"

TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
SECRETS = {
    "PatientName": "Secret^Sibylla",
    "PatientID": "SECRET-4711",
    "PatientBirthDate": "19031223",
}


def dataset(path: Path, kind: str, plane: np.ndarray, **more) -> FileDataset:
    """All that a slice of `plane` (columns, rows) has but its place."""
    pytest.importorskip("pydicom", reason=NO_DICOM)
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = kind
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    one = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    one.SOPClassUID, one.SOPInstanceUID = kind, meta.MediaStorageSOPInstanceUID
    one.StudyInstanceUID = generate_uid(entropy_srcs=["study"])
    one.FrameOfReferenceUID = generate_uid(entropy_srcs=["frame"])
    one.StudyDate = one.StudyTime = one.AccessionNumber = one.StudyID = ""
    for name, value in (SECRETS | {"PatientSex": "O", "Modality": "CT"} | more).items():
        setattr(one, name, value)
    one.Columns, one.Rows = plane.shape[:2]
    one.SamplesPerPixel, one.PhotometricInterpretation = (
        1,
        more.get("PhotometricInterpretation", "MONOCHROME2"),
    )
    one.BitsAllocated = one.BitsStored = 16
    one.HighBit, one.PixelRepresentation = 15, int(plane.dtype.kind == "i")
    return one


def place(target: Dataset, affine: np.ndarray, index: int) -> None:
    """Where slice `index` of a volume with this affine (to RAS mm) lies."""
    matrix = TO_LPS @ affine
    sizes = np.linalg.norm(matrix[:3, :2], axis=0)
    target.PixelSpacing = [float(sizes[1]), float(sizes[0])]
    target.ImageOrientationPatient = [
        float(f"{x:.10f}") for x in (matrix[:3, :2] / sizes).T.ravel()
    ]
    target.ImagePositionPatient = [float(f"{x:.8f}") for x in (matrix @ [0, 0, index, 1])[:3]]


def write_series(
    folder: Path,
    volume: np.ndarray,
    affine: np.ndarray,
    *,
    slope: float = 1,
    intercept: float = 0,
    compression: str | None = None,
    name="{:03}.dcm",
    order=None,
    uid: str | None = None,
    **more,
) -> list[Path]:
    """A file a slice of a volume `(columns, rows, slices)` of stored values.

    Args:
        folder: where to.
        volume: int16 or uint16.
        affine: to RAS mm.
        slope: of the rescaling.
        intercept: of the rescaling.
        compression: a transfer syntax.
        name: pattern of the files' names.
        order: number of the file that each slice goes to.
        uid: of the series.
        more: further elements of the header.
    """
    pytest.importorskip("pydicom", reason=NO_DICOM)
    import pydicom
    from pydicom.uid import generate_uid

    folder.mkdir(parents=True, exist_ok=True)
    uid = uid or generate_uid()
    order = range(volume.shape[2]) if order is None else order
    paths = []
    for index, number in enumerate(order):
        path = folder / name.format(number)
        plane = volume[:, :, index]
        one = dataset(path, CT, plane, **more)
        one.SeriesInstanceUID, one.InstanceNumber = uid, number + 1
        one.RescaleSlope, one.RescaleIntercept = slope, intercept
        place(one, affine, index)
        one.PixelData = np.ascontiguousarray(plane.T).tobytes()
        if compression:
            one.compress(compression, generate_instance_uid=False)
        pydicom.dcmwrite(path, one, enforce_file_format=True)
        paths.append(path)
    return paths


def write_frames(path: Path, volume: np.ndarray, affine: np.ndarray, *, order=None) -> Path:
    """One enhanced MR file with a frame a slice; `order` has the slice of each frame."""
    pytest.importorskip("pydicom", reason=NO_DICOM)
    import pydicom
    from pydicom.dataset import Dataset
    from pydicom.uid import generate_uid

    one = dataset(path, ENHANCED_MR, volume[:, :, 0], Modality="MR")
    one.SeriesInstanceUID, one.InstanceNumber = generate_uid(), 1
    order = list(range(volume.shape[2]) if order is None else order)
    one.NumberOfFrames = len(order)
    frames = []
    for index in order:
        at, where, turn, size = Dataset(), Dataset(), Dataset(), Dataset()
        place(at, affine, index)
        where.ImagePositionPatient = at.ImagePositionPatient
        turn.ImageOrientationPatient = at.ImageOrientationPatient
        size.PixelSpacing = at.PixelSpacing
        size.SliceThickness = float(np.linalg.norm(affine[:3, 2]))
        frame = Dataset()
        frame.PlanePositionSequence = [where]
        frame.PlaneOrientationSequence = [turn]
        frame.PixelMeasuresSequence = [size]
        frames.append(frame)
    one.SharedFunctionalGroupsSequence = [Dataset()]
    one.PerFrameFunctionalGroupsSequence = frames
    one.PixelData = np.ascontiguousarray(volume.transpose(2, 1, 0)[order]).tobytes()
    pydicom.dcmwrite(path, one, enforce_file_format=True)
    return path


def write_radiograph(path: Path, plane: np.ndarray) -> Path:
    """A file `(columns, rows)` of uint16 that does not say where it lies."""
    pytest.importorskip("pydicom", reason=NO_DICOM)
    import pydicom
    from pydicom.uid import generate_uid

    one = dataset(path, CR, plane, Modality="CR")
    del one.FrameOfReferenceUID
    one.SeriesInstanceUID, one.InstanceNumber = generate_uid(), 1
    one.PixelData = np.ascontiguousarray(plane.T).tobytes()
    pydicom.dcmwrite(path, one, enforce_file_format=True)
    return path


def oblique(spacing=(0.7, 0.9, 2.5)) -> np.ndarray:
    """An affine to RAS mm that is turned about all three axes."""
    turn = np.eye(3)
    for i, j, angle in ((0, 1, 0.3), (0, 2, -0.2), (1, 2, 0.5)):
        one = np.eye(3)
        one[[i, j], [i, j]] = np.cos(angle)
        one[i, j], one[j, i] = -np.sin(angle), np.sin(angle)
        turn = turn @ one
    affine = np.eye(4)
    affine[:3, :3] = turn * spacing
    affine[:3, 3] = (-31, 12, 55)
    # Slices follow the normal of their plane, in RAS as in LPS.
    assert np.linalg.det(affine) > 0
    return affine


def downwards(affine: np.ndarray, slices: int) -> np.ndarray:
    """The affine of the same slices the other way round."""
    other = affine.copy()
    other[:3, 3] += (slices - 1) * affine[:3, 2]
    other[:3, 2] *= -1
    return other
