"""How large the pixels of a DICOM image are, by the element that the standard puts first.

Source: DICOM PS3.3, section 10.7 (Basic Pixel Spacing Calibration),
https://dicom.nema.org/medical/dicom/current/output/html/part03.html#sect_10.7
"""

from pathlib import Path

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.io.dicom.reader import Header

SPACING, AT_DETECTOR, SCANNED = "0028|0030", "0018|1164", "0018|2010"
ASPECT = "0028|0034"
MAGNIFICATION, CALIBRATION = "0018|1114", "0028|0a02"
BETWEEN, THICKNESS, OFFSETS = "0018|0088", "0018|0050", "3004|000c"
SAME = 1e-3
NO_PIXEL_SIZE = "The header does not say how large a pixel is"
UNEVEN = 0.1
"""Slices whose distances differ by less than this share of the usual one are evenly spaced."""


def plane_spacing(header: Header) -> tuple[tuple[float, float] | None, str]:
    """The spacing of the pixels of an image, as `(column, row)` steps in mm.

    Pixel Spacing is that in the patient, measured or calibrated. Where it is missing, Imager Pixel
    Spacing, that at the detector, is divided by the estimated magnification if there is one; then
    comes that of a scanned film.

    Args:
        header: of a file.

    Returns:
        The spacing, None where the file does not say; and what was taken or is missing, "" of Pixel
        Spacing that nothing contradicts.
    """
    spacings = {name: _pair(header, name) for name in (SPACING, AT_DETECTOR, SCANNED)}
    at_detector = spacings[AT_DETECTOR]
    if spacings[SPACING]:
        if at_detector is None or _same(spacings[SPACING], at_detector):
            return spacings[SPACING], ""
        how = header.tag(CALIBRATION).lower()
        kind = f"calibrated ({how})" if how else "calibrated"
        return spacings[SPACING], f"Pixels have the {kind} Pixel Spacing, not that at the detector"
    if at_detector:
        factor = header.numbers(MAGNIFICATION)
        if len(factor) == 1 and factor[0] > 0:
            spacing = (at_detector[0] / factor[0], at_detector[1] / factor[0])
            return spacing, "Pixels have the spacing at the detector by the estimated magnification"
        return at_detector, "Pixels have the spacing at the detector (Imager Pixel Spacing)"
    if spacings[SCANNED]:
        return spacings[SCANNED], "Pixels have the spacing of the scanned film"
    aspect = _pair(header, ASPECT)
    if aspect and not _same((aspect[0], aspect[0]), aspect):
        return None, "Pixels are not square (Pixel Aspect Ratio) and are taken as square"
    return None, NO_PIXEL_SIZE


def slice_step(header: Header, path: Path) -> float | None:
    """How far the next frame or slice lies along the normal of the plane, in mm.

    That of a dose may be negative.

    Args:
        header: of a file.
        path: of the file, for messages.

    Returns:
        None where the file does not say.

    Raises:
        Problem: the frames of a dose are unevenly spaced.
    """
    offsets = np.diff(header.numbers(OFFSETS))
    if len(offsets) and offsets[0]:
        if np.abs(offsets - offsets.mean()).max() > UNEVEN * abs(offsets.mean()):
            low, high = np.abs(offsets).min(), np.abs(offsets).max()
            raise Problem(
                f"The frames lie {low:.4g} to {high:.4g} mm apart.",
                path,
                "Resample them to even steps.",
            )
        return float(offsets.mean())
    for name in (BETWEEN, THICKNESS):
        numbers = header.numbers(name)
        if len(numbers) == 1 and numbers[0] != 0:
            return abs(numbers[0])
    return None


def _pair(header: Header, name: str) -> tuple[float, float] | None:
    numbers = header.numbers(name)
    if len(numbers) != 2 or min(numbers) <= 0:
        return None
    return numbers[1], numbers[0]  # the standard has the step between rows first


def _same(one: tuple[float, float] | None, other: tuple[float, float]) -> bool:
    return one is not None and all(abs(a / b - 1) < SAME for a, b in zip(one, other, strict=True))
