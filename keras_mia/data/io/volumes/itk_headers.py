"""What ITK leaves out of the headers of MetaImage and NRRD: units, a scaling of values, and whether
there is an orientation at all.

Source: https://itk.org/Wiki/MetaIO/Documentation, https://teem.sourceforge.net/nrrd/format.html
"""

import re
from collections.abc import Mapping
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
NO_UNIT = {"", "?", "none", "unknown"}
PLACEMENT_FIELDS = {"transformmatrix", "rotation", "orientation", "offset", "position", "origin"}
LISTS = ("elementdatafile", "data file", "datafile")
"""What says where the voxels are; `LIST` means the lines behind it."""
NRRD_END = re.compile(rb"\n\r?\n|\r\r")
META_LOCAL = re.compile(rb"ElementDataFile\s*[=:]\s*LOCAL\s", re.IGNORECASE)
"""Behind these lines voxels begin; a header without them is its whole file."""
BLOCK, LONGEST = 2**16, 2**24
"""Bytes of a file that are read at once, and of the longest header."""


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

    Args:
        path: the file.

    Raises:
        Problem: the unit of length is not known, or the voxels lie in a file of another folder.
    """
    nrrd = path.suffix.lower() in (".nrrd", ".nhdr")
    fields = _fields(path, nrrd)
    _check_detached(path, fields)
    if nrrd:
        unit = _one_unit(fields.get("space units") or fields.get("units", ""), path)
        return ItkHeader("space directions" in fields, unit)
    unit = _one_unit(f'"{fields.get("distanceunits", "")}"', path)
    slope, intercept = (
        float(fields.get(f"elementtointensityfunction{name}", default).split()[0])
        for name, default in (("slope", "1"), ("offset", "0"))
    )
    return ItkHeader(bool(PLACEMENT_FIELDS & fields.keys()), unit, slope, intercept)


def _check_detached(path: Path, fields: Mapping[str, str]) -> None:
    """A header may name the files of its voxels: only those beside it are read, since a stranger's
    file could name any other."""
    for key in LISTS:
        first, *more = fields.get(key, "").splitlines() or [""]
        word = first.split()[0].upper() if first.split() else ""
        names = more if word == "LIST" else [] if word == "LOCAL" else [first]
        for name in filter(None, map(str.strip, names)):
            file = name.split()[0] if "%" in name else name  # a pattern has numbers behind it
            named = Path(file.replace("\\", "/"))
            real = (path.parent / file).resolve()
            if len(named.parts) != 1 or real.parent not in _folders(path):
                raise Problem(
                    f"The header names a file of another folder for its voxels: {name}.",
                    path,
                    "Put it beside the header, and write its name alone.",
                )


def _folders(path: Path) -> set[Path]:
    """Where a header lies, as given and where a link to it leads."""
    return {path.parent.resolve(), path.resolve().parent}


def write_unit(path: Path, unit: str) -> None:
    """Puts the unit of length into a NRRD file, which ITK does not write.

    Args:
        path: a NRRD file that ITK has just written.
        unit: such as "mm".
    """
    content = path.read_bytes()
    header, blank, voxels = content.partition(b"\n\n")
    line = "\nspace units:" + 3 * f' "{unit}"'
    path.write_bytes(header + line.encode() + blank + voxels)


def _fields(path: Path, nrrd: bool) -> dict[str, str]:
    """The lines of the header, by their names in small letters."""
    text = _header(path, NRRD_END if nrrd else META_LOCAL)
    fields: dict[str, str] = {}
    for line in text.split("\n"):
        if nrrd and not line:  # voxels follow
            break
        name, _, value = line.partition(":") if nrrd else _parted(line)
        key = name.strip().lower()
        if not line.startswith("#"):
            fields[key] = value.strip()
        if key in LISTS and value.strip().upper().startswith("LIST"):
            fields[key] = "\n".join([value.strip(), *text.partition(line)[2].split("\n")])
            break
        if key == "elementdatafile":
            break
    return fields


def _parted(line: str) -> tuple[str, str, str]:
    """A line of MetaImage, whose reader takes a colon for an equals sign."""
    return min(line.partition("="), line.partition(":"), key=lambda parts: len(parts[0]))


def _header(path: Path, end: re.Pattern[bytes]) -> str:
    """A file up to the end of its header, or all of it; lines end as on Unix.

    Raises:
        Problem: there is no end to it: what it says behind, ITK would read.
    """
    content = b""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            content += block
            if end.search(content):
                break
            if len(content) > LONGEST:
                raise Problem(
                    f"The header is longer than {LONGEST / 2**20:.0f} MiB.",
                    path,
                    "Write the image again, with a program for medical images.",
                )
    return content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _one_unit(text: str, path: Path) -> str:
    units = {unit for unit in re.findall(r'"([^"]*)"', text) if unit.lower() not in NO_UNIT}
    lengths = {unit for unit in units if unit.lower() in UNITS_MM}
    if len({UNITS_MM[unit.lower()] for unit in lengths}) > 1 or (units and not lengths):
        raise Problem(
            f"The header gives lengths in {' and '.join(sorted(units))}.",
            path,
            "Write them in mm, along all axes: correct the line of units in the header.",
        )
    return min(lengths, default="")
