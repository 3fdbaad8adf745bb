"""What tells whether the files of a case are still the same."""

import os
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.cases import Case, Slab
from keras_mia.data.io.file_walk import walk
from keras_mia.data.io.virtual_paths import source_of


def file_state(path: Path | str | None) -> tuple:
    """What tells whether a file, or a folder's files, are still the same: path, size and time."""
    if path is None:
        return ()
    path = Path(path)
    source = source_of(path)
    stamps = tuple(map(_file_state, walk(source) if source.is_dir() else [source]))
    return stamps if source == path else (str(path), *stamps)


def _file_state(file: Path | str) -> tuple:
    at = os.stat(file)
    return os.path.abspath(file), at.st_size, at.st_mtime_ns


def case_key(case: Case) -> tuple:
    """What a prepared image, and a label map with its region, follow from."""
    try:
        images = tuple(file_state(path) for path in case.images)
        within = case.region.within if isinstance(case.region, Slab) else case.region
        target = tuple(file_state(path) for path in (case.target.files if case.target else ()))
        return images, target, repr(case.target), file_state(within), repr(case.region)
    except OSError as error:
        raise Problem(
            f"The file cannot be read: {error.strerror}.", error.filename, "Check that it exists."
        ) from error
