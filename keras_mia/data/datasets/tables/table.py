"""Tables as spreadsheets, R and hospitals write them."""

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from keras_mia.core.problem import Problem

SUFFIXES = (".csv", ".tsv", ".tab", ".txt")
DELIMITERS = (",", ";", "\t", "|")
SEVERAL = ";"
"""What stands between the files of a cell."""


@dataclass(frozen=True)
class Table:
    """The rows of a table.

    Args:
        columns: their names, without spaces around them.
        rows: the cells of each row by column, without spaces around them.
        lines: where each row stands in the file, from 1.
        notes: what was understood of the file, in sentences.
    """

    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    lines: tuple[int, ...]
    notes: tuple[str, ...] = ()

    def column(self, name: str) -> str | None:
        """The column that is meant by a name: without regard to case, spaces and underscores."""
        if name in self.columns:
            return name
        alike = [one for one in self.columns if plain(one) == plain(name)]
        return alike[0] if len(alike) == 1 else None


def plain(name: str) -> str:
    """A name as it is compared.

    Example:
        >>> plain("Patient_ID "), plain("patient id")
        ('patientid', 'patientid')
    """
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def parts_of(cell: str) -> list[str]:
    """The files of a cell.

    Example:
        >>> parts_of("t1.nii.gz; t2.nii.gz")
        ['t1.nii.gz', 't2.nii.gz']
    """
    return [part.strip() for part in cell.split(SEVERAL) if part.strip()]


def read_table(path: Path) -> Table:
    """A table with commas, semicolons, tabs or bars between its cells, as its first line tells.

    Raises:
        Problem: it cannot be read, has no rows, or a row has more cells than the first line.
    """
    text, notes = _text(path)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[0].lower().startswith("sep=") and len(lines[0].strip('"')) == 5:
        delimiter, skipped = lines[0][4], 1
    else:
        delimiter, skipped = _delimiter(lines[0]), 0
    reader = csv.reader(
        io.StringIO("\n".join(lines[skipped:])), delimiter=delimiter, skipinitialspace=True
    )
    try:
        every = [(reader.line_num + skipped, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise Problem(
            f"The table cannot be read: {error}.", path, "Save it as CSV again."
        ) from error
    numbered = [(line, cells) for line, cells in every if any(cells)]
    columns = tuple(numbered[0][1]) if numbered else ()
    _check(columns, numbered, path)
    if delimiter != ",":
        notes.append(f"Cells of the table are parted by {_called(delimiter)}.")
    rows = tuple(
        dict(zip(columns, [*cells, *[""] * (len(columns) - len(cells))], strict=False))
        for _, cells in numbered[1:]
    )
    return Table(columns, rows, tuple(line for line, _ in numbered[1:]), tuple(notes))


def _check(columns: Sequence[str], numbered: Sequence[tuple[int, list[str]]], path: Path) -> None:
    for line, cells in numbered[1:]:
        if any(cells[len(columns) :]):
            raise Problem(
                f"Line {line} has {len(cells)} cells, the first line has {len(columns)}.",
                path,
                f'Put a cell that holds {_called(",")} or another separator into quotes: "...".',
            )


def _text(path: Path) -> tuple[str, list[str]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Problem(
            f"The table cannot be read: {error.strerror}.", path, "Check the path."
        ) from error
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace"), []
    if b"\0" in data:
        raise Problem(
            "This is no table of text.", path, "Save it as CSV (in a spreadsheet: Save as, CSV)."
        )
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
        return text, ["The table is not in UTF-8, it is read as Windows-1252."]


def _delimiter(first: str) -> str:
    """What parts the cells of a first line, outside of quotes."""
    bare = "".join(first.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


def _called(delimiter: str) -> str:
    return {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}.get(
        delimiter, repr(delimiter)
    )
