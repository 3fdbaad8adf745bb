"""DICOM: a folder of slices, or one file, by SimpleITK (GDCM); where frames lie, by pydicom.

Pixels come as stored values times slope plus intercept, Hounsfield units of CT; where the lowest
stored value is white, they are inverted. Nothing of a header but what is named here is read: no
patient's name or date of birth, and of the number no more than whether two files have the same.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.image import Image
from keras_mia.data.io.dicom.elements import FRAME_GROUPS, Elements, is_dicom, read_elements
from keras_mia.data.io.dicom.headers import frame_affines, read_header
from keras_mia.data.io.dicom.reader import DIRECTIONS, POSITION, header_of
from keras_mia.data.io.dicom.spacing import UNEVEN, plane_spacing, slice_step
from keras_mia.data.io.dicom.values import Stored, read_values, stored_as
from keras_mia.data.io.file_walk import walk
from keras_mia.data.io.header_size import check_header_size
from keras_mia.data.io.virtual_paths import file_of_series

SERIES, STUDY, PATIENT = "0020|000e", "0020|000d", "0010|0020"
DESCRIPTION, MODALITY = "0008|103e", "0008|0060"
# Segmentation Storage, Label Map Segmentation Storage
SEGMENTATIONS = (b"1.2.840.10008.5.1.4.1.1.66.4", b"1.2.840.10008.5.1.4.1.1.66.7")
CLASSES = (b"\2\0\2\0UI", b"\x08\0\x16\0UI", b"\x08\0\x16\0")
"""The elements that name what a file is, in the group at its beginning or behind."""


@dataclass(frozen=True, eq=False)
class Slice:
    """What the header of one file says, or what it says of one frame.

    Attributes:
        path: the file.
        series: the unique number of its series.
        description: of the series, in the scanner's words.
        modality: "CT", "MR", ...
        size: columns, rows, frames.
        affine: of its voxels, to RAS mm.
        placed: whether the file says where it lies.
        measured: whether it says how large its pixels are.
        stored: how its values are stored.
        elements: those of the file that its values depend on.
        remarks: what was taken where the header says two things.
        frame: its number in the file, from 1; 0 of a whole file.
    """

    path: Path
    series: str
    description: str
    modality: str | None
    size: tuple[int, ...]
    affine: np.ndarray
    placed: bool
    measured: bool
    stored: Stored
    elements: Elements
    remarks: tuple[str, ...] = ()
    frame: int = 0

    @property
    def name(self) -> str:
        """For messages."""
        return self.path.name + (f", frame {self.frame}" if self.frame else "")


def is_segmentation(path: Path) -> bool:
    """Whether a file is a DICOM Segmentation: masks, and no image.

    Every file says so at its beginning, in one way. GDCM does not open the newer of both kinds.

    Args:
        path: any path.
    """
    if not (path.is_file() and is_dicom(path)):
        return False
    with path.open("rb") as file:
        start = file.read(1024)
    for name in CLASSES:
        _, matched, rest = start.partition(name)
        size = 2 if name.endswith(b"UI") else 4
        if matched:
            length = int.from_bytes(rest[:size], "little")
            return rest[size : size + length].strip(b"\0 ") in SEGMENTATIONS
    return False


def read(path: Path) -> Image:
    """One file or folder as a volume (columns, rows, slices): a slice, frames, or a series.

    Of a folder that series in it or below it is taken that has the most slices. Slices and frames
    are put in order by their position along the normal of their plane.

    Args:
        path: a file, a folder, or `FOLDER/FILE/series`.

    Returns:
        An `Image` with an affine where the headers give positions.

    Raises:
        Problem: there is no DICOM image; a slice is missing, is there twice or is not like the
            others.
    """
    ordered, affine = slices(path)
    first, array = ordered[0], _pixels(ordered)
    remarks = tuple(dict.fromkeys(text for one in ordered for text in one.remarks))
    image = Image(
        array,
        affine,
        first.modality,
        colours=array.shape[-1] == 3,
        columns_first=True,
        remarks=remarks,
    )
    if first.placed and first.measured:
        return image
    return replace(image, affine=None, voxel_mm=image.spacing if first.measured else None)


def slices(path: Path) -> tuple[list[Slice], np.ndarray]:
    """What the volume that `read` gives is made of, in its order, and its affine to RAS mm.

    A file of several frames that does not say where they lie is one `Slice`.

    Args:
        path: as `read` takes it.

    Returns:
        The slices, and the affine `(4, 4)`.

    Raises:
        Problem: as `read`.
    """
    if is_segmentation(path):
        raise _no_image(path)
    whole = path.is_dir() or file_of_series(path) is not None
    series = series_of(path)[0] if whole else [_header(path)]
    if len(series) == 1 and (series[0].size[2] > 1 or FRAME_GROUPS in series[0].elements.locations):
        series = _frames(series[0])
    return _in_order(series, path) if len(series) > 1 else (series, series[0].affine)


def series_of(folder: Path) -> list[list[Slice]]:
    """The series in a folder and below it, that with the most slices first; no segmentations.

    Of `FOLDER/FILE/series` that which the file belongs to comes first.

    Args:
        folder: or `FOLDER/FILE/series`.

    Returns:
        For each series its slices, in no order.

    Raises:
        Problem: there is no DICOM image, or a file is broken.
    """
    if file := file_of_series(folder):
        return sorted(series_of(file.parent), key=lambda one: all(x.path != file for x in one))
    files = [path for path in walk(folder) if is_dicom(path)]
    if not files:
        raise Problem(
            "A folder that is an image holds a DICOM series; no file in it is DICOM.",
            folder,
            "Name the folder of a series, or image files.",
        )
    series = series_in([path for path in files if not is_segmentation(path)])
    if not series:
        raise _no_image(folder)
    return series


def series_in(files: Sequence[Path]) -> list[list[Slice]]:
    """The series that DICOM files belong to, that with the most slices first.

    Args:
        files: DICOM images.

    Returns:
        For each series its slices, in the order of the files.

    Raises:
        Problem: a file is broken.
    """
    series: dict[str, list[Slice]] = {}
    for header in map(_header, files):
        series.setdefault(header.series, []).append(header)
    return sorted(series.values(), key=lambda one: (-_slices(one), str(one[0].path)))


def same_patient(path: Path) -> bytes:
    """What files of one patient have in common, and no other; empty where a file does not say.

    A digest of the patient's number, to be compared in memory and never written.

    Args:
        path: a DICOM file.
    """
    try:
        number = header_of(path).tag(PATIENT)
    except Problem:  # whoever reads the image says so
        return b""
    return hashlib.sha256(number.encode()).digest() if number else b""


def study_of(path: Path) -> tuple[str, str]:
    """The unique number of the study that a file belongs to, and what its series is called; "" of
    what the file does not say.

    Args:
        path: a DICOM file.

    Returns:
        The study's UID and the series' description.
    """
    try:
        header = header_of(path)
    except Problem:  # whoever reads the image says so
        return "", ""
    return header.tag(STUDY), header.tag(DESCRIPTION)


def _slices(series: Sequence[Slice]) -> int:
    return sum(one.size[2] for one in series)


def _header(path: Path) -> Slice:
    elements = read_elements(path)
    header = header_of(path)
    check_header_size(path, header.size)
    spacing, remark = plane_spacing(header)
    affine = header.affine.copy()
    affine[:3, :3] *= (*(spacing or (1.0, 1.0)), slice_step(header, path) or 1.0)
    return Slice(
        path=path,
        series=header.tag(SERIES),
        description=header.tag(DESCRIPTION),
        modality=header.tag(MODALITY) or None,
        size=header.size,
        affine=affine,
        placed=bool(header.tag(POSITION) and header.tag(DIRECTIONS)),
        measured=spacing is not None,
        stored=stored_as(header, path),
        elements=elements,
        remarks=(remark,) if remark else (),
    )


def _no_image(where: Path) -> Problem:
    return Problem(
        "This is a DICOM Segmentation: masks, and no image.",
        where,
        "Name the series that it was drawn on; give it as a label map.",
    )


def _frames(one: Slice) -> list[Slice]:
    affines = frame_affines(read_header(one.path), one.path)
    if len(affines) != one.size[2]:
        return [one]
    size = (*one.size[:2], 1)
    return [
        replace(one, size=size, affine=affine, placed=True, measured=True, remarks=(), frame=frame)
        for frame, affine in enumerate(affines, 1)
    ]


def _pixels(ordered: Sequence[Slice]) -> np.ndarray:
    """`(columns, rows, slices, channels)`"""
    files = {one.path: (one.path, one.elements, one.stored) for one in ordered}
    array = read_values([*files.values()])
    return array[:, :, [one.frame - 1 for one in ordered]] if ordered[0].frame else array


def _in_order(series: Sequence[Slice], where: Path) -> tuple[list[Slice], np.ndarray]:
    """The slices along their normal, and the affine of the volume that they make."""
    first = series[0]
    for one in series[1:]:
        difference = _difference(first, one)
        if difference:
            raise Problem(
                f"The slices of one series are alike; {first.name} and this one have"
                f" {difference}: two scans are mixed.",
                one.path.parent / one.name,
                "Put each scan into a folder of its own.",
            )
    if not all(one.placed for one in series):
        raise Problem(
            "The files do not say where their slices lie (no Image Position or Orientation).",
            where,
            "Export the series with its positions, or convert it to NIfTI.",
        )
    normal = np.cross(first.affine[:3, 0], first.affine[:3, 1])
    normal /= np.linalg.norm(normal)
    positions = np.array([one.affine[:3, 3] @ normal for one in series])
    order = np.argsort(positions, kind="stable")
    ordered, positions = [series[i] for i in order], positions[order]
    gaps = np.diff(positions)
    usual = float(np.median(gaps))
    twice = np.flatnonzero(gaps <= UNEVEN * max(usual, 1e-3))
    if len(twice):
        at = int(twice[0])
        raise Problem(
            f"{_repeated_count(positions)} slices lie where another one does: two scans, or the"
            " phases of a moving one, are mixed.",
            f"{ordered[at].path.parent / ordered[at].name} and {ordered[at + 1].name}",
            "Put each scan into a folder of its own.",
        )
    wide = np.flatnonzero(np.abs(gaps - usual) > UNEVEN * usual)
    if len(wide):
        at = int(wide[0])
        raise Problem(
            f"A slice is missing or out of place: slices lie {usual:.4g} mm apart, these two"
            f" {gaps[at]:.4g} mm.",
            f"{ordered[at].path.parent / ordered[at].name} and {ordered[at + 1].name}",
            "Complete the series, or leave the case out.",
        )
    affine = ordered[0].affine.copy()
    affine[:3, 2] = (ordered[-1].affine[:3, 3] - affine[:3, 3]) / (len(ordered) - 1)
    return ordered, affine


def _repeated_count(positions: np.ndarray) -> int:
    """How many slices lie where another one does."""
    return sum(n - 1 for n in Counter(np.round(positions, 2).tolist()).values())


def _difference(one: Slice, other: Slice) -> str | None:
    if one.size[2] > 1 or other.size[2] > 1:
        return "several frames in one file"
    if one.size != other.size:
        sizes = (" x ".join(map(str, each.size[:2])) for each in (one, other))
        return f"{' and '.join(sizes)} pixels"
    if np.abs(one.affine[:3, :2] - other.affine[:3, :2]).max() > 1e-3:
        return "planes that are turned, or pixels of another size"
    return None
