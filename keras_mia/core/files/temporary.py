"""Temporary folders that do not outlive their process by much."""

import atexit
import shutil
import tempfile
from pathlib import Path

from keras_mia.core.files.process_mark import left_behind, mark

_folders: list[Path] = []


def temporary_folder() -> Path:
    """A new folder below the system's temporary one, removed at the end of this process."""
    remove_left_behind()
    if not _folders:
        atexit.register(remove_temporary)
    _folders.append(Path(tempfile.mkdtemp(prefix=f"{mark()}-")))
    return _folders[-1]


def remove_left_behind() -> None:
    """Removes the folders of processes that are gone (they were killed, or the machine was): it may
    be patients' images."""
    for path in Path(tempfile.gettempdir()).glob("keras-mia-*"):
        if left_behind(path) and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)


def remove_temporary() -> None:
    """Removes the temporary folders of this process."""
    while _folders:
        shutil.rmtree(_folders.pop(), ignore_errors=True)
