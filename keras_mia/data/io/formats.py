"""The formats of image files: one table from suffix to reader and writer."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.image import Image
from keras_mia.data.io import numpy_images
from keras_mia.data.io.dicom import images, segmentation
from keras_mia.data.io.pictures import pillow, tiff
from keras_mia.data.io.virtual_paths import file_of_series
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
    return format_of(path).written_as or suffix_of(path) or ""


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
    return format_of(path).read in (nifti.read, itk.read, images.read)


def image_files(folder: Path) -> list[Path]:
    """The files of a folder that can be read, sorted; hidden ones are left out.

    Args:
        folder: that exists.
    """
    paths = (path for path in folder.iterdir() if not path.name.startswith("."))
    return sorted(path for path in paths if suffix_of(path) and not path.is_dir())


def format_of(path: str | os.PathLike) -> Format:
    """The format by which an image or label map is read.

    Args:
        path: as `read_image` takes it.

    Raises:
        Problem: files of this kind are not known.
    """
    suffix = suffix_of(path)
    if suffix is None and numpy_images.archive_of(path):
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
