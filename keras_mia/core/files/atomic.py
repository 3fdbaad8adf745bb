"""Files that are either whole or not there."""

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from keras_mia.core.files.process_mark import left_behind, mark
from keras_mia.core.problem import Problem

LONGEST = 40
"""Characters at the end of a file's name that the temporary name repeats."""

_swept: set[Path] = set()
"""Folders that this process has written to."""

Watcher = Callable[[str, Path, Path], None]
watchers: list[Watcher] = []
"""Called with `"begin"`, `"written"` or `"done"`, the path, and the temporary path, at each write:
how a run lists its files, and how tests stop it anywhere."""


@contextlib.contextmanager
def atomic(path: str | os.PathLike, *, durable: bool = True) -> Iterator[Path]:
    """A temporary path beside `path` to write to; it replaces `path` once the block ends well.

    The name ends as `path` does, so that writers which look at the suffix see the right one. What
    processes that are gone had begun to write in the folder is removed at the first write there.

    Args:
        path: the file.
        durable: whether it has to be on the disk before it takes the place of an older one, so that
            a loss of power leaves one of them. Not for what can be made again.

    Raises:
        Problem: the folder cannot be written to, or the disk is full.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if (folder := path.parent.resolve()) not in _swept:
            _swept.add(folder)
            remove_unfinished(folder)
        handle, name = tempfile.mkstemp(
            prefix=f".{mark()}-", suffix="-" + path.name[-LONGEST:], dir=path.parent
        )
        os.close(handle)
        os.chmod(name, 0o666 & ~_umask())
    except OSError as error:
        raise Problem(
            f"Cannot write here: {error.strerror}.", path, "Choose another --output."
        ) from error
    temporary = Path(name)
    try:
        _notify("begin", path, temporary)
        yield temporary
        _notify("written", path, temporary)
        if durable:
            _sync(temporary)
        os.replace(temporary, path)
        if durable:
            _sync(path.parent)
        _notify("done", path, temporary)
    except OSError as error:
        raise Problem(
            f"Writing failed: {error.strerror or error}.{_space_left(error, path)}",
            path,
            "Free some space, or choose another --output.",
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _notify(event: str, path: Path, temporary: Path) -> None:
    for watcher in watchers:
        watcher(event, path, temporary)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # a file system that cannot
            raise
    finally:
        os.close(handle)


def _space_left(error: OSError, path: Path) -> str:
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return ""
    return f" {shutil.disk_usage(path.parent).free / 2**20:,.0f} MiB are free there."


def reserve(path: Path, size: int) -> None:
    """Takes the space of a file that is then written through a memory map.

    Writing to a map of a file whose space is not there ends the process by a signal (SIGBUS).

    Args:
        path: of a file that is there.
        size: in bytes.

    Raises:
        Problem: the disk has not as much.
    """
    try:
        with path.open("r+b") as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
            elif shutil.disk_usage(path.parent).free < size:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        free = shutil.disk_usage(path.parent).free
        raise Problem(
            f"There is no room for {size / 2**20:,.0f} MiB of prepared images: {error.strerror},"
            f" {free / 2**20:,.0f} MiB are free, {max(0, size - free) / 2**20:,.0f} MiB are"
            " missing.",
            path.parent,
            "Free some space, or name a folder on another disk by --cache.",
        ) from error


def remove_unfinished(folder: Path) -> None:
    """Removes what processes that are gone were writing in a folder, not below it.

    A file counts by its whole name, which says the machine and the process that made it: files of
    running processes, those of other machines, and others of a like name stay.

    Args:
        folder: may be missing.
    """
    if folder.is_dir():
        for path in folder.iterdir():
            if left_behind(path) and path.is_file() and not path.is_symlink():
                path.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
