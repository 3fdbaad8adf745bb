"""A CSV file with a row a case."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from keras_mia.core.files import read_csv
from keras_mia.core.problem import Problem
from keras_mia.data.cases import Case, Cases, Incomplete, counted
from keras_mia.data.formats import stem_of, suffix_of
from keras_mia.data.joint_answers import joined
from keras_mia.data.pairing import SPLIT_NAMES

UNUSED = "extra"
"""The split of rows that take no part."""


@dataclass(frozen=True)
class Columns:
    """The names of the columns; those of region, split, patient and name may be missing.

    Several labels are several answers to each image.
    """

    image: str = "image"
    labels: tuple[str, ...] = ("label",)
    region: str = "region"
    split: str = "split"
    patient: str = "patient"
    name: str = "name"


def read(path: Path, columns: Columns, *, answers: bool | None = False) -> Cases:
    """The cases of a table; paths are relative to it, several channels separated by `;`.

    Args:
        path: of the table.
        columns: their names.
        answers: whether labels are answers in words, such as a class, and not label maps' files;
            None: as they look.

    Raises:
        Problem: columns are missing, or a split is not known.
    """
    rows = read_csv(path)
    if not rows:
        raise Problem(
            "The table has no rows.", path, f"Write {columns.image},{','.join(columns.labels)}."
        )
    found = [column for column in rows[0] if column]
    for column in (columns.image, *columns.labels):
        if column not in found:
            raise Problem(
                f"The table has no column {column!r}, it has {', '.join(found)}.",
                path,
                "Name the column with --image-column or --label-column.",
            )
    if answers is None:
        answers = not _name_files([row.get(columns.labels[0]) or "" for row in rows], path.parent)
    cases = tuple(
        _case(row, number, path, columns, answers) for number, row in enumerate(rows, start=2)
    )
    notes = ["Read from a table."]
    unused = [case for case in cases if case.split == UNUSED]
    if unused:
        notes.append(f"{counted(len(unused), 'row')} of the split {UNUSED!r} are left out.")
        cases = tuple(case for case in cases if case.split != UNUSED)
    cases, incomplete = _with_files(cases, path, notes)
    unlabelled = [case for case in cases if case.target is None]
    tests = [case for case in cases if case.split == "test"]
    if unlabelled and set(unlabelled) == set(tests):
        notes.append(f"{len(tests)} test images without labels are left out.")
        cases = tuple(case for case in cases if case.target is not None)
    elif unlabelled:
        images = tuple(case.images[0] for case in unlabelled)
        what = f"{len(images)} images have no label."
        incomplete.append(Incomplete(what, images, "Fill the column, or take the rows away."))
        cases = tuple(case for case in cases if case.target is not None)
    for column, filled in (
        (columns.split, {case.split is None for case in cases}),
        (columns.patient, {not case.patient for case in cases}),
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


def _name_files(labels: Sequence[str], folder: Path) -> bool:
    """Whether labels are files, or folders of one file an instance, each of an image of its own."""
    given = [text.strip() for text in labels if text.strip()]
    if any(suffix_of(text) for text in given):
        return True
    return len(set(given)) == len(given) and all((folder / text).is_dir() for text in given)


def _case(row: dict[str, str], line: int, path: Path, columns: Columns, answers: bool) -> Case:
    def cell(column: str) -> str:
        return (row.get(column) or "").strip()

    images = tuple(path.parent / part.strip() for part in cell(columns.image).split(";") if part)
    if not images:
        raise Problem(f"Line {line} names no image.", path, f"Fill column {columns.image!r}.")
    split = cell(columns.split).lower()
    if split and split not in (*SPLIT_NAMES, UNUSED):
        raise Problem(
            f"Line {line} has the split {split!r}.",
            path,
            f"Write one of {', '.join([*SPLIT_NAMES, UNUSED])}.",
        )
    label = joined({column: cell(column) for column in columns.labels}, f"{path}, line {line}")
    region = cell(columns.region)
    return Case(
        name=cell(columns.name) or stem_of(images[0]),
        images=images,
        target=(label if answers else path.parent / label) if label else None,
        patient=cell(columns.patient),
        split=SPLIT_NAMES.get(split, split or None),
        region=path.parent / region if region else None,
    )


def _with_files(
    cases: tuple[Case, ...], path: Path, notes: list[str]
) -> tuple[tuple[Case, ...], list[Incomplete]]:
    files = {
        case: [x for x in (*case.images, case.target, case.region) if isinstance(x, Path)]
        for case in cases
    }
    paths = [file for case in cases for file in files[case]]
    missing = tuple(file for file in paths if not file.exists())
    incomplete = []
    if missing:
        what = f"{len(missing)} files that the table lists are missing."
        incomplete.append(Incomplete(what, missing, f"Paths are relative to {path}."))
        cases = tuple(case for case in cases if not set(missing) & set(files[case]))
    folder = path.parent.resolve()
    outside = [file for file in paths if not file.resolve().is_relative_to(folder)]
    if outside:
        notes.append(f"Warning: {len(outside)} files of the table lie outside its folder.")
    return cases, incomplete
