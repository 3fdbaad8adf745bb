"""From the stored values of DICOM files to those that their headers mean.

GDCM applies a slope and an intercept that hold for a whole file. Those of single frames, look-up
tables, the scaling of a dose and a lowest value that is white are applied here: the file is then
read under a header that changes nothing.

Source: DICOM PS3.3, sections C.11.1 (Modality LUT), C.7.6.16.2.9 (Pixel Value Transformation) and
C.7.6.3.1.2 (Photometric Interpretation),
https://dicom.nema.org/medical/dicom/current/output/html/part03.html
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.io.dicom.elements import (
    DOSE_SCALING,
    VALUE_GROUP,
    VALUE_LUT,
    Elements,
    without_rescaling,
)
from keras_mia.data.io.dicom.headers import group, header_errors, read_header
from keras_mia.data.io.dicom.reader import BROKEN, Header, pixels, reader_of
from keras_mia.data.io.volumes.itk import error_text

NOT_BY_GDCM = (VALUE_LUT, VALUE_GROUP, DOSE_SCALING)


@dataclass(frozen=True)
class Stored:
    """How the values of a file are stored.

    Attributes:
        white_is_low: whether the lowest value is displayed white (MONOCHROME1).
        bits: that a value has.
        high_bit: the highest of them.
        signed: whether values may be negative.
        slope: of the whole file; None where there is none.
        intercept: of the whole file.
        scaling: of a dose; None where there is none.
    """

    white_is_low: bool
    bits: int
    high_bit: int
    signed: bool
    slope: float | None
    intercept: float
    scaling: float | None

    @property
    def ends(self) -> int:
        """The lowest value that can be stored plus the highest."""
        return -1 if self.signed else 2**self.bits - 1


def stored_as(header: Header, path: Path) -> Stored:
    """How the values of a file are stored.

    Args:
        header: of a file.
        path: of the file, for messages.

    Raises:
        Problem: an element that scales them is no number.
    """

    def number(name: str) -> float | None:
        numbers = header.numbers(name)
        if len(numbers) > 1 or (header.tag(name) and not numbers):
            raise Problem(
                f"Element ({name.replace('|', ',')}), by which values are scaled, is no number.",
                path,
                "Export the file again.",
            )
        return numbers[0] if numbers else None

    bits, high_bit = number("0028|0101"), number("0028|0102")
    return Stored(
        white_is_low=header.tag("0028|0004") == "MONOCHROME1",
        bits=int(bits or 0),
        high_bit=int((bits or 0) - 1 if high_bit is None else high_bit),
        signed=number("0028|0103") == 1,
        slope=number("0028|1053"),
        intercept=number("0028|1052") or 0.0,
        scaling=number("3004|000e"),
    )


def read_values(files: Sequence[tuple[Path, Elements, Stored]]) -> np.ndarray:
    """The values of the files of one volume.

    Values of which the lowest is white are inverted, by one number for the whole volume.

    Args:
        files: with what their headers say.

    Returns:
        `(columns, rows, frames of all files, channels)`, of integers where slopes and intercepts
        leave them whole, else float32.

    Raises:
        Problem: a file cannot be read, or its header cannot be applied.
    """
    parts, ends = [], []
    for path, elements, stored in files:
        _check(stored, path)
        if (
            stored.white_is_low
            or not elements.whole
            or any(tag in elements.locations for tag in NOT_BY_GDCM)
        ):
            part, end = _rescaled(path, elements, stored)
            ends += [end] if stored.white_is_low else []
        else:
            part = _by_gdcm(path, elements)
        parts.append(part)
    for number, (_, _, stored) in enumerate(files):
        if stored.white_is_low:
            parts[number] = _inverted(parts[number], max(ends), keep_type=max(ends) == stored.ends)
    return _narrow(np.concatenate(parts, axis=2))


def _check(stored: Stored, path: Path) -> None:
    if stored.bits and stored.high_bit != stored.bits - 1:
        raise Problem(
            f"Values have {stored.bits} bits, of which the highest is said to be bit"
            f" {stored.high_bit}: they do not lie where the standard wants them.",
            path,
            "Export the file again.",
        )
    if stored.slope == 0:
        raise Problem(
            "The rescale slope is 0: all values would be equal.", path, "Export it again."
        )


def _rescaled(path: Path, elements: Elements, stored: Stored) -> tuple[np.ndarray, float]:
    """Values, and the lowest of all possible ones plus the highest."""
    array = _by_gdcm(path, elements, stored=True)
    whole: tuple[float | None, float] = (stored.slope, stored.intercept)
    if stored.scaling is not None:
        whole = (stored.scaling, 0.0)
    scales = [whole] * array.shape[2]
    if not elements.whole or VALUE_LUT in elements.locations or VALUE_GROUP in elements.locations:
        header = read_header(path)
        if "ModalityLUTSequence" in header:
            return _looked_up(array, header, path)
        scales = _of_frames(header, array.shape[2], path) or scales
    for frame, (slope, _) in enumerate(scales, 1):
        if slope == 0:
            raise Problem(f"The rescale slope of frame {frame} is 0.", path, "Export it again.")
    pairs = np.array([(1.0 if slope is None else slope, add) for slope, add in scales])
    end = float((pairs[:, 0] * stored.ends + 2 * pairs[:, 1]).max())
    if (pairs == (1, 0)).all():
        return array, end
    slopes, intercepts = (pairs[:, i].reshape(1, 1, -1, 1) for i in range(2))
    if (pairs == np.round(pairs)).all() and np.abs(pairs).max() < 2**31:
        return array.astype(np.int64) * slopes.astype(np.int64) + intercepts.astype(np.int64), end
    return (array * slopes + intercepts).astype(np.float32), end


def _of_frames(header: Any, count: int, path: Path) -> list[tuple[float | None, float]]:
    """Slope and intercept of each frame, its own or those that all share; none without any."""
    with header_errors("The rescaling of its frames cannot be read", path, "Export it again."):
        groups = [
            group(header, frame, "PixelValueTransformationSequence") for frame in range(count)
        ]
        if all(one is None for one in groups):
            return []
        return [(float(one.RescaleSlope), float(one.RescaleIntercept)) for one in groups]


def _looked_up(array: np.ndarray, header: Any, path: Path) -> tuple[np.ndarray, float]:
    with header_errors("The modality look-up table cannot be applied", path, "Export it again."):
        from pydicom.pixels import apply_modality_lut

        if len(header.ModalityLUTSequence) != 1:
            raise ValueError("one table was expected")
        bits = int(header.ModalityLUTSequence[0].LUTDescriptor[2])
        return apply_modality_lut(array, header), 2.0**bits - 1


def _by_gdcm(path: Path, elements: Elements, *, stored: bool = False) -> np.ndarray:
    """The values of a file, or those that are stored in it."""
    try:
        if not stored:
            return pixels(reader_of(path))
        if not elements.whole:
            raise RuntimeError("its elements are packed")
        with tempfile.NamedTemporaryFile(suffix=".dcm") as copy:
            copy.write(without_rescaling(path.read_bytes(), elements))
            copy.flush()
            return pixels(reader_of(Path(copy.name)))
    except RuntimeError as error:
        return _by_pydicom(path, error_text(error), stored)


def _by_pydicom(path: Path, why: str, stored: bool) -> np.ndarray:
    if find_spec("pydicom") is None:
        raise Problem(
            f"The pixels cannot be read: {why}.",
            path,
            "Install the extra dicom, whose reader may know them: pip install 'keras_mia[dicom]'.",
        )
    with header_errors(f"The pixels cannot be read: {why}", path, BROKEN):
        import pydicom
        from pydicom.pixels import apply_color_lut, apply_modality_lut, pixel_array

        header = pydicom.dcmread(path, force=True)
        array = pixel_array(header)
        if header.PhotometricInterpretation == "PALETTE COLOR":
            array = apply_color_lut(array, header)
        elif not stored:
            array = apply_modality_lut(array, header)
        colours = header.SamplesPerPixel > 1 or header.PhotometricInterpretation == "PALETTE COLOR"
        array = array if colours else array[..., None]
        return (array[None] if array.ndim == 3 else array).transpose(2, 1, 0, 3)


def _inverted(array: np.ndarray, end: float, *, keep_type: bool) -> np.ndarray:
    """`end` minus each value; in the type of the values where `keep_type`."""
    if array.dtype.kind == "f":
        return (end - array.astype(np.float64)).astype(np.float32)
    inverted = round(end) - array.astype(np.int64)
    return inverted.astype(array.dtype) if keep_type else inverted


def _narrow(array: np.ndarray) -> np.ndarray:
    """Values in at most 32 bits; which ones must not depend on what an image holds."""
    if array.dtype.itemsize < 8:
        return array
    whole = array.dtype.kind in "iu" and (not array.size or np.abs(array).max() < 2**31)
    return array.astype(np.int32 if whole else np.float32)
