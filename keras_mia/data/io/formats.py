"""Reading and writing image files: one table from suffix to reader and writer."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from keras_mia.core.files.atomic import atomic
from keras_mia.core.problem import Problem
from keras_mia.data.geometry import shear
from keras_mia.data.image import Image, as_slice, put_on
from keras_mia.data.io import numpy_images
from keras_mia.data.io.dicom import images, segmentation
from keras_mia.data.io.labels.binary import where_set
from keras_mia.data.io.labels.integers import whole_numbers
from keras_mia.data.io.pictures import pillow, tiff
from keras_mia.data.io.signatures import begins_as
from keras_mia.data.io.virtual_paths import file_of_series, source_of
from keras_mia.data.io.volumes import itk, nifti

Reader = Callable[[Path], Image]
LabelReader = Callable[[Path, str | None], Image]
Writer = Callable[[Path, np.ndarray, Image], None]


@dataclass(frozen=True)
class Format:
    """How a kind of file is read and written.

    Args:
        read: from a path.
        write: to a path; None where files of this kind are only read.
        read_label: where label maps are read otherwise; pictures take which `values` are meant.
        written_as: the suffix of label maps for images of this kind, where it is another.
    """

    read: Reader
    write: Writer | None
    read_label: LabelReader | None = None
    written_as: str | None = None


_VOLUME = Format(nifti.read, nifti.write)
_PNG = Format(pillow.read, pillow.write, pillow.read_label)
_BLURRED = replace(_PNG, written_as=".png")
_PICTURE = replace(_BLURRED, write=None)
_TIFF = Format(tiff.read, tiff.write, tiff.read_label)
_ITK = Format(itk.read, itk.write)
_ENTRY = Format(numpy_images.read_entry, None, written_as=".npz")
_DICOM = Format(
    images.read,
    None,
    lambda path, values: segmentation.read_label(path),
    written_as=".nii.gz",
)
PICTURES = (
    *(".jpe", ".jfif", ".mpo", ".bmp", ".dib", ".webp", ".avif", ".jp2", ".j2k", ".jpf", ".jpx"),
    *(".ppm", ".pgm", ".pbm", ".pnm", ".pfm", ".tga", ".pcx"),
)
"""What Pillow reads beside PNG, JPEG and GIF; label maps of such images are written as PNG."""
FORMATS = {
    ".nii": _VOLUME,
    ".nii.gz": _VOLUME,
    ".hdr": Format(nifti.read, None, written_as=".nii.gz"),
    ".mgh": _VOLUME,
    ".mgz": _VOLUME,
    ".mha": _ITK,
    ".mhd": Format(itk.read, None, written_as=".mha"),
    ".nrrd": _ITK,
    ".nhdr": Format(itk.read, None, written_as=".nrrd"),
    ".dcm": _DICOM,
    ".png": _PNG,
    ".jpg": _BLURRED,
    ".jpeg": _BLURRED,
    ".gif": _BLURRED,
    **dict.fromkeys(PICTURES, _PICTURE),
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".npy": Format(numpy_images.read_npy, numpy_images.write_npy),
    ".npz": Format(numpy_images.read_npz, numpy_images.write_npz),
}
SUFFIX_LIST = ", ".join(FORMATS)
SUFFIXES = tuple(FORMATS)
LOSSY = (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".avif")
"""Suffixes of files that change values a little."""
SHEAR_DEG = 1.0
"""From this angle on it is said that axes are not at right angles."""


def suffix_of(path: str | os.PathLike) -> str | None:
    """The suffix by which a file is read, as its name has it ("scan.NII.gz" -> ".NII.gz").

    Args:
        path: of a file that need not exist.

    Returns:
        None where no format has such a suffix.
    """
    name = os.path.basename(path)
    lower = name.lower()
    if not lower.endswith(SUFFIXES):
        return None
    # suffixes have one dot or two; asked of every file several times
    last = lower.rfind(".")
    start = lower.rfind(".", 0, last)
    return name[start if start >= 0 and lower[start:] in FORMATS else last :]


def stem_of(path: str | os.PathLike) -> str:
    """A file's name without its suffix; the name itself where the suffix is not known.

    Args:
        path: of a file that need not exist.
    """
    name, suffix = os.path.basename(os.fspath(path).rstrip(os.sep)), suffix_of(path)
    return name.removesuffix(suffix) if suffix else name


def label_suffix(path: str | os.PathLike) -> str:
    """The suffix of the label map of an image: its own, where that keeps labels as they are.

    Args:
        path: of the image.

    Raises:
        Problem: files of this kind are not known.

    Example:
        >>> label_suffix("scan.nii.gz"), label_suffix("photo.JPG"), label_suffix("scan.mhd")
        ('.nii.gz', '.png', '.mha')
    """
    return _format(path).written_as or suffix_of(path) or ""


def holds_volume(path: str | os.PathLike) -> bool:
    """Whether files of this kind are volumes, if only of one slice; a folder of masks is its first.

    Args:
        path: of an image or label map.

    Raises:
        Problem: files of this kind are not known.

    Example:
        >>> holds_volume("scan.nii.gz"), holds_volume("photo.png")
        (True, False)
    """
    path = Path(path)
    if path.is_dir() and (files := image_files(path)):
        path = files[0]
    return _format(path).read in (nifti.read, itk.read, images.read)


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
    return _read(path, _format(path).read)


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
    kind = _format(path)
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
    kind = _format(path)
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


def image_files(folder: Path) -> list[Path]:
    """The files of a folder that can be read, sorted; hidden ones are left out.

    Args:
        folder: that exists.
    """
    paths = (path for path in folder.iterdir() if not path.name.startswith("."))
    return sorted(path for path in paths if suffix_of(path) and not path.is_dir())


def _format(path: str | os.PathLike) -> Format:
    suffix = suffix_of(path)
    if suffix is None and numpy_images.archive(path):
        return _ENTRY
    path = Path(path)
    if path.is_dir() or file_of_series(path):
        return _DICOM
    if suffix is None and path.is_file() and images.is_dicom(path):
        return _DICOM
    if suffix is None and path.suffix.lower() == ".img" and path.with_suffix(".hdr").exists():
        raise Problem(
            "These are the voxels of a pair of files.", path, "Name its header beside it, .hdr."
        )
    if suffix is None:
        suffixes = "".join(path.suffixes[-2:]) or "no suffix"
        raise Problem(
            f"This kind of file is not known: {suffixes}.",
            path,
            f"Convert it to one of {SUFFIX_LIST}.",
        )
    return FORMATS[suffix.lower()]


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
