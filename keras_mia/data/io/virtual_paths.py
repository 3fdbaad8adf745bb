"""What on disk an image is read from, where its path is no file: a DICOM series of several in one
folder is `FOLDER/FILE/series`, FILE being one of its own, an image of an npz file `FILE.npz/KEY/3`.
"""

import os
from pathlib import Path

from keras_mia.data.io.numpy_images import archive_of

SERIES = "series"


def series_at(file: Path) -> Path:
    """The path of the DICOM series that a file in a folder belongs to.

    Args:
        file: one of the series.

    Example:
        >>> series_at(Path("p1", "IM7")).as_posix()
        'p1/IM7/series'
    """
    return file / SERIES


def file_of_series(path: str | os.PathLike) -> Path | None:
    """A file of the DICOM series that a path of `series_at` names; None of other paths.

    Args:
        path: any path.
    """
    file, name = os.path.split(path)
    return Path(file) if name == SERIES and os.path.isfile(file) else None


def source_of(path: Path) -> Path:
    """The file or folder on disk that an image is read from: `path` itself, mostly.

    Args:
        path: of an image, as `read_image` takes it.
    """
    if holder := archive_of(path):
        return Path(holder)
    file = file_of_series(path)
    return path if file is None else file.parent
