"""What ITK leaves out of the headers of MetaImage and NRRD: units, a scaling of values, and whether
there is an orientation at all.

Source: https://itk.org/Wiki/MetaIO/Documentation, https://teem.sourceforge.net/nrrd/format.html
"""

import re
from dataclasses import dataclass
from pathlib import Path

from keras_mia.core.problem import Problem

UNITS_MM = {
    **dict.fromkeys(("mm", "millimeter", "millimeters", "millimetre", "millimetres"), 1.0),
    **dict.fromkeys(("um", "\u00b5m", "\u03bcm", "micron", "microns", "micrometer"), 0.001),
    **dict.fromkeys(("micrometers", "micrometre", "micrometres"), 0.001),
    **dict.fromkeys(("cm", "centimeter", "centimeters", "centimetre", "centimetres"), 10.0),
    **dict.fromkeys(("m", "meter", "meters", "metre", "metres"), 1000.0),
    **dict.fromkeys(("nm", "nanometer", "nanometers", "nanometre", "nanometres"), 1e-6),
}
UNSAID = {"", "?", "none", "unknown"}
PLACES = {"transformmatrix", "rotation", "orientation", "offset", "position", "origin"}
MOST = 2**16
"""Bytes at the beginning of a file that its header lies in."""


@dataclass(frozen=True)
class ItkHeader:
    """Facts of a header.

    Attributes:
        oriented: whether it says how the voxels lie.
        unit: of lengths, as the file writes it; "" where it does not.
        slope: that a stored value is multiplied by.
        intercept: that is then added.
    """

    oriented: bool
    unit: str = ""
    slope: float = 1.0
    intercept: float = 0.0

    @property
    def unit_mm(self) -> float:
        """Millimetres in a unit of length."""
        return UNITS_MM.get(self.unit.lower(), 1.0)


def read_header(path: Path) -> ItkHeader:
    """The facts of a file of MetaImage or NRRD.

    Raises:
        Problem: the unit of length is not known.
    """
    nrrd = path.suffix.lower() in (".nrrd", ".nhdr")
    fields = _fields(path, nrrd)
    if nrrd:
        unit = _one_unit(fields.get("space units") or fields.get("units", ""), path)
        return ItkHeader("space directions" in fields, unit)
    unit = _one_unit(f'"{fields.get("distanceunits", "")}"', path)
    slope, intercept = (
        float(fields.get(f"elementtointensityfunction{name}", default).split()[0])
        for name, default in (("slope", "1"), ("offset", "0"))
    )
    return ItkHeader(bool(PLACES & fields.keys()), unit, slope, intercept)


def write_unit(path: Path, unit: str) -> None:
    """Puts the unit of length into a NRRD file, which ITK does not write."""
    content = path.read_bytes()
    header, blank, voxels = content.partition(b"\n\n")
    line = "\nspace units:" + 3 * f' "{unit}"'
    path.write_bytes(header + line.encode() + blank + voxels)


def _fields(path: Path, nrrd: bool) -> dict[str, str]:
    """The lines of the header, by their names in small letters."""
    with path.open("rb") as file:
        text = file.read(MOST).decode("utf-8", "replace").replace("\r\n", "\n")
    fields: dict[str, str] = {}
    for line in text.split("\n"):
        name, _, value = line.partition(":" if nrrd else "=")
        if nrrd and not line:  # voxels follow
            break
        if not line.startswith("#"):
            fields[name.strip().lower()] = value.strip()
        if name.strip().lower() == "elementdatafile":
            break
    return fields


def _one_unit(text: str, path: Path) -> str:
    found = {unit for unit in re.findall(r'"([^"]*)"', text) if unit.lower() not in UNSAID}
    lengths = {unit for unit in found if unit.lower() in UNITS_MM}
    if len({UNITS_MM[unit.lower()] for unit in lengths}) > 1 or (found and not lengths):
        raise Problem(
            f"The header gives lengths in {' and '.join(sorted(found))}.",
            path,
            "Write them in mm, along all axes: correct the line of units in the header.",
        )
    return min(lengths, default="")
