"""Cases from whatever the user has."""

import difflib
import os
import shlex
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.core.text import natural_key, plural
from keras_mia.data.datasets.case_names import with_unique_names
from keras_mia.data.datasets.cases import SPLITS, Case, Cases, Incomplete
from keras_mia.data.datasets.files.dicom_series import series_notes
from keras_mia.data.datasets.label_files import with_label_values
from keras_mia.data.datasets.layouts import arrays, csv_table, tfds
from keras_mia.data.datasets.layouts.folder_layouts import read_folder
from keras_mia.data.datasets.layouts.unused_files import left_out
from keras_mia.data.datasets.samples import sample_table
from keras_mia.data.datasets.splits.patients import with_patients
from keras_mia.data.datasets.tables.columns import Columns
from keras_mia.data.datasets.tables.table import SUFFIXES
from keras_mia.data.io.formats import suffix_of
from keras_mia.data.targets.kinds import LABEL_MAP

NAMED = ("sample:", "tfds:")
SHEETS = (".xlsx", ".xls", ".ods", ".numbers")


def read_cases(
    source: str | os.PathLike,
    *,
    patient: str | None = None,
    image_column: str = "image",
    label_column: str | Sequence[str] = "label",
    region_column: str | None = None,
    split_column: str | None = None,
    patient_column: str | None = None,
    series: Sequence[str] = (),
    folders_are_classes: bool = False,
    strict: bool = True,
    targets: Collection[str] = (LABEL_MAP,),
) -> Cases:
    """Finds images with what is to be learnt of them: label maps, or answers; no pixel is read yet.

    Args:
        source: a folder, a CSV file, or `sample:NAME`; for answers also an npz file or `tfds:NAME`.
            The data may lie one folder below.
        patient: a regular expression that finds the patient in an image's path relative to
            `source`: its first group, or the whole match. By default a CSV's column, or BIDS'
            `sub-XX`, or each file is a patient.
        image_column: of a CSV file.
        label_column: of a CSV file; several names are several answers to each image.
        region_column: of a CSV file; None: `region`, if it is there.
        split_column: of a CSV file; None: `split` or alike, if it is there.
        patient_column: of a CSV file; None: `patient`, `Subject ID` or alike, if it is there.
        series: which series of a patient's scans to take ("FLAIR"), several as channels; by default
            all, where they lie on one grid.
        folders_are_classes: whether the user says so, whatever the folders' names look like.
        strict: whether an image without a label map is an error. Otherwise such files are left out,
            and stand in `incomplete`.
        targets: the kinds of target that images may have: "label_map", which are files, and others,
            such as "multiclass" or "regression", which are texts of a table or names of folders;
            where both may be it follows from the data.

    Returns:
        The cases in natural order, with what was understood in `notes`.

    Raises:
        Problem: nothing was found, or images have no label map.
    """
    text, path = str(source), Path(source)
    labels = (label_column,) if isinstance(label_column, str) else tuple(label_column)
    columns = Columns(image_column, labels, region_column, split_column, patient_column)
    table = path.suffix.lower() in SUFFIXES and not path.is_dir()
    _check_options(source, columns if not table else None, series if not path.is_dir() else ())
    maps, texts = LABEL_MAP in targets, bool({*targets} - {LABEL_MAP})
    if path.is_dir() and not text.startswith(NAMED):
        root, found = path, read_folder(path, maps, texts, series, folders_are_classes)
    else:
        root, found = _read_source(text, columns, maps, texts)
    found = _listed_once(found)
    if found.incomplete and (strict or not found.cases):
        raise found.incomplete[0].problem()
    if not found.cases:
        what = " or ".join(["a label map"] * maps + ["an answer"] * texts)
        raise Problem(f"No image with {what} was found.", source, "Check that it is the right one.")
    cases = sorted(with_unique_names(found.cases, root), key=lambda case: natural_key(case.name))
    cases, who = with_patients(cases, root, patient)
    cases, kinds = with_label_values(cases)
    count = f"{plural(len(cases), 'case')} in {source}."
    unused = left_out(path, found) if path.is_dir() else []
    notes = (count, *found.notes, *series_notes(cases), *_splits(cases), *kinds, *unused, *who)
    return replace(found, cases=tuple(cases), source=text, notes=notes)


def _read_source(text: str, columns: Columns, maps: bool, texts: bool) -> tuple[Path, Cases]:
    """The cases of a file or of named data, and the folder below which paths are told."""
    path = Path(text)
    if text.startswith("tfds:") and texts:
        return tfds.read_tfds(text.removeprefix("tfds:"))
    if text.startswith("sample:") and maps:
        file, sample = sample_table(text.removeprefix("sample:"))
        found = csv_table.read_table_cases(file, Columns())
        notes = (f"Sample: {sample.about}.",)
        return file.parent, replace(
            found, names=sample.names, modality=sample.modality, notes=notes
        )
    if not path.exists():
        raise _no_such(path)
    if path.suffix.lower() in SUFFIXES:
        return path.parent, csv_table.read_table_cases(path, columns, maps=maps, texts=texts)
    if path.suffix.lower() == ".npz" and texts:
        return path, arrays.read_arrays(path)
    raise _no_data_set(path, texts)


def _check_options(source: object, columns: Columns | None, series: Sequence[str]) -> None:
    """Refuses columns where there is no table, and series where there is no folder."""
    if columns is not None and columns != Columns():
        raise Problem(
            "Columns are those of a table, and the data are no CSV file.",
            source,
            "Leave out the options that end in -column, or name a CSV file.",
        )
    if series:
        raise Problem(
            "Series are chosen in a folder, and the data are none.",
            f"--series, {source}",
            "Leave the option out, or name the folder of the patients' folders.",
        )


def _no_such(path: Path) -> Problem:
    there = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, there, 1)
    remedy = (
        f"Did you mean {shlex.quote(str(path.parent / near[0]))}?" if near else "Check the path."
    )
    return Problem("There is no such file or folder.", path, remedy)


def _no_data_set(path: Path, texts: bool) -> Problem:
    if path.suffix.lower() in SHEETS:
        return Problem(
            "A spreadsheet's own file is not read.", path, "Save it as CSV, and name that file."
        )
    of_arrays = ", an .npz file of arrays" if texts else ""
    return Problem(
        f"A single file {suffix_of(path) or path.suffix} is no data set.",
        path,
        f"Name a folder, such as --data {shlex.quote(str(path.parent))}, or a CSV file{of_arrays}.",
    )


def _listed_once(cases: Cases) -> Cases:
    once = tuple({_row(case): case for case in cases}.values())
    if len(once) < len(cases):
        note = f"{plural(len(cases) - len(once), 'case')} listed again, with nothing new: left out."
        cases = replace(cases, cases=once, notes=(*cases.notes, note))
    count = Counter(case.images[0] for case in cases)
    twice = tuple(path for path, times in count.items() if times > 1)
    if not twice:
        return cases
    what = f"{plural(len(twice), 'image')} listed twice, with different labels, patients or splits."
    more = Incomplete(what, twice, "Leave one row of each.")
    once = tuple(case for case in cases if count[case.images[0]] == 1)
    return replace(cases, cases=once, incomplete=(*cases.incomplete, more))


def _row(case: Case) -> tuple:
    """What two rows of a table say alike that say one thing twice."""
    return case.images, case.target, case.patient, case.split, case.region


def _splits(cases: Sequence[Case]) -> list[str]:
    count = Counter(case.split for case in cases if case.split)
    if not count:
        return []
    parts = [f"{count[side]} {side}" for side in SPLITS if count[side]]
    return [f"Split by the authors: {', '.join(parts)}."]
