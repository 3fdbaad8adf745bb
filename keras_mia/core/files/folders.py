"""Whether files and folders can be written, said before the work begins."""

import os
import tempfile
from pathlib import Path

from keras_mia.core.problem import Problem


def check_new(path: str | os.PathLike, overwrite: bool) -> None:
    """Sees to it that a file can be written, and that none is replaced unless it was said.

    Args:
        path: the file to be written.
        overwrite: whether it may replace one.

    Raises:
        Problem: it would be, or something else than a file is there, or no folder can be.
    """
    path = Path(path)
    check_folder(path.parent)
    if os.path.lexists(path) and not path.is_file():  # a device would be replaced by a file
        raise Problem("This is no file to write to.", path, "Choose another --output.")
    if path.exists() and not overwrite:
        raise Problem(
            "There is such a file already.",
            path,
            "Say --overwrite to replace it, or choose another --output.",
        )


def check_folder(path: str | os.PathLike) -> None:
    """Sees to it that a folder is there, or can be made; it is not made yet.

    Args:
        path: the folder.

    Raises:
        Problem: something else is there, or it may not be written to.
    """
    path = Path(path)
    there = next((one for one in (path, *path.absolute().parents) if os.path.lexists(one)), path)
    if there.is_symlink() and not there.exists():
        raise Problem("This link leads nowhere.", there, "Remove it, or choose another --output.")
    if there.is_dir() and os.access(there, os.W_OK):
        return
    why = "Permission denied" if there.is_dir() else "Not a directory"
    raise Problem(f"Cannot write here: {why}.", there, "Choose another --output.")


def make_folder(path: str | os.PathLike) -> None:
    """Makes a folder, and tries to write in it: what rights say is not all that decides.

    Args:
        path: the folder; those above it are made too.

    Raises:
        Problem: one of them fails.
    """
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=Path(path)) as file:
            file.write(b"x")
            file.flush()
    except OSError as error:
        raise Problem(
            f"Cannot write here: {error.strerror}.", path, "Choose another folder."
        ) from error
