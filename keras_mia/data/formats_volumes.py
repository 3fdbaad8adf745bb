"""NIfTI and MGH, by nibabel."""

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.claims import check_claim
from keras_mia.data.image import Image, integer_type


def read(path: Path) -> Image:
    """A volume in its own voxel order; integers stay integers unless the header scales them.

    A fourth axis holds channels.
    """
    file: Any = nib.load(path)
    check_claim(path, file.shape, file.get_data_dtype().itemsize)
    array = np.array(file.dataobj)
    if array.dtype.fields:  # RGB voxels
        array = np.stack([array[name] for name in ("R", "G", "B")], axis=-1)
    else:
        array = _with_channels(array, path)
    if array.dtype.kind == "f":
        array = array.astype(np.float32)
    return Image(array, np.asarray(file.affine, float))


def _with_channels(array: np.ndarray, path: Path) -> np.ndarray:
    while array.ndim > 4 and array.shape[-1] == 1:
        array = array[..., 0]
    if array.ndim > 4:
        sizes = " x ".join(map(str, array.shape))
        raise Problem(
            f"A volume has 3 axes and channels, this one is {array.ndim}D ({sizes}).",
            path,
            "Take one volume of it, or write each channel as a file of its own (_0000, _0001).",
        )
    return array.reshape(array.shape + (1,) * (4 - array.ndim))


def two_affines(path: Path) -> tuple[np.ndarray, np.ndarray, bool] | None:
    """The sform and the qform of a NIfTI file, and whether both claim to lead to one space.

    Returns:
        Two affines `(4, 4)`, and whether their codes are equal; None where only one is set.

    Raises:
        ValueError: the qform is no rotation.
    """
    header: Any = nib.load(path).header
    codes = {int(header["sform_code"]), int(header["qform_code"])}
    if 0 in codes:
        return None
    return header.get_sform(), header.get_qform(), len(codes) == 1


def write(path: Path, array: np.ndarray, affine: np.ndarray | None) -> None:
    """A volume with sform and qform set; several channels become the fourth axis."""
    if array.ndim == 4 and array.shape[-1] == 1:
        array = array[..., 0]
    if not 2 <= array.ndim <= 4:
        raise ValueError("a volume has 3 axes")
    affine = np.eye(4) if affine is None else np.asarray(affine, float)
    array = narrow(array)
    if path.name.lower().endswith((".mgh", ".mgz")):
        array = array.astype(_mgh_type(array))
        nib.save(nib.MGHImage(array.reshape(array.shape + (1,) * (3 - array.ndim)), affine), path)
        return
    file = nib.Nifti1Image(array, affine)
    file.set_sform(affine, code="scanner")
    axes = affine[:3, :3].T @ affine[:3, :3]
    if np.allclose(axes, np.diag(np.diag(axes)), atol=1e-5 * axes.max()):  # a qform has no shears
        file.set_qform(affine, code="scanner")
    file.header.set_xyzt_units("mm")
    nib.save(file, path)


def narrow(array: np.ndarray) -> np.ndarray:
    """The array in a type that image files hold: no booleans, half floats or 64 bits."""
    if array.dtype.kind == "b":
        return array.astype(np.uint8)
    if array.dtype.kind in "iu":
        if array.dtype.itemsize < 8 or not array.size:
            return array
        return array.astype(integer_type(array.min(), array.max()))
    return array.astype(np.float32)


def _mgh_type(array: np.ndarray) -> np.dtype:
    if array.dtype.kind == "f":
        return np.dtype(np.float32)
    if array.dtype in (np.uint8, np.int16, np.int32):
        return array.dtype
    return integer_type(array.min(), array.max(), "Bhi")
