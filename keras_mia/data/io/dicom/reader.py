"""What the header of one DICOM file says, by SimpleITK (GDCM), or by pydicom where that fails."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.io.dicom.headers import header_errors, read_header
from keras_mia.data.io.volumes.itk import TO_RAS, affine_of, array_of, error_text

POSITION, DIRECTIONS = "0020|0032", "0020|0037"
BROKEN = "Replace it by a whole copy, or take it away."


@dataclass(frozen=True)
class Header:
    """A header, element by element.

    Args:
        tag: gives the value of an element such as "0028|0030"; "" where there is none.
        size: columns, rows, frames.
        affine: `(4, 4)` to RAS, with axes of length 1.
    """

    tag: Callable[[str], str]
    size: tuple[int, int, int]
    affine: np.ndarray

    def numbers(self, name: str) -> tuple[float, ...]:
        """The numbers of an element; none where there is none, or it holds something else.

        Args:
            name: group and element, as in "0028|0030".

        Returns:
            Finite numbers.
        """
        try:
            numbers = tuple(float(part) for part in self.tag(name).split("\\") if part.strip())
        except ValueError:
            return ()
        return numbers if np.isfinite(numbers).all() else ()


def header_of(path: Path) -> Header:
    """The header of a file.

    Args:
        path: a DICOM file.

    Raises:
        Problem: neither of both can read it.
    """
    reader = reader_of(path)
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        if find_spec("pydicom") is None:
            raise Problem(
                f"The header cannot be read as DICOM: {error_text(error)}.", path, BROKEN
            ) from error
        with header_errors(
            f"The header cannot be read as DICOM: {error_text(error)}", path, BROKEN
        ):
            return _by_pydicom(read_header(path))

    def tag(name: str) -> str:
        return reader.GetMetaData(name).strip("\0 ") if reader.HasMetaDataKey(name) else ""

    columns, rows, *frames = reader.GetSize()
    affine = affine_of(reader, (1.0, 1.0, 1.0))
    return Header(tag, (columns, rows, frames[0] if frames else 1), affine)


def _by_pydicom(dataset: Any) -> Header:
    def tag(name: str) -> str:
        group, element = (int(part, 16) for part in name.split("|"))
        value: Any = dataset[group, element].value if (group, element) in dataset else None
        many = value if hasattr(value, "append") else [value]
        return "\\".join(str(one) for one in many if one is not None).strip("\0 ")

    header = Header(tag, (int(dataset.Columns), int(dataset.Rows), 1), np.eye(4))
    frames, cosines, position = map(header.numbers, ("0028|0008", DIRECTIONS, POSITION))
    affine = np.eye(4)
    if len(cosines) == 6:
        affine[:3, :2] = np.array(cosines).reshape(2, 3).T
        affine[:3, 2] = np.cross(cosines[:3], cosines[3:])
    if len(position) == 3:
        affine[:3, 3] = position
    return Header(tag, (*header.size[:2], int(frames[0]) if frames else 1), TO_RAS @ affine)


def reader_of(path: Path) -> Any:
    """A reader that knows its file, and has read nothing of it yet.

    Args:
        path: a DICOM file.

    Returns:
        An `itk` reader of SimpleITK, set to GDCM.
    """
    import SimpleITK

    reader = SimpleITK.ImageFileReader()
    reader.SetFileName(str(path))
    reader.SetImageIO("GDCMImageIO")
    return reader


def pixels(reader: Any) -> np.ndarray:
    """`(columns, rows, frames, channels)`.

    Args:
        reader: as `reader_of` gives it.

    Returns:
        An array in the file's own dtype, rescaled as GDCM does.

    Raises:
        RuntimeError: GDCM cannot read them.
    """
    array = array_of(reader.Execute())
    return (array[None] if array.ndim == 3 else array).transpose(2, 1, 0, 3)
