"""Arrays of a cache on disk: whole ones are taken, others are made again."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from keras_mia.core.files.atomic import atomic, reserve
from keras_mia.data.io.numpy_files import read_header


def is_whole(path: Path) -> bool:
    """Whether a `.npy` file is there and as long as its header says; a broken one is not.

    A file can be cut off though it was written whole: by a full disk, a copy, a loss of power.

    Args:
        path: of the array.
    """
    try:
        with path.open("rb") as file:
            size = read_header(file).size
            return path.stat().st_size == file.tell() + size
    except (OSError, ValueError):
        return False


def save_array(path: Path, array: np.ndarray) -> None:
    """Writes an array, all or nothing.

    Raises:
        Problem: the folder cannot be written to, or the disk is full.
    """
    with atomic(path, durable=False) as beside:
        np.save(beside, array)


@contextlib.contextmanager
def new_array(path: Path, dtype: type, shape: Sequence[int]) -> Iterator[np.ndarray]:
    """A memory-mapped array to fill; it is at `path` once the block ends well.

    Args:
        path: of the file.
        dtype: of the array.
        shape: of the array.

    Raises:
        Problem: the folder cannot be written to, or the disk has no room for all of it.
    """
    with atomic(path, durable=False) as beside:
        array = npy.open_memmap(beside, "w+", dtype, tuple(shape))
        reserve(beside, beside.stat().st_size)
        yield array
        array.flush()
