"""The lengths in a DICOM file, looked at before a reader asks for as much memory.

GDCM takes the memory that an element says it needs, up to 4 GiB, and then finds that the file ends.

Source: DICOM PS3.5, section 7, https://dicom.nema.org/medical/dicom/current/output/html/part05.html
"""

import struct
from pathlib import Path
from typing import BinaryIO

from keras_mia.core.problem import Problem

UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = (0xFFFE, 0xE000), (0xFFFE, 0xE00D), (0xFFFE, 0xE0DD)
PIXELS = (0x7FE0, 0x0010)
SYNTAX = (0x0002, 0x0010)
BIG, DEFLATED = "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"
SHORT = {
    *(b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FL", b"FD", b"IS", b"LO", b"LT", b"PN"),
    *(b"SH", b"SL", b"SS", b"ST", b"TM", b"UI", b"UL", b"US"),
}


def check_lengths(path: Path) -> None:
    """Goes from element to element; whatever else is wrong is left to the reader.

    Raises:
        Problem: an element is longer than what is left of the file, or there is none where one
            should be.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(132)
        syntax = _walk(file, size, path, meta=True)
        if syntax != DEFLATED:
            start = file.tell()
            first = file.read(6)[4:]  # some files are not written as they say
            file.seek(start)
            order = ">" if syntax == BIG else "<"
            _walk(file, size, path, implicit=not _is_kind(first), order=order)


def _walk(
    file: BinaryIO,
    size: int,
    path: Path,
    *,
    meta: bool = False,
    implicit: bool = False,
    order: str = "<",
) -> str:
    """Walks over the meta group, or over all that follows; returns the transfer syntax."""
    syntax, in_pixels = "", False
    while True:
        start = file.tell()
        found = _element(file, implicit, order)
        if found is None or (meta and found[0][0] != 0x0002):
            file.seek(start)
            return syntax
        tag, kind, length = found
        if kind and not _is_kind(kind):
            raise Problem(
                f"No element begins at byte {start:,}, where one should: the file is broken.",
                path,
                "Replace it by a whole copy, or take it away.",
            )
        inside = (tag == ITEM and not in_pixels) or kind == b"SQ"
        if tag in (ITEM_END, SEQUENCE_END):
            in_pixels = False
        elif length == UNDEFINED:
            if kind == b"UN":  # what follows is written in another way
                return syntax
            in_pixels = tag == PIXELS
        elif length > size - file.tell():
            raise Problem(
                f"Element ({tag[0]:04x},{tag[1]:04x}) is {length:,} bytes long, and"
                f" {size - file.tell():,} are left: the file is broken or cut.",
                path,
                "Replace it by a whole copy, or take it away.",
            )
        elif tag == SYNTAX:
            syntax = file.read(length).rstrip(b"\0 ").decode("ascii", "replace")
        elif not inside:
            file.seek(length, 1)


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
