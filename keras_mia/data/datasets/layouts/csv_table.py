"""A CSV file with a row a case."""

import os
from collections.abc import Sequence
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.core.text import plural
from keras_mia.data.datasets.case_target import CaseTarget, LabelMapFile, Texts
from keras_mia.data.datasets.cases import IMAGE, Case, Cases, Incomplete
from keras_mia.data.datasets.files.naming import SPLIT_NAMES
from keras_mia.data.datasets.mask_files import Masks
from keras_mia.data.datasets.tables.columns import UNUSED, Columns, columns_of
from keras_mia.data.datasets.tables.file_finder import FileFinder
from keras_mia.data.datasets.tables.table import read_table
from keras_mia.data.io.formats import stem_of, suffix_of

SEVERAL = ";"
"""What stands between the files of a cell."""


def read_table_cases(
    path: Path, columns: Columns, *, maps: bool = True, texts: bool = False
) -> Cases:
    """The cases of a table; paths are relative to it, several files of a cell separated by `;`.

    Several files of an image are its channels, several label maps the masks of one structure each:
    the first is 1, the second 2.

    Args:
        path: of the table.
        columns: their names.
        maps: whether labels may be label maps' files.
        texts: whether they may be texts, such as a class; of both it is what they look like.

    Raises:
        Problem: columns are missing, or a split is not known.
    """
    table = read_table(path)
    columns, taken = columns_of(table, columns, path)
    if not table.rows:
        raise Problem(
            "The table has no rows.", path, f"Write {columns.image},{','.join(columns.labels)}."
        )
    finder = FileFinder(path.parent)
    if maps and texts:
        texts = not _name_files([row[columns.labels[0]] for row in table.rows], finder)
    cases = tuple(
        _case(row, line, path, columns, texts, finder)
        for row, line in zip(table.rows, table.lines, strict=True)
    )
    notes = ["Read from a table.", *table.notes, *taken, *finder.notes()]
    unused = [case for case in cases if case.split == UNUSED]
    if unused:
        notes.append(f"{plural(len(unused), 'row')} of the split {UNUSED!r} are left out.")
        cases = tuple(case for case in cases if case.split != UNUSED)
    cases, incomplete = _with_files(cases, path, finder, notes)
    unlabelled = [case for case in cases if case.target is None]
    tests = [case for case in cases if case.split == "test"]
    if unlabelled and set(unlabelled) == set(tests):
        notes.append(f"{len(tests)} test images without labels are left out.")
        cases = tuple(case for case in cases if case.target is not None)
    elif unlabelled:
        images = tuple(case.images[0] for case in unlabelled)
        what = f"{plural(len(images), 'image')} with no label."
        incomplete.append(Incomplete(what, images, "Fill the column, or take the rows away."))
        cases = tuple(case for case in cases if case.target is not None)
    for column, filled in (
        (columns.split or "split", {case.split is None for case in cases}),
        (columns.patient or "patient", {not case.patient for case in cases}),
    ):
        if len(filled) == 2:
            raise Problem(
                f"Some rows have a {column} and some have none.", path, f"Fill {column!r} in all."
            )
    if any(case.region for case in cases):
        notes.append(
            f"Only in the masks of column {columns.region!r} do training and scores count."
        )
    return Cases(cases, str(path), tuple(notes), incomplete=tuple(incomplete))


def _name_files(labels: Sequence[str], finder: FileFinder) -> bool:
    """Whether labels are files, or folders of one file an instance, each of an image of its own."""
    given = [text for text in labels if text]
    if any(suffix_of(text) for text in given):
        return True
    return len(set(given)) == len(given) and all(finder(text).exists() for text in given)


def _case(
    row: dict[str, str], line: int, path: Path, columns: Columns, texts: bool, finder: FileFinder
) -> Case:
    def cell(column: str | None) -> str:
        return row[column] if column else ""

    images = tuple(map(finder, _several(cell(columns.image))))
    if not images:
        raise Problem(f"Line {line} names no image.", path, f"Fill column {columns.image!r}.")
    split = cell(columns.split).lower()
    if split and split not in (*SPLIT_NAMES, UNUSED):
        raise Problem(
            f"Line {line} has the split {split!r}.",
            path,
            f"Write one of train, validation, test, {UNUSED}.",
        )
    cells = tuple(map(cell, columns.labels)) if all(map(cell, columns.labels)) else ()
    target: CaseTarget | None
    if texts and cells:
        target = Texts(cells[0] if len(cells) == 1 else cells)
    else:
        target = _label_map(SEVERAL.join(cells), images, finder)
    if target is not None and not set(images).isdisjoint(target.files):
        raise Problem(
            f"Line {line} names its image as the label map too.",
            path,
            f"Name the label map in column {columns.labels[0]!r}.",
        )
    region = cell(columns.region)
    return Case(
        name=cell(columns.name) or stem_of(images[0]),
        inputs={IMAGE: images},
        target=target,
        patient=cell(columns.patient),
        split=SPLIT_NAMES.get(split, split or None),
        region=finder(region) if region else None,
    )


def _several(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(SEVERAL) if part.strip()]


def _label_map(
    cell: str, images: Sequence[Path], finder: FileFinder
) -> LabelMapFile | Masks | None:
    # What is spelled otherwise may not be found as the image itself.
    files = tuple(
        finder.folder / text if (file := finder(text)) in images else file
        for text in _several(cell)
    )
    if len(files) > 1:
        return Masks(files, tuple(range(1, len(files) + 1)))
    return LabelMapFile(files[0]) if files else None


def _with_files(
    cases: tuple[Case, ...], path: Path, finder: FileFinder, notes: list[str]
) -> tuple[tuple[Case, ...], list[Incomplete]]:
    files = {
        case: [
            *case.images,
            *case.label_files,
            *([case.region] if isinstance(case.region, Path) else []),
        ]
        for case in cases
    }
    paths = [file for case in cases for file in files[case]]
    missing = tuple(file for file in paths if not file.exists())
    gone = set(missing)
    incomplete = []
    if missing:
        what = f"{plural(len(missing), 'file')} that the table lists cannot be found."
        incomplete.append(Incomplete(what, missing, finder.remedy(missing[0])))
        cases = tuple(case for case in cases if gone.isdisjoint(files[case]))
    folder = path.parent.resolve()
    outside = _outside(paths, folder)
    if outside:
        notes.append(
            f"{plural(len(outside), 'file')} of the table, such as {outside[0]}, lie outside its"
            f" folder: a copy of {folder} would lack them."
        )
    return cases, incomplete


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
