"""Which files and folders below a folder are images: one rule for every command."""

import contextlib
import functools
import os
from collections.abc import Sequence
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.core.text import natural_key
from keras_mia.data.io.dicom.images import is_dicom, is_segmentation, series_in
from keras_mia.data.io.file_walk import is_hidden, walk
from keras_mia.data.io.formats import image_files, stem_of, suffix_of

PROJECTIONS = {"CR", "DX", "MG", "XA", "RF", "US", "IO", "PX", "OP", "OPT", "XC", "ES", "GM", "SM"}
"""Modalities whose pictures are no slices of a volume."""


def folders(path: Path) -> list[Path]:
    """The folders in a folder in natural order; hidden ones are left out."""
    below = (x for x in path.iterdir() if x.is_dir() and not is_hidden(x.name))
    return sorted(below, key=lambda x: natural_key(x.name))


def entries(folder: Path, instances: bool = False) -> list[Path]:
    """The images below a folder, or with `instances` its files and its folders of instances.

    A folder with the DICOM slices of a volume is one image; DICOM files of which none is another
    slice of the same volume are images by themselves. A DICOM Segmentation beside the same mask as
    NIfTI, as `predict` writes both, is left out.
    """
    if instances:
        files = [path for path in image_files(folder) if not _also_nifti(path)]
        return files + [x for x in folders(folder) if image_files(x)]
    images: list[Path] = []
    slices: dict[Path, list[Path]] = {}
    for path in walk(folder):
        if is_dicom(path):
            slices.setdefault(path.parent, []).append(path)
        elif suffix_of(path):
            images.append(path)
    for parent, files in slices.items():
        images += _dicom_images(parent, files, lone=parent == folder)
    skipped = len(os.fspath(folder / "x")) - 1
    return sorted(images, key=lambda path: natural_key(os.fspath(path)[skipped:]))


def entries_for(folder: Path, partners: int) -> list[Path]:
    """The images below a folder that are to have partners: the slices of one volume by themselves,
    where there is more than one partner."""
    files = entries(folder)
    return slices_in(folder) if files == [folder] and partners > 1 else files


def slices_in(folder: Path) -> list[Path]:
    """The DICOM files that lie in a folder itself."""
    files = (path for path in folder.iterdir() if not is_hidden(path.name))
    return sorted(path for path in files if path.is_file() and is_dicom(path))


def _dicom_images(folder: Path, files: Sequence[Path], lone: bool) -> list[Path]:
    """The images that the DICOM files of one folder are.

    Args:
        folder: they lie in it.
        files: all of them.
        lone: whether a single file is named by itself, and not by its folder.
    """
    images = [path for path in files if not is_segmentation(path)]
    if not images:
        return [path for path in files if not _also_nifti(path)]
    if len(images) == 1:
        return images if lone else [folder]
    return images if _survey(_stamps(images))[0] else [folder]


def series_in_folder(folder: Path) -> tuple[tuple[str, str], ...]:
    """What headers call each DICOM series whose files lie in a folder itself, and a file of it;
    that with the most slices first."""
    files = [path for path in slices_in(folder) if not is_segmentation(path)]
    return _survey(_stamps(files))[1] if files else ()


def _stamps(files: Sequence[Path]) -> tuple[tuple[str, int], ...]:
    return tuple((str(path), os.stat(path).st_mtime_ns) for path in files)


@functools.lru_cache(maxsize=65536)
def _survey(files: tuple[tuple[str, int], ...]) -> tuple[bool, tuple[tuple[str, str], ...]]:
    """Whether DICOM files are images by themselves, no slices of a volume; and their series."""
    with contextlib.suppress(Problem):  # whoever reads the image says what is wrong with it
        series = series_in([Path(path) for path, _ in files])
        single = all(
            len(one) == 1 or all(each.modality in PROJECTIONS and not each.placed for each in one)
            for one in series
        )
        return single, tuple((one[0].description, str(one[0].path)) for one in series)
    return False, ()


def _also_nifti(path: Path) -> bool:
    """Whether it is a DICOM Segmentation that lies there as NIfTI too."""
    nifti = path.with_name(f"{stem_of(path)}.nii.gz")
    return path.suffix == ".dcm" and nifti.exists() and is_segmentation(path)
