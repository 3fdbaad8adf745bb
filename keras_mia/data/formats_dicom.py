"""DICOM: a folder of slices, or one file, by SimpleITK (GDCM).

Pixels come as stored values times slope plus intercept, Hounsfield units of CT; where the lowest
stored value is white, GDCM turns them round. Nothing of a header but what is named here is read: no
patient's name, number or date of birth.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.claims import check_claim
from keras_mia.data.dicom_lengths import check_lengths
from keras_mia.data.formats_itk import affine_of, array_of, reason
from keras_mia.data.image import Image

SERIES, DESCRIPTION, MODALITY = "0020|000e", "0008|103e", "0008|0060"
POSITION = "0020|0032"
# Slices whose distances differ by less than this share of the usual one are evenly spaced.
UNEVEN = 0.1


@dataclass(frozen=True, eq=False)
class Slice:
    """What the header of one file says.

    Attributes:
        path: the file.
        series: the unique number of its series.
        description: of the series, in the scanner's words.
        modality: "CT", "MR", ...
        size: columns, rows, frames.
        affine: of its voxels, to RAS mm.
        placed: whether the file says where it lies.
    """

    path: Path
    series: str
    description: str
    modality: str | None
    size: tuple[int, ...]
    affine: np.ndarray
    placed: bool


def is_dicom(path: Path) -> bool:
    """Whether a file is marked as DICOM, whatever its name."""
    try:
        with path.open("rb") as file:
            return file.read(132)[128:] == b"DICM"
    except OSError:  # whoever reads it will say so
        return False


def read(path: Path) -> Image:
    """One file: its slice, or its frames, as a volume (columns, rows, slices)."""
    return _volume([_header(path)], path)


def read_folder(folder: Path) -> Image:
    """The series with the most slices in a folder or below it, as a volume.

    Slices are put in order by their place along the normal of their plane.

    Raises:
        Problem: there is no DICOM file; a slice is missing, is there twice or is not like the
            others.
    """
    return _volume(series_of(folder)[0], folder)


def series_of(folder: Path) -> list[list[Slice]]:
    """The series in a folder and below it, that with the most slices first.

    Raises:
        Problem: there is no DICOM file, or one is broken.
    """
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and is_dicom(path) and path.name.upper() != "DICOMDIR"
    ]
    if not files:
        raise Problem(
            "A folder that is an image holds a DICOM series; no file in it is DICOM.",
            folder,
            "Name the folder of a series, or image files.",
        )
    found: dict[str, list[Slice]] = {}
    for header in map(_header, files):
        found.setdefault(header.series, []).append(header)
    return sorted(found.values(), key=lambda one: (-_slices(one), str(one[0].path)))


def describe(series: Sequence[Sequence[Slice]]) -> str:
    """Which series is taken, and which are left, in words."""

    def words(one: Sequence[Slice]) -> str:
        kind = " ".join(filter(None, (one[0].modality, one[0].description)))
        return f"{kind or 'no description'} ({_slices(one)} slices)"

    left = ", ".join(words(one) for one in series[1:])
    return f"{words(series[0])}" + (f"; left out {left}" if left else "")


def _slices(series: Sequence[Slice]) -> int:
    return sum(one.size[2] for one in series)


def _header(path: Path) -> Slice:
    check_lengths(path)
    reader = _reader(path)
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        raise Problem(
            f"The header cannot be read as DICOM: {reason(error)}.",
            path,
            "Replace it by a whole copy, or take it away.",
        ) from error

    def tag(name: str) -> str:
        return reader.GetMetaData(name).strip("\0 ") if reader.HasMetaDataKey(name) else ""

    columns, rows, *frames = reader.GetSize()
    check_claim(path, reader.GetSize())
    return Slice(
        path=path,
        series=tag(SERIES),
        description=tag(DESCRIPTION),
        modality=tag(MODALITY) or None,
        size=(columns, rows, frames[0] if frames else 1),
        affine=affine_of(reader),
        placed=bool(tag(POSITION)),
    )


def _reader(path: Path):
    import SimpleITK

    reader = SimpleITK.ImageFileReader()
    reader.SetFileName(str(path))
    reader.SetImageIO("GDCMImageIO")
    return reader


def _volume(series: Sequence[Slice], where: Path) -> Image:
    ordered, affine = _in_order(series, where) if len(series) > 1 else (series, series[0].affine)
    parts = [_pixels(one) for one in ordered]
    return Image(np.concatenate(parts, axis=2), affine, series[0].modality)


def _pixels(one: Slice) -> np.ndarray:
    """`(columns, rows, frames, channels)`"""
    try:
        image = _reader(one.path).Execute()
    except RuntimeError as error:
        raise Problem(
            f"The pixels cannot be read: {reason(error)}.",
            one.path,
            "Replace it by a whole copy, or take it away.",
        ) from error
    array = array_of(image)
    if array.ndim == 3:
        array = array[None]
    if array.dtype.kind == "f":
        array = array.astype(np.float32)
    return array.transpose(2, 1, 0, 3)


def _in_order(series: Sequence[Slice], where: Path) -> tuple[list[Slice], np.ndarray]:
    """The slices along their normal, and the affine of the volume that they make."""
    first = series[0]
    for one in series[1:]:
        unlike = _unlike(first, one)
        if unlike:
            raise Problem(
                f"The slices of one series are alike; {first.path.name} and this file have"
                f" {unlike}: two scans are mixed.",
                one.path,
                "Put each scan into a folder of its own.",
            )
    if not all(one.placed for one in series):
        raise Problem(
            "The files do not say where their slices lie (no Image Position).",
            where,
            "Export the series with its positions, or convert it to NIfTI.",
        )
    normal = np.cross(first.affine[:3, 0], first.affine[:3, 1])
    normal /= np.linalg.norm(normal)
    places = np.array([one.affine[:3, 3] @ normal for one in series])
    order = np.argsort(places, kind="stable")
    ordered, places = [series[i] for i in order], places[order]
    gaps = np.diff(places)
    usual = float(np.median(gaps))
    twice = np.flatnonzero(gaps <= UNEVEN * max(usual, 1e-3))
    if len(twice):
        at = int(twice[0])
        raise Problem(
            f"{_repeated(places)} slices lie where another one does: two scans, or the"
            " phases of a moving one, are mixed.",
            f"{ordered[at].path} and {ordered[at + 1].path.name}",
            "Put each scan into a folder of its own.",
        )
    wide = np.flatnonzero(np.abs(gaps - usual) > UNEVEN * usual)
    if len(wide):
        at = int(wide[0])
        raise Problem(
            f"A slice is missing or out of place: slices lie {usual:.4g} mm apart, these two"
            f" {gaps[at]:.4g} mm.",
            f"{ordered[at].path} and {ordered[at + 1].path.name}",
            "Complete the series, or leave the case out.",
        )
    affine = ordered[0].affine.copy()
    affine[:3, 2] = (ordered[-1].affine[:3, 3] - affine[:3, 3]) / (len(ordered) - 1)
    return ordered, affine


def _repeated(places: np.ndarray) -> int:
    """How many places hold more than one slice."""
    return sum(n - 1 for n in Counter(np.round(places, 2).tolist()).values())


def _unlike(one: Slice, other: Slice) -> str | None:
    if one.size[2] > 1 or other.size[2] > 1:
        return "several frames in one file"
    if one.size != other.size:
        sizes = (" x ".join(map(str, each.size[:2])) for each in (one, other))
        return f"{' and '.join(sizes)} pixels"
    if np.abs(one.affine[:3, :2] - other.affine[:3, :2]).max() > 1e-3:
        return "planes that are turned, or pixels of another size"
    return None
