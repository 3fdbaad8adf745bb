"""numpy's own files."""

import zipfile
from pathlib import Path

import numpy as np
from numpy.lib.format import read_array_header_1_0, read_array_header_2_0, read_magic

from keras_mia.core.problem import Problem
from keras_mia.data.claims import check_claim
from keras_mia.data.image import Image

NAMES = ("image", "array")
MOST_CHANNELS = 4


def read_npy(path: Path) -> Image:
    """An array; nothing in the file is executed."""
    # A map of more than the file holds fails before memory is asked for.
    return Image(_channels_last(np.array(np.load(path, mmap_mode="r", allow_pickle=False))))


def read_npz(path: Path) -> Image:
    """The only array, or the one named `image` or `array`; with `affine` where there is one."""
    with np.load(path, allow_pickle=False) as file:
        arrays = [name for name in file.files if name != "affine"]
        named = [name for name in NAMES if name in arrays]
        if not named and len(arrays) != 1:
            raise Problem(
                f"One array, or one named {' or '.join(NAMES)}, was expected; found"
                f" {', '.join(arrays) or 'none'}.",
                path,
                "Save it with numpy.savez(path, image=array).",
            )
        affine = np.asarray(file["affine"], float) if "affine" in file.files else None
        chosen = (named or arrays)[0]
        _check_header(path, chosen)
        array = file[chosen]
    if affine is not None and affine.shape != (4, 4):
        raise Problem(f"An affine is 4 x 4, found shape {affine.shape}.", path, "Mend `affine`.")
    return Image(_channels_last(array), affine)


def _check_header(path: Path, name: str) -> None:
    with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as member:
        old = read_magic(member) == (1, 0)
        shape, _, dtype = (read_array_header_1_0 if old else read_array_header_2_0)(member)
    check_claim(path, shape, dtype.itemsize)


def write_npy(path: Path, array: np.ndarray, affine: np.ndarray | None) -> None:
    """The array alone."""
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)


def write_npz(path: Path, array: np.ndarray, affine: np.ndarray | None) -> None:
    """The array as `image`, compressed, with its affine."""
    with path.open("wb") as file:
        if affine is None:
            np.savez_compressed(file, image=array)
        else:
            np.savez_compressed(file, image=array, affine=np.asarray(affine, float))


def _channels_last(array: np.ndarray) -> np.ndarray:
    if array.ndim == 2 or (array.ndim == 3 and array.shape[-1] > MOST_CHANNELS):
        return array[..., None]
    return array
