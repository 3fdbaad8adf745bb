"""The elements of a DICOM file, looked at before a reader asks for as much memory.

GDCM takes the memory that an element says it needs, up to 4 GiB, and then finds that the file ends.

Source: DICOM PS3.5, section 7, https://dicom.nema.org/medical/dicom/current/output/html/part05.html
"""

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from keras_mia.core.problem import Problem

Tag = tuple[int, int]
UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = (0xFFFE, 0xE000), (0xFFFE, 0xE00D), (0xFFFE, 0xE0DD)
PIXELS = (0x7FE0, 0x0010)
SYNTAX = (0x0002, 0x0010)
BIG, DEFLATED = "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"
SHORT = {
    *(b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FL", b"FD", b"IS", b"LO", b"LT", b"PN"),
    *(b"SH", b"SL", b"SS", b"ST", b"TM", b"UI", b"UL", b"US"),
}
LONG = {
    *(b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"),
}
PHOTOMETRIC, INTERCEPT, SLOPE = (0x0028, 0x0004), (0x0028, 0x1052), (0x0028, 0x1053)
VALUE_LUT, VALUE_GROUP = (0x0028, 0x3000), (0x0028, 0x9145)
DOSE_SCALING = (0x3004, 0x000E)
SHARED_GROUPS, FRAME_GROUPS = (0x5200, 0x9229), (0x5200, 0x9230)
SEQUENCES = {VALUE_LUT, VALUE_GROUP, SHARED_GROUPS, FRAME_GROUPS}
"""Sequences that are gone into where the file does not say the kinds of its elements."""
WANTED = {PHOTOMETRIC, INTERCEPT, SLOPE, DOSE_SCALING, *SEQUENCES}
FIRST_GROUPS = (0x0002, 0x0008)
ELEMENTS_TRIED = 4
"""Elements in order from which on a file without a mark is taken for DICOM."""


@dataclass(frozen=True)
class Elements:
    """What is in a file.

    Attributes:
        locations: of `WANTED` tags where each value begins and how many bytes it has, at any depth.
        whole: whether the walk saw all elements; packed files cannot be walked.
    """

    locations: dict[Tag, list[tuple[int, int]]] = field(default_factory=dict)
    whole: bool = True


def is_dicom(path: Path) -> bool:
    """Whether a file is DICOM, whatever its name: it is marked so, or begins with elements.

    Args:
        path: any file.
    """
    try:
        with path.open("rb") as file:
            return _start(file) is not None
    except OSError:  # whoever reads it will say so
        return False


def read_elements(path: Path) -> Elements:
    """Goes from element to element; whatever else is wrong is left to the reader.

    Args:
        path: a DICOM file.

    Raises:
        Problem: it is no DICOM, an element is longer than what is left of the file, or there is
            none where one should be.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        begin = _start(file)
        if begin is None:
            raise Problem(
                "The file does not begin as DICOM files do.",
                path,
                "Replace it by a whole copy, or take it away.",
            )
        file.seek(begin)
        walk = _Walk(file, size, path)
        syntax = walk.run(meta=True)
        if syntax == DEFLATED:
            return Elements(whole=False)
        start = file.tell()
        first = file.read(6)[4:]  # some files are not written as they say
        file.seek(start)
        walk.run(implicit=not _is_kind(first), order=">" if syntax == BIG else "<")
        return Elements(walk.locations)


def _start(file: BinaryIO) -> int | None:
    """Where the first element begins; None where a file is no DICOM."""
    if file.read(132)[128:] == b"DICM":
        return 132
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    before: Tag = (0, 0)
    for number in range(ELEMENTS_TRIED):
        start = file.tell()
        kind = file.read(6)[4:]
        file.seek(start)
        element = _element(file, kind not in SHORT | LONG, "<")
        if element is None:
            return None
        tag, _, length = element
        if tag <= before or length > size - file.tell() or (tag[0] == 8 and tag[1] > 0x2000):
            return None
        if tag[0] not in FIRST_GROUPS:
            return 0 if number else None
        before = tag
        file.seek(length, 1)
    return 0


class _Walk:
    """Over the elements of an open file."""

    def __init__(self, file: BinaryIO, size: int, path: Path):
        self.file, self.size, self.path = file, size, path
        self.locations: dict[Tag, list[tuple[int, int]]] = {}

    def run(self, *, meta: bool = False, implicit: bool = False, order: str = "<") -> str:
        """Over the meta group, or over all that follows; returns the transfer syntax."""
        file, syntax, in_pixels, foreign = self.file, "", False, 0
        while True:
            start = file.tell()
            element = _element(file, implicit or foreign > 0, order)
            if element is None or (meta and element[0][0] != 0x0002):
                file.seek(start)
                return syntax
            tag, kind, length = element
            self._check(tag, kind, length, start)
            if tag in WANTED:
                self.locations.setdefault(tag, []).append((file.tell(), length))
            if foreign:  # a sequence of kind UN is written without kinds, to its end
                if tag in (ITEM_END, SEQUENCE_END):
                    foreign -= 1
                elif length == UNDEFINED:
                    foreign += 1
            elif length == UNDEFINED and kind == b"UN":
                foreign = 1
            if tag in (ITEM_END, SEQUENCE_END):
                in_pixels = False
            elif length == UNDEFINED:
                in_pixels = tag == PIXELS
            elif tag == SYNTAX:
                syntax = file.read(length).rstrip(b"\0 ").decode("ascii", "replace")
            elif not ((tag == ITEM and not in_pixels) or kind == b"SQ" or tag in SEQUENCES):
                file.seek(length, 1)

    def _check(self, tag: Tag, kind: bytes, length: int, start: int) -> None:
        if kind and not _is_kind(kind):
            raise Problem(
                f"No element begins at byte {start:,}, where one should: the file is broken.",
                self.path,
                "Replace it by a whole copy, or take it away.",
            )
        left = self.size - self.file.tell()
        if length != UNDEFINED and tag not in (ITEM_END, SEQUENCE_END) and length > left:
            raise Problem(
                f"Element ({tag[0]:04x},{tag[1]:04x}) is {length:,} bytes long, and"
                f" {left:,} are left: the file is broken or cut.",
                self.path,
                "Replace it by a whole copy, or take it away.",
            )


def _is_kind(text: bytes) -> bool:
    return text.isalpha() and text.isupper()


def _element(file: BinaryIO, implicit: bool, order: str):
    """Tag, kind of value and length; None at the end, and where only padding follows."""
    head = file.read(8)
    if len(head) < 8 or not any(head):
        return None
    tag = struct.unpack(f"{order}HH", head[:4])
    if implicit or tag[0] == 0xFFFE:
        return tag, b"", struct.unpack(f"{order}I", head[4:])[0]
    kind = head[4:6]
    if kind in SHORT:
        return tag, kind, struct.unpack(f"{order}H", head[6:])[0]
    more = file.read(4)
    return (tag, kind, struct.unpack(f"{order}I", more)[0]) if len(more) == 4 else None


def without_rescaling(content: bytes, elements: Elements) -> bytes:
    """A file's content with headers under which readers give its stored values unchanged.

    Args:
        content: of the file.
        elements: as `read_elements` gives them.
    """
    changed = bytearray(content)
    for tag, value in ((SLOPE, b"1"), (INTERCEPT, b"0"), (DOSE_SCALING, b"1")):
        for start, length in elements.locations.get(tag, ()):
            changed[start : start + length] = value.ljust(length)[:length]
    for start, _ in elements.locations.get(PHOTOMETRIC, ()):
        if changed[start : start + 11] == b"MONOCHROME1":
            changed[start : start + 11] = b"MONOCHROME2"
    return bytes(changed)
