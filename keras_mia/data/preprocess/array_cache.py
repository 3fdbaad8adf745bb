"""A cache of arrays on disk: whole ones are taken, others are made again.

It is read in two shapes: an array a case (`case_cache`), or one of all images (`image_cache`).
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from keras_mia.core.files.atomic import atomic, reserve
from keras_mia.data.io.numpy_files import read_header
from keras_mia.data.preprocess.plan import Plan

VERSION = 3
"""Raised when preparing changes, so that what an older version left is not taken."""


class ArrayCache:
    """A folder of prepared arrays; several plans and data sets may share it.

    Args:
        folder: where the arrays lie.
        plan: that they are prepared by.
    """

    def __init__(self, folder: str | os.PathLike, plan: Plan):
        self.folder, self.plan = Path(folder), plan

    def path(self, content: str, *key: object) -> Path:
        """The file of an array.

        Args:
            content: what it holds, in a word.
            key: what it follows from, besides the plan.
        """
        text = json.dumps([VERSION, self.plan.preparing(), repr(key)], sort_keys=True)
        return self.folder / f"{hashlib.sha256(text.encode()).hexdigest()[:20]}-{content}.npy"


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


def open_array(path: Path) -> np.ndarray:
    """An array, memory-mapped.

    A map that stays open holds a file handle, and a thousand of them are all that a process has: it
    is opened each time that it is read.
    """
    return np.load(path, mmap_mode="r")


def save_array(path: Path, array: np.ndarray) -> None:
    """Writes an array, all or nothing.

    Raises:
        Problem: the folder cannot be written to, or the disk is full.
    """
    with atomic(path, durable=False) as temporary:
        np.save(temporary, array)


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
    with atomic(path, durable=False) as temporary:
        array = npy.open_memmap(temporary, "w+", dtype, tuple(shape))
        reserve(temporary, temporary.stat().st_size)
        yield array
        array.flush()
