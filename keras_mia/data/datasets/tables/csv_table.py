"""A CSV file with a row a case."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.core.text import plural
from keras_mia.data.datasets.cases import Case, Cases, Incomplete
from keras_mia.data.datasets.tables.columns import UNUSED, Columns, columns_of
from keras_mia.data.datasets.tables.csv_rows import RowReader
from keras_mia.data.datasets.tables.file_finder import FileFinder
from keras_mia.data.datasets.tables.table import Table, read_table
from keras_mia.data.datasets.target_forms.form import TargetForm
from keras_mia.data.datasets.target_forms.table import FORMS


def read_table_cases(
    path: Path, columns: Columns, forms: Sequence[TargetForm], *, required: bool = True
) -> Cases:
    """The cases of a table; paths are relative to it, several files of a cell separated by `;`.

    Several files of an image are its channels, several label maps the masks of one structure each:
    the first is 1, the second 2.

    Args:
        path: of the table.
        columns: their names.
        forms: in which targets may come; of several it is the one that the cells look like. Without
            any, cases have no target.
        required: whether a table without targets of these forms is an error; otherwise its images
            alone are read, unless `columns` names labels.

    Raises:
        Problem: columns are missing, or a split is not known.
    """
    table = read_table(path)
    finder = FileFinder(path.parent)
    form, columns = _form_of(table, columns, forms, finder, required)
    columns, taken = columns_of(table, columns, path)
    if not table.rows:
        header = ",".join((columns.image, *columns.labels))
        raise Problem("The table has no rows.", path, f"Write {header}.")
    reader = RowReader(path, columns, form, finder)
    rows = tuple(map(reader.case, table.rows, table.lines))
    notes = ("Read from a table.", *table.notes, *taken, *finder.notes())
    cases = _without_unused(Cases(rows, str(path), notes))
    cases = _with_files(cases, path, finder)
    if form is not None:
        cases = _with_targets(cases, form.noun)
    _check_filled(cases, columns, path)
    if not any(case.region for case in cases):
        return cases
    return _noted(
        cases, f"Only in the masks of column {columns.region!r} do training and scores count."
    )


def _form_of(
    table: Table,
    columns: Columns,
    forms: Sequence[TargetForm],
    finder: FileFinder,
    required: bool,
) -> tuple[TargetForm | None, Columns]:
    """The form of a table's targets, of those whose column it has, and the columns with theirs."""
    if not (required or columns.labels):
        forms = [form for form in forms if _holds(table, form, finder)]
    if not forms:
        return None, replace(columns, labels=())
    named = [(form, columns.labels or (form.column,)) for form in forms]
    there = [(form, labels) for form, labels in named if all(map(table.column, labels))]
    for form, labels in there[:-1]:
        column = table.column(labels[0])
        if column and form.matches([row[column] for row in table.rows], finder):
            return form, replace(columns, labels=labels)
    form, labels = (there or named[:1])[-1]
    return form, replace(columns, labels=labels)


def _holds(table: Table, form: TargetForm, finder: FileFinder) -> bool:
    """Whether a table has targets of a form, and none of another one in its column."""
    column = table.column(form.column)
    cells = [row[column] for row in table.rows] if column else []
    alike = (one for one in FORMS if one.column == form.column)
    return any(cells) and next(one for one in alike if one.matches(cells, finder)) is form


def _noted(cases: Cases, note: str, kept: Sequence[Case] | None = None) -> Cases:
    """The cases, or those that are kept, with a further note."""
    return replace(cases, cases=tuple(cases if kept is None else kept), notes=(*cases.notes, note))


def _without_unused(cases: Cases) -> Cases:
    kept = [case for case in cases if case.split != UNUSED]
    if len(kept) == len(cases):
        return cases
    count = plural(len(cases) - len(kept), "row")
    return _noted(cases, f"{count} of the split {UNUSED!r} are left out.", kept)


def _with_targets(cases: Cases, noun: str) -> Cases:
    """The cases that have a target, called `noun`; test images alone may be without."""
    unlabelled = [case for case in cases if case.target is None]
    if not unlabelled:
        return cases
    kept = [case for case in cases if case.target is not None]
    tests = [case for case in cases if case.split == "test"]
    if set(unlabelled) == set(tests):
        return _noted(cases, f"{plural(len(tests), 'test image')} without {noun}, left out.", kept)
    images = tuple(case.images[0] for case in unlabelled)
    lacking = Incomplete(
        f"{plural(len(images), 'image')} without {noun}.",
        images,
        "Fill the column, or take the rows away.",
    )
    return replace(cases, cases=tuple(kept), incomplete=(*cases.incomplete, lacking))


def _check_filled(cases: Cases, columns: Columns, path: Path) -> None:
    """Refuses a split, or patients, that some rows have and some have not."""
    for column, filled in (
        (columns.split or "split", {case.split is None for case in cases}),
        (columns.patient or "patient", {not case.patient for case in cases}),
    ):
        if len(filled) == 2:
            raise Problem(
                f"Some rows have a {column} and some have none.", path, f"Fill {column!r} in all."
            )


def _with_files(cases: Cases, path: Path, finder: FileFinder) -> Cases:
    """The cases whose files are all there, with a note on files elsewhere."""
    paths = [file for case in cases for file in case.files]
    missing = tuple(file for file in paths if not file.exists())
    if missing:
        gone = set(missing)
        lacking = Incomplete(
            f"{plural(len(missing), 'file')} that the table lists cannot be found.",
            missing,
            finder.remedy(missing[0]),
        )
        kept = tuple(case for case in cases if gone.isdisjoint(case.files))
        cases = replace(cases, cases=kept, incomplete=(*cases.incomplete, lacking))
    folder = path.parent.resolve()
    outside = _outside(paths, folder)
    if not outside:
        return cases
    return _noted(
        cases,
        f"{plural(len(outside), 'file')} of the table, such as {outside[0]}, lie outside its"
        f" folder: a copy of {folder} would lack them.",
    )


def _outside(paths: Sequence[Path], folder: Path) -> list[Path]:
    """The files that do not lie below a folder; links are followed."""
    inside: dict[Path, bool] = {}

    def lies_inside(path: Path) -> bool:
        if os.path.islink(path):
            return path.resolve().is_relative_to(folder)
        parent = path.parent
        if parent not in inside:  # of a folder with many files it is found once
            inside[parent] = parent.resolve().is_relative_to(folder)
        return inside[parent]

    return [path for path in paths if not lies_inside(path)]
