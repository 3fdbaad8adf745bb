"""Which columns of a table hold what."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.files.naming import SPLIT_NAMES
from keras_mia.data.datasets.tables.table import Table, plain
from keras_mia.data.io.formats import suffix_of

UNUSED = "extra"
"""The split of rows that take no part."""
PATIENTS = (
    *("patient", "patientid", "patientnumber", "patientno", "patientkey", "pid", "ptid", "mrn"),
    *("subject", "subjectid", "subjectnumber", "subj", "participant", "participantid", "personid"),
)
SPLITS = ("split", "datasplit", "set", "subset", "partition", "phase", "usage")
FOLDS = ("fold", "folds", "kfold", "cvfold", "foldid")


@dataclass(frozen=True)
class Columns:
    """The names of the columns; those of region, split, patient and name may be None.

    Several labels are several targets of each image; without any it is the column that the form of
    the targets has.
    """

    image: str = "image"
    labels: tuple[str, ...] = ()
    region: str | None = None
    split: str | None = None
    patient: str | None = None
    name: str | None = None


def columns_of(table: Table, columns: Columns, path: Path) -> tuple[Columns, list[str]]:
    """The columns as a table spells them, and which were recognized, in sentences.

    A column that was named has to be there; patients, a split, a region and names of cases are
    looked for under their usual names.

    Args:
        table: with its columns.
        columns: as the user names them, with the labels that are to be read.
        path: of the table, for messages.

    Raises:
        Problem: a column is missing.
    """

    def given(name: str | None, option: str) -> str | None:
        if name is None:
            return None
        column = table.column(name)
        if column is None:
            raise _missing(table, name, option, path)
        if table.columns.count(column) > 1:
            raise Problem(
                f"Several columns are called {column!r}.", path, "Give each a name of its own."
            )
        return column

    image = given(columns.image, "image")
    labels = tuple(given(label, "label") for label in columns.labels)
    used = {image, *labels}
    spelled = Columns(
        image or columns.image,
        tuple(label for label in labels if label),
        given(columns.region, "region") or _usual(table, ("region",), used),
        given(columns.split, "split")
        or _usual(table, SPLITS, used, lambda name: _splits(table, name)),
        given(columns.patient, "patient") or _usual(table, PATIENTS, used),
        _usual(table, ("name",), used),
    )
    return spelled, _notes(table, spelled)


def _usual(
    table: Table, names: tuple[str, ...], used: set, fits: Callable = lambda name: True
) -> str | None:
    """The column under the first of some names that is there, is filled and is not used."""
    for name in names:
        for column in table.columns:
            if (
                plain(column) == name
                and column not in used
                and any(row[column] for row in table.rows)
                and fits(column)
            ):
                return column
    return None


def _splits(table: Table, column: str) -> bool:
    """Whether a column tells training and test; one that is called so, and does not, is an error
    elsewhere."""
    values = {row[column].lower() for row in table.rows if row[column]}
    return plain(column) == "split" or values <= {*SPLIT_NAMES, UNUSED}


def _notes(table: Table, columns: Columns) -> list[str]:
    taken = [
        f"{what} from the column {column!r}"
        for what, column in (("patients", columns.patient), ("the split", columns.split))
        if column
    ]
    notes = [f"Taken: {', '.join(taken)}."] if taken else []
    folds = [column for column in table.columns if plain(column) in FOLDS]
    if folds and not columns.split:
        notes.append(f"The column {folds[0]!r} is not used (--split-column names a split).")
    return notes


def _missing(table: Table, name: str, option: str, path: Path) -> Problem:
    near = difflib.get_close_matches(name.lower(), [one.lower() for one in table.columns], 1)
    names = [column for column in table.columns if column]
    guess = next((column for column in names if column.lower() in near), None)
    if guess is None and option in ("image", "label"):
        guess = _guess(table, option)
    if any(map(suffix_of, table.columns)):
        return Problem(
            "The first line of a table names its columns; here it holds data.",
            path,
            "Write image,label above it, with the names of further columns.",
        )
    what = f"The table has no column {name!r}, it has {', '.join(names)}."
    if guess is None and option not in ("image", "label"):
        return Problem(what, path, f"Correct --{option}-column, or leave it out.")
    return Problem(
        what,
        path,
        f"Name the column: --{option}-column {_quoted(guess or 'NAME')}"
        + _with_other(table, option, guess),
    )


def _guess(table: Table, option: str) -> str | None:
    """The column of images or of labels, where names or two columns alone tell."""
    hints = {
        "image": ("image", "path", "file", "scan", "picture", "id"),
        "label": ("label", "mask", "class", "target", "diagnosis", "dx", "finding", "grade", "seg"),
    }
    for word in hints[option]:
        for column in table.columns:
            if word in plain(column) and plain(column) not in (*PATIENTS, *SPLITS):
                return column
    filled = [column for column in table.columns if column]
    return filled[0 if option == "image" else -1] if len(filled) == 2 else None


def _with_other(table: Table, option: str, guess: str | None) -> str:
    """The option for labels, where the one for images is missing too."""
    if option != "image" or guess is None or table.column("label"):
        return "."
    other = _guess(table, "label")
    return f" --label-column {_quoted(other)}." if other and other != guess else "."


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name
