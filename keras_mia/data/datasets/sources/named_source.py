"""What the user names as data, read by what it is: a folder, a table, arrays, a named data set."""

import difflib
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.datasets.layouts.folder_layouts import read_folder
from keras_mia.data.datasets.layouts.layout import FolderChoices
from keras_mia.data.datasets.sources import arrays, tfds
from keras_mia.data.datasets.sources.samples import sample_file
from keras_mia.data.datasets.tables import csv_table
from keras_mia.data.datasets.tables.columns import Columns
from keras_mia.data.datasets.tables.table import SUFFIXES
from keras_mia.data.datasets.target_forms import label_maps, texts
from keras_mia.data.datasets.target_forms.form import TargetForm
from keras_mia.data.io.formats import suffix_of

SAMPLE, TFDS, ARRAYS = "sample:", "tfds:", ".npz"
SHEETS = (".xlsx", ".xls", ".ods", ".numbers")


def read_source(
    source: str,
    columns: Columns,
    forms: Sequence[TargetForm],
    choices: FolderChoices,
    *,
    required: bool = True,
) -> tuple[Path, Cases]:
    """The cases of a source, and the folder that paths are relative to in messages.

    Args:
        source: a folder, a file, or `sample:NAME` or `tfds:NAME`.
        columns: of a table.
        forms: in which targets may come; none: cases have no target.
        choices: of a folder.
        required: whether a source without such targets is an error; otherwise its images alone are
            read.

    Raises:
        Problem: it is not there, or is none of these, or holds no such targets.
    """
    path = Path(source)
    _check_options(source, columns, forms, choices)
    if source.startswith(TFDS) and _may_hold(texts.FORM, forms, required):
        name, held = source.removeprefix(TFDS), _held(texts.FORM, forms)
        return tfds.read_tfds(name, held, required=required)
    if source.startswith(SAMPLE) and _may_hold(label_maps.FORM, forms, required):
        held = _held(label_maps.FORM, forms)
        return _read_sample(source.removeprefix(SAMPLE), held, required=required)
    if path.is_dir():
        return path, read_folder(path, forms, choices, required=required)
    if not path.exists():
        raise _no_such(path)
    if path.suffix.lower() in SUFFIXES:
        return path.parent, csv_table.read_table_cases(path, columns, forms, required=required)
    if path.suffix.lower() == ARRAYS and _may_hold(texts.FORM, forms, required):
        labelled = bool(_held(texts.FORM, forms))
        return path, arrays.read_arrays(path, labelled=labelled, required=required)
    raise _no_data_set(path, _may_hold(texts.FORM, forms, required))


def _may_hold(form: TargetForm, forms: Sequence[TargetForm], required: bool) -> bool:
    """Whether what has targets of a form may be read: also where they are left aside."""
    return form in forms or not forms or not required


def _held(form: TargetForm, forms: Sequence[TargetForm]) -> Sequence[TargetForm]:
    """The form of what is read from a source of one form; none where it is not asked for."""
    return [form] if form in forms else []


def _read_sample(name: str, forms: Sequence[TargetForm], *, required: bool) -> tuple[Path, Cases]:
    file, sample = sample_file(name)
    if file.suffix != ARRAYS:
        cases = csv_table.read_table_cases(file, Columns(), forms)
    elif forms and required:
        raise Problem(
            "This sample has images alone, and no label maps.",
            f"{SAMPLE}{name}",
            f"Name another, such as {SAMPLE}digits.",
        )
    else:
        cases = arrays.read_arrays(file, labelled=False)
    names = sample.names if forms else {}
    notes = (f"Sample: {sample.about}.",)
    return file.parent, replace(cases, names=names, modality=sample.modality, notes=notes)


def _check_options(
    source: str, columns: Columns, forms: Sequence[TargetForm], choices: FolderChoices
) -> None:
    """Refuses columns where there is no table, those of labels where there is no target, and series
    where there is no folder."""
    path = Path(source)
    if columns != Columns() and (path.suffix.lower() not in SUFFIXES or path.is_dir()):
        raise Problem(
            "Columns are those of a table, and the data are no CSV file.",
            source,
            "Leave out the options that end in -column, or name a CSV file.",
        )
    if columns.labels and not forms:
        raise Problem(
            "Nothing but the images is read, so there is no column of labels.",
            f"--label-column {' '.join(columns.labels)}",
            "Leave the option out.",
        )
    if choices.series and not path.is_dir():
        raise Problem(
            "Series are chosen in a folder, and the data are none.",
            f"--series, {source}",
            "Leave the option out, or name the folder of the patients' folders.",
        )


def _no_such(path: Path) -> Problem:
    names = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, names, 1)
    guess = shlex.quote(str(path.parent / near[0])) if near else ""
    return Problem(
        "There is no such file or folder.",
        path,
        f"Did you mean {guess}?" if guess else "Check the path.",
    )


def _no_data_set(path: Path, takes_arrays: bool) -> Problem:
    if path.suffix.lower() in SHEETS:
        return Problem(
            "A spreadsheet's own file is not read.", path, "Save it as CSV, and name that file."
        )
    of_arrays = ", an .npz file of arrays" if takes_arrays else ""
    return Problem(
        f"A single file {suffix_of(path) or path.suffix} is no data set.",
        path,
        f"Name a folder, such as --data {shlex.quote(str(path.parent))}, or a CSV file{of_arrays}.",
    )
