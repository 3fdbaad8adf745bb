"""Reading and writing images and label maps, whatever their format."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from keras_mia.core.files.atomic import atomic
from keras_mia.core.problem import Problem
from keras_mia.data.geometry.affines import shear
from keras_mia.data.image import Image, as_slice, put_on
from keras_mia.data.io.dicom import images
from keras_mia.data.io.formats import SUFFIX_LIST, Reader, format_of, image_files, suffix_of
from keras_mia.data.io.labels.binary import where_set
from keras_mia.data.io.labels.integers import whole_numbers
from keras_mia.data.io.signatures import begins_as
from keras_mia.data.io.virtual_paths import source_of

SHEAR_DEG = 1.0
"""From this angle on it is said that axes are not at right angles."""


def read_image(path: str | os.PathLike) -> Image:
    """Reads an image file; the format follows from the suffix.

    NIfTI (also as a pair .hdr and .img), MGH, MetaImage and NRRD are always volumes, in the file's
    own voxel order; DICOM is so too (columns, rows, slices), and is read from a file of one or
    several slices, whatever its name, or from a folder: the series in it, or below it, that has
    the most slices. Its pixels come with slope and intercept (Hounsfield units of CT). Lengths are
    in mm, whatever unit the header has them in. Pictures are (rows, columns),
    without an alpha channel. A TIFF of several equal pages is a volume (rows, columns, pages).
    An array in npy or npz is `(*space)` or `(*space, channels)`: with three axes, a last one of
    at most 4 holds channels; npz holds one array, or one named `image` or `array`, and may hold
    an `affine`.

    Args:
        path: the file, or the folder of a DICOM series; `FOLDER/FILE/series` is that which a file
            of a folder with several belongs to.

    Returns:
        An `Image`, channels last.

    Raises:
        Problem: the file is missing, broken or of an unknown kind.
    """
    path = path if isinstance(path, Path) else Path(path)
    return _read(path, format_of(path).read)


def read_label(
    path: str | os.PathLike, like: Image | None = None, values: str | None = None
) -> Image:
    """Reads a label map: integers, one channel.

    Grey values are read as they are displayed, and the indices of a coloured palette as labels;
    numbers that are whole but for 0.001 are rounded. A folder holds one file an instance: they are
    merged, 1 where any of them is not 0. Of a DICOM Segmentation the voxels of a segment have its
    number, or the label value of training where `predict` wrote it.

    Args:
        path: the file or folder.
        like: the image that it belongs to: a DICOM Segmentation, which may leave out empty slices,
            is put on its grid, and so is a picture of an image of one slice, and the reverse.
        values: of a picture, "displayed" or "stored", as `pictures.pillow.read_label` takes it.

    Returns:
        An `Image` of shape `(*space, 1)` and an integer dtype.

    Raises:
        Problem: the file cannot be read, has values that are not whole, or colours.
    """
    path = Path(path)
    if path.is_dir():
        return as_slice(_merged(path), like, path) if like else _merged(path)
    kind = format_of(path)
    special = kind.read_label
    image = _read(path, kind.read if special is None else lambda path: special(path, values))
    label = whole_numbers(image, path)
    if like is None:
        return label
    if images.is_segmentation(path):
        return put_on(label, like)
    return as_slice(label, like, path)


def write_image(
    path: str | os.PathLike,
    array: np.ndarray,
    affine: np.ndarray | None = None,
    *,
    like: Image | None = None,
) -> None:
    """Writes an image file; the format follows from the suffix. The file is whole or not there.

    Args:
        path: the file.
        array: `(*space)` or `(*space, channels)`; a single channel is dropped.
        affine: `(4, 4)` to RAS mm, for formats that hold one; None of an array without orientation.
        like: an image on the same grid, in place of `affine`: the geometry in its header is written
            again, so that every program places both alike.

    Raises:
        Problem: the suffix is unknown, or the format cannot hold such an array.
    """
    kind = format_of(path)
    array = np.asarray(array)
    if kind.write is None:
        raise Problem(
            "Files of this kind are only read.",
            path,
            f"Write {kind.written_as}.",
        )
    with atomic(path) as temporary:
        try:
            kind.write(temporary, array, like or Image(np.zeros((1, 1, 1, 1)), affine))
        except (ValueError, TypeError) as error:
            raise Problem(
                f"This format cannot hold an array of shape {array.shape} and type {array.dtype}:"
                f" {error}.",
                path,
                "Write NIfTI (.nii.gz) or .npz.",
            ) from error


def _read(path: Path, reader: Reader) -> Image:
    if not source_of(path).exists():
        if path.is_symlink():
            to = os.readlink(path)
            raise Problem(f"The link leads nowhere: to {to}.", path, "Link to a file that exists.")
        raise Problem("There is no such file.", path, "Check the path.")
    try:
        image = reader(path)
    except Problem:
        raise
    except MemoryError as error:
        raise Problem(
            "The image does not fit into memory, or its header is broken.", path, "Check its size."
        ) from error
    except Exception as error:  # readers fail on broken files in any way they like
        message = " ".join(str(error).split())[:200] or type(error).__name__
        begins = begins_as(path)
        reason = f"it begins as {begins.what} does" if begins else f"the reader found: {message}"
        raise Problem(
            f"The file cannot be read: an image in {suffix_of(path) or 'DICOM'} was expected,"
            f" {reason}.",
            path,
            begins.remedy if begins else "Replace it by a whole copy, or leave the case out.",
        ) from error
    return _checked(image, path)


def _checked(image: Image, path: Path) -> Image:
    array = image.array
    if image.rank not in (2, 3) or 0 in array.shape:
        raise Problem(
            f"A picture or a volume was expected, found an array of shape {array.shape}.",
            path,
            "Take a 2D image or one volume.",
        )
    if array.dtype.kind not in "biuf":
        raise Problem(f"Numbers were expected, found {array.dtype}.", path, "Convert the file.")
    if not _measured(image):
        raise Problem(
            "The header does not say where the voxels lie (its affine is singular) or how large"
            " they are.",
            path,
            "Correct the affine, for instance to the voxel sizes on its diagonal.",
        )
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if array.dtype.kind == "b":
        array = array.astype(np.uint8)
    if image.affine is not None and (angle := shear(image.affine)) > SHEAR_DEG:
        askew = f"Axes are {angle:.0f} degrees off right angles, as of a tilted gantry"
        image = replace(image, remarks=(*image.remarks, askew))
    return replace(image, array=array)


def _measured(image: Image) -> bool:
    spacing = np.array(image.spacing)
    if not (np.isfinite(spacing).all() and (spacing > 0).all()):
        return False
    if image.affine is None:
        return True
    directions = image.affine[:3, :3] / np.linalg.norm(image.affine[:3, :3], axis=0)
    return bool(np.isfinite(image.affine).all() and abs(np.linalg.det(directions)) > 1e-6)


def _merged(folder: Path) -> Image:
    files = image_files(folder)
    if not files:
        raise Problem("The folder holds no image.", folder, f"Put masks into it ({SUFFIX_LIST}).")
    first = read_label(files[0])
    union = where_set(first.array, files[0])
    for file in files[1:]:
        mask = read_label(file).array
        if mask.shape != union.shape:
            raise Problem(
                f"The masks of one image differ in shape: {union.shape[:-1]} in {files[0].name},"
                f" {mask.shape[:-1]} here.",
                file,
                "Give masks of the image's own size.",
            )
        union |= where_set(mask, file)
    return replace(first, array=union.astype(np.uint8))
