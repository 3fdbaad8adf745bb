"""numpy's own files, and single images of an npz file that holds many: `FILE.npz/KEY/NUMBER`."""

import contextlib
import functools
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap

from keras_mia.core.problem import Problem
from keras_mia.data.image import Image, are_colours
from keras_mia.data.io.header_size import check_header_size
from keras_mia.data.io.numpy_files import (
    PLAIN,
    UNREADABLE,
    Header,
    names_in,
    npz_header,
    read_header,
    read_npz_array,
)

NAMES = ("image", "array")
MOST_CHANNELS = 4


def read_npy(path: Path) -> Image:
    """An array; nothing in the file is executed.

    Args:
        path: the file.

    Raises:
        Problem: it claims more than memory can hold.
    """
    with path.open("rb") as file:
        shape, dtype = read_header(file)
    check_header_size(path, shape, dtype.itemsize)
    # A map of more than the file holds fails before memory is asked for.
    return _image(np.array(open_memmap(path, mode="r")))


def read_npz(path: Path) -> Image:
    """The only array, or the one named `image` or `array`; with `affine` where there is one.

    Args:
        path: the file.

    Raises:
        Problem: it holds several arrays, none of which is named so, or claims more than memory can
            hold.
    """
    names = names_in(path)
    arrays = [name for name in names if name != "affine"]
    named = [name for name in NAMES if name in arrays]
    if not named and len(arrays) != 1:
        raise Problem(
            f"One array, or one named {' or '.join(NAMES)}, was expected; found"
            f" {', '.join(arrays) or 'none'}.",
            path,
            "Save it with numpy.savez(path, image=array).",
        )
    affine = None
    if "affine" in names:
        affine = read_npz_array(path, "affine", shape=(4, 4)).astype(float)
    return _image(read_npz_array(path, (named or arrays)[0]), affine)


def array_names(path: Path) -> list[str]:
    """The arrays of an npz file.

    Args:
        path: the npz file.

    Raises:
        Problem: it cannot be read.
    """
    with _readable(path, "file"):
        return names_in(path)


def array_header(path: str | os.PathLike, key: str) -> Header:
    """The shape and the type of an array of an npz file.

    Args:
        path: the npz file.
        key: name of the array.

    Raises:
        Problem: it cannot be read.
    """
    with _readable(path, f"array {key}"):
        return npz_header(Path(path), key)


def cached_array(path: str | os.PathLike, key: str) -> np.ndarray:
    """An array of an npz file; the last few are kept in memory, since their entries are asked for
    one by one.

    Args:
        path: the npz file.
        key: name of the array.

    Returns:
        The whole array, of its own dtype; not to be written to.

    Raises:
        Problem: it cannot be read.
    """
    with _readable(path, f"array {key}"):
        return _read_cached(os.fspath(path), key, os.stat(path).st_mtime_ns)


@contextlib.contextmanager
def _readable(path: str | os.PathLike, what: str) -> Iterator[None]:
    try:
        yield
    except UNREADABLE as error:
        raise Problem(f"The {what} cannot be read: {error}.", path, "Give a whole copy.") from error


@functools.lru_cache(maxsize=8)
def _read_cached(path: str, key: str, changed: int) -> np.ndarray:
    return read_npz_array(Path(path), key, kinds=PLAIN)


def entry_paths(path: Path, key: str, count: int) -> list[Path]:
    """The paths of the first images of an npz file that holds many.

    Args:
        path: the npz file.
        key: name of the array.
        count: of its images.
    """
    folder = Path(path) / key
    return [folder / str(number) for number in range(count)]


def archive_of(path: str | os.PathLike) -> str | None:
    """The npz file that an entry lies in; None of a file of its own.

    Args:
        path: any path.

    Example:
        >>> archive_of(Path("scan.nii.gz")) is None
        True
    """
    # of strings, since it is asked of every image, and `Path.parent` takes longer than reading it
    file = os.path.dirname(os.path.dirname(os.fspath(path)))
    return file if file.lower().endswith(".npz") and os.path.isfile(file) else None


def read_entry(path: Path) -> Image:
    """One image of an npz file that holds many.

    Args:
        path: `FILE.npz/KEY/NUMBER`.

    Raises:
        Problem: there is no such image, or the file cannot be read.
    """
    folder, number = os.path.split(path)
    file, key = os.path.split(folder)
    array = cached_array(file, key)
    if not number.isdecimal() or int(number) >= len(array):
        raise Problem(f"{key} has images 0 to {len(array) - 1}.", path, "Name one of them.")
    return _image(array[int(number)])


def write_npy(path: Path, array: np.ndarray, like: Image) -> None:
    """The array alone.

    Args:
        path: the file.
        array: `(*space)` or `(*space, channels)`.
        like: not used, since the format holds no geometry.
    """
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)


def write_npz(path: Path, array: np.ndarray, like: Image) -> None:
    """The array as `image`, compressed, with its affine.

    Args:
        path: the file.
        array: `(*space)` or `(*space, channels)`.
        like: the image whose affine is written, if it has one.
    """
    with path.open("wb") as file:
        if like.affine is None:
            np.savez_compressed(file, image=array)
        else:
            np.savez_compressed(file, image=array, affine=np.asarray(like.affine, float))


def _image(array: np.ndarray, affine: np.ndarray | None = None) -> Image:
    if array.ndim == 0:
        raise ValueError("a single number")
    if array.ndim == 1:  # a signal: one column of a picture
        array = array[:, None]
    if array.ndim == 2 or (array.ndim == 3 and array.shape[-1] > MOST_CHANNELS):
        array = array[..., None]
    return Image(array, affine, colours=are_colours(array))
