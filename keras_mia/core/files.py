"""Files that are either whole or not there."""

import contextlib
import csv
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from keras_mia.core.problem import Problem

UNFINISHED = ".writing-"


@contextlib.contextmanager
def atomic(path: str | os.PathLike) -> Iterator[Path]:
    """A path beside `path` to write to; it takes the place of `path` once the block ends well.

    The name ends as `path` does, so that writers which look at the suffix see the right one.

    Raises:
        Problem: the folder cannot be written to, or the disk is full.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=UNFINISHED, suffix="-" + path.name, dir=path.parent)
        os.close(handle)
        os.chmod(name, 0o666 & ~_umask())
    except OSError as error:
        raise Problem(
            f"Cannot write here: {error.strerror}.", path, "Choose another --output."
        ) from error
    beside = Path(name)
    try:
        yield beside
        os.replace(beside, path)
    except OSError as error:
        raise Problem(
            f"Writing failed: {error.strerror or error}.",
            path,
            "Free some space, or choose another --output.",
        ) from error
    finally:
        beside.unlink(missing_ok=True)


def remove_unfinished(folder: Path) -> None:
    """Removes what `atomic` was writing below a folder when its process was killed."""
    for path in folder.rglob(f"{UNFINISHED}*"):
        path.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def check_new(path: str | os.PathLike, overwrite: bool) -> None:
    """Sees to it that no file is replaced unless it was said.

    Raises:
        Problem: it would be.
    """
    if Path(path).exists() and not overwrite:
        raise Problem(
            "There is such a file already.",
            path,
            "Say --overwrite to replace it, or choose another --output.",
        )


def check_folder(path: str | os.PathLike) -> None:
    """Sees to it that a folder is there, or can be made; it is not made yet.

    Raises:
        Problem: something else is there, or it may not be written to.
    """
    path = Path(path)
    there = next((one for one in (path, *path.absolute().parents) if one.exists()), path)
    if there.is_dir() and os.access(there, os.W_OK):
        return
    why = "Permission denied" if there.is_dir() else "Not a directory"
    raise Problem(f"Cannot write here: {why}.", there, "Choose another --output.")


def write_text(path: str | os.PathLike, text: str) -> None:
    """Writes `text` in UTF-8."""
    with atomic(path) as beside:
        beside.write_text(text, encoding="utf-8")


def write_json(path: str | os.PathLike, data: object) -> None:
    """Writes `data` as JSON that a person can read; NaN becomes null."""
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
    """Writes a table; after `columns` come the keys of the rows, in order of first appearance."""
    rows = list(rows)
    columns = list(dict.fromkeys([*columns, *(key for row in rows for key in row)]))
    with atomic(path) as beside, beside.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def read_csv(path: str | os.PathLike) -> list[dict[str, str]]:
    """The rows of a table as dictionaries of text.

    Raises:
        Problem: the file is missing or is not text.
    """
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Problem(
            f"The table cannot be read: {error}.", path, "Give a CSV file in UTF-8."
        ) from error


def read_json(path: str | os.PathLike) -> dict:
    """The content of a JSON file.

    Raises:
        Problem: the file is missing or is not JSON.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Problem(
            f"The file cannot be read as JSON: {error}.", path, "Mend or replace it."
        ) from error
