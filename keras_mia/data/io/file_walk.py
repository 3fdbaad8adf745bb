"""The files below a folder: links are followed, hidden ones are left out."""

import os
from collections import deque
from pathlib import Path

from keras_mia.core.problem import Problem

LITTER = {"thumbs.db", "desktop.ini", "icon\r", "dicomdir"}
"""What systems put beside images, in small letters."""


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name is none of the user's.

    Args:
        name: without its folder.

    Example:
        >>> [is_hidden(name) for name in ("._scan.nii.gz", "__MACOSX", "Thumbs.db", "scan.png")]
        [True, True, True, False]
    """
    return name.startswith((".", "__")) or name.lower() in LITTER


def walk(folder: Path) -> list[Path]:
    """The files in a folder and below it, sorted; a link that leads nowhere is one of them.

    A folder is entered once, however many links lead to it, by its own path where it has one; links
    to a folder that they lie in are not followed.

    Args:
        folder: that exists.

    Raises:
        Problem: a folder cannot be read.
    """
    entered: set[str] = set()
    folders, links = deque([folder]), deque[Path]()
    files = []
    while folders or links:
        here = folders.popleft() if folders else links.popleft()
        real = os.path.realpath(here)
        if real in entered:
            continue
        entered.add(real)
        for entry in _entries(here):
            if is_hidden(entry.name):
                continue
            link = entry.is_symlink()
            # of links by os.path, which takes one that leads to itself for no folder
            if not (os.path.isdir(entry.path) if link else entry.is_dir()):
                files.append(entry.path)
            elif not link:
                folders.append(Path(entry.path))
            elif not Path(real).is_relative_to(os.path.realpath(entry.path)):
                links.append(Path(entry.path))
    # as paths compare, but faster: files in `folder` come before those in `folder.x`
    return list(map(Path, sorted(files, key=lambda path: path.replace(os.sep, "\0"))))


def _entries(folder: Path) -> list[os.DirEntry]:
    try:
        with os.scandir(folder) as scanned:
            return list(scanned)
    except OSError as error:
        raise Problem(
            f"The folder cannot be read: {error.strerror}.",
            folder,
            "Allow it to be read, or take it away.",
        ) from error
