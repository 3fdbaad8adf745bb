"""Files that are either whole or not there."""

import contextlib
import csv
import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from keras_mia.core.files.process_mark import left_behind, mark
from keras_mia.core.files.spreadsheet import guarded, unguarded
from keras_mia.core.problem import Problem

LONGEST = 40
"""Characters of a file's name, its end, that the name beside it repeats."""

NO_TEXT = "backslashreplace"
"""What becomes of bytes in names of files that are no UTF-8; JSON reads them again."""

_swept: set[Path] = set()
"""Folders that this process has written to."""

Watcher = Callable[[str, Path, Path], None]
watchers: list[Watcher] = []
"""Called with `"begin"`, `"written"` or `"done"`, the path, and the path beside it, at each write:
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


def write_text(path: str | os.PathLike, text: str) -> None:
    """Writes `text` in UTF-8; bytes of names that are no text are written as `\\udc..`.

    Args:
        path: the file.
        text: its content.

    Raises:
        Problem: it cannot be written.
    """
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8", errors=NO_TEXT)


def write_json(path: str | os.PathLike, data: object) -> None:
    """Writes `data` as JSON that a person can read; NaN becomes null.

    Args:
        path: the file.
        data: mappings, lists, numbers, text, paths, and arrays, which become lists.

    Raises:
        Problem: it cannot be written.
    """
    write_text(path, json.dumps(_plain(data), indent=2, ensure_ascii=False) + "\n")


def _plain(data):
    if isinstance(data, Mapping):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    if hasattr(data, "tolist"):
        return _plain(data.tolist())
    if isinstance(data, float) and data != data:
        return None
    return str(data) if isinstance(data, os.PathLike) else data


def write_csv(
    path: str | os.PathLike, rows: Iterable[Mapping], columns: Iterable[str] = ()
) -> None:
    """Writes a table; after `columns` come the keys of the rows, in order of first appearance.

    What a spreadsheet would run as a formula is quoted, and read again by `read_csv` as it was.

    Args:
        path: the file.
        rows: column -> value; a column that a row lacks stays empty.
        columns: that come first, whether a row has them or not.

    Raises:
        Problem: it cannot be written.
    """
    rows = list(rows)
    columns = list(dict.fromkeys([*columns, *(key for row in rows for key in row)]))
    with (
        atomic(path) as temporary,
        temporary.open("w", newline="", encoding="utf-8", errors=NO_TEXT) as file,
    ):
        writer = csv.writer(file)
        writer.writerow([guarded(column) for column in columns])
        writer.writerows([guarded(row.get(column, "")) for column in columns] for row in rows)


def read_csv(path: str | os.PathLike) -> list[dict[str, str]]:
    """The rows of a table as dictionaries of text.

    Args:
        path: the file, in UTF-8 with or without a mark of it.

    Raises:
        Problem: the file is missing, is not text, or has a row of more or fewer cells.
    """
    rows = []
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            names = [unguarded(name) for name in reader.fieldnames or ()]
            if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
                raise csv.Error(f"two columns are called {twice[0]!r}")
            reader.fieldnames = names
            for row in reader:
                if None in row or None in row.values():  # such as the last one of half a file
                    raise csv.Error(f"line {reader.line_num} has not as many cells as the first")
                rows.append({name: unguarded(cell) for name, cell in row.items()})
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Problem(
            f"The table cannot be read: {error}.", path, "Give a CSV file in UTF-8."
        ) from error
    return rows


def read_json(path: str | os.PathLike) -> dict:
    """The content of a JSON file.

    Args:
        path: the file.

    Returns:
        The object in it, as `json` gives it.

    Raises:
        Problem: the file is missing or is not JSON.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise Problem(
            f"The file cannot be read as JSON: {error}.", path, "Correct or replace it."
        ) from error
