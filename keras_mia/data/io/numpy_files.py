"""Arrays in numpy's own files: what a header claims is checked before memory is asked for."""

import zipfile
import zlib
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from numpy.lib import format as npy

from keras_mia.data.io.header_size import PACKED, check_header_size

NUMBERS, TEXT = "biuf", "U"
PLAIN = NUMBERS + TEXT
UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)
"""What reading a broken npz file ends in."""


class Header(NamedTuple):
    """What a file says of its array.

    Args:
        shape: of the array.
        dtype: of its values.
    """

    shape: tuple[int, ...]
    dtype: np.dtype

    @property
    def size(self) -> int:
        """In bytes."""
        values = int(np.prod(np.array(self.shape, object)))  # Python's integers do not overflow
        return values * self.dtype.itemsize


def read_header(file: IO[bytes]) -> Header:
    """The header of an open `.npy` file, which is then at its first value.

    Args:
        file: at its beginning.

    Raises:
        ValueError: it is none.
    """
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(file)
    return Header(shape, dtype)


def names_in(path: Path) -> list[str]:
    """The arrays of an npz file.

    Args:
        path: the npz file.

    Raises:
        UNREADABLE: it is none.
    """
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return [name.removesuffix(".npy") for name in names if name.endswith(".npy")]


def npz_header(path: Path, name: str) -> Header:
    """The header of an array of an npz file.

    Args:
        path: the npz file.
        name: of the array.

    Raises:
        UNREADABLE: there is none, or it is broken.
    """
    with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as member:
        return read_header(member)


def read_npz_array(
    path: Path, name: str, *, shape: tuple[int, ...] | None = None, kinds: str = NUMBERS
) -> np.ndarray:
    """An array of an npz file; nothing in the file is executed.

    Args:
        path: the file.
        name: of the array.
        shape: that it must have; None: any.
        kinds: numpy's codes of the types that it may have.

    Returns:
        The array, of its own dtype.

    Raises:
        Problem: it claims more than memory can hold.
        UNREADABLE: there is none, it is broken, or has another shape or type.
    """
    with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as file:
        header = read_header(file)
        _check_kind(name, header, shape, kinds)
        check_header_size(path, header.shape, header.dtype.itemsize)
        member = archive.getinfo(f"{name}.npy")
        held = min(member.file_size - file.tell(), PACKED * member.compress_size)
        if header.size > held:
            raise ValueError(f"{name} claims {header.size:,} bytes, the file holds {held:,}")
        file.seek(0)
        return npy.read_array(file, allow_pickle=False)


def _check_kind(name: str, header: Header, shape: tuple[int, ...] | None, kinds: str) -> None:
    if shape is not None and header.shape != shape:
        raise ValueError(f"{name} has the shape {header.shape}, expected is {shape}")
    if header.dtype.kind not in kinds:
        what = {NUMBERS: "numbers", TEXT: "text"}.get(kinds, "numbers or text")
        raise ValueError(f"{name} holds {str(header.dtype)[:60]}, expected are {what}")
