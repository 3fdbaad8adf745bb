"""NIfTI, Analyze and MGH, by nibabel."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from nibabel.volumeutils import apply_read_scaling

from keras_mia.core.problem import Problem
from keras_mia.data.image import Image, integer_type
from keras_mia.data.io.header_size import check_header_size
from keras_mia.data.io.volumes import nifti_headers


def read(path: Path) -> Image:
    """A volume in its own voxel order; integers stay integers unless the header scales them.

    A fourth axis holds channels. Where sform and qform disagree the sform counts, as for nibabel.

    Args:
        path: of NIfTI, Analyze or MGH.

    Returns:
        An `Image` with an affine where the header gives an orientation.

    Raises:
        Problem: it has more than four axes, or claims more than memory can hold.
    """
    # A map of the file would be copied, and then be in memory twice. One that is opened again for
    # each slice would be decompressed again from its beginning.
    file: Any = nib.load(path, mmap=False, keep_file_open=True)
    check_header_size(path, file.shape, file.get_data_dtype().itemsize)
    array = _scaled(file.dataobj)
    colours = array.dtype.fields is not None  # RGB voxels
    if colours:
        array = np.stack([array[name] for name in ("R", "G", "B")], axis=-1)
    else:
        array = _with_channels(array, path)
    return replace(nifti_headers.with_geometry(file, array), colours=colours)


def _scaled(voxels: Any) -> np.ndarray:
    """The voxels times slope plus intercept, as nibabel has it, in memory once.

    A compressed file that is read as a whole would be there twice, scaled voxels in float64.
    """
    slope, intercept = np.asanyarray(voxels.slope), np.asanyarray(voxels.inter)
    stored = voxels.dtype
    if stored.kind not in "iuf":
        return apply_read_scaling(voxels.get_unscaled(), slope, intercept)
    whole = stored.kind in "iu" and (slope, intercept) == (1, 0)
    array = np.empty(voxels.shape, stored.newbyteorder("=") if whole else np.float32, order="F")
    last = max((axis for axis, size in enumerate(voxels.shape) if size > 1), default=0)
    index: list[Any] = [slice(None)] * array.ndim
    for position in range(voxels.shape[last] if array.ndim else 0):
        index[last] = position
        array[tuple(index)] = voxels[tuple(index)]
    return array


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


def write(path: Path, array: np.ndarray, like: Image) -> None:
    """A volume placed as another image is; several channels become the fourth axis.

    Args:
        path: of NIfTI or MGH.
        array: `(x, y, z)` or `(x, y, z, channels)`.
        like: the image whose geometry is written.

    Raises:
        ValueError: the array has other axes.
    """
    if array.ndim == 4 and array.shape[-1] == 1:
        array = array[..., 0]
    if not 2 <= array.ndim <= 4:
        raise ValueError("a volume has 3 axes")
    array = narrow(array)
    if path.name.lower().endswith((".mgh", ".mgz")):
        array = array.astype(_mgh_type(array))
        array = array.reshape(array.shape + (1,) * (3 - array.ndim))
        nib.save(nifti_headers.mgh_image(array, like), path)
        return
    flat = isinstance(like.header, nib.Nifti1Header) and like.header["dim"][0] == 2
    if flat and array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    file = nib.Nifti1Image(array, None)
    nifti_headers.copy_geometry(file.header, like)
    nib.save(file, path)


def narrow(array: np.ndarray) -> np.ndarray:
    """The array in a type that image files hold: no booleans, half floats or 64 bits.

    Args:
        array: of any dtype.

    Returns:
        The array itself where its type fits.
    """
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
