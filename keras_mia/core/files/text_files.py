"""Text, JSON and CSV files, written whole or not at all."""

import csv
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from keras_mia.core.files.atomic import atomic
from keras_mia.core.files.spreadsheet import guarded, unguarded
from keras_mia.core.problem import Problem

NO_TEXT = "backslashreplace"
"""What becomes of bytes in names of files that are no UTF-8; JSON reads them again."""


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
