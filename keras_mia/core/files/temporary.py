"""Temporary folders that do not outlive their process by much."""

import atexit
import shutil
import tempfile
from pathlib import Path

from keras_mia.core.files.process_mark import left_behind, mark

_folders: list[Path] = []


def temporary_folder(within: Path | None = None) -> Path:
    """A new folder, removed at the end of this process.

    Args:
        within: the folder that it lies in, hidden; None: the system's temporary one.
    """
    remove_left_behind(within)
    if not _folders:
        atexit.register(remove_temporary)
    prefix = f"{mark()}-" if within is None else f".{mark()}-"
    _folders.append(Path(tempfile.mkdtemp(prefix=prefix, dir=within)))
    return _folders[-1]


def remove_left_behind(within: Path | None = None) -> None:
    """Removes the folders of processes that are gone (they were killed, or the machine was): it may
    be patients' images.

    Args:
        within: the folder to look in, not below it; None: the system's temporary one.
    """
    folders = Path(tempfile.gettempdir()).glob("keras-mia-*")
    for path in folders if within is None else within.glob(".keras-mia-*"):
        if left_behind(path) and path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)


def remove_temporary() -> None:
    """Removes the temporary folders of this process."""
    while _folders:
        shutil.rmtree(_folders.pop(), ignore_errors=True)
