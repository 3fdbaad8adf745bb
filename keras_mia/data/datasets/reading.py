"""Cases from whatever the user has."""

import os
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
from keras_mia.data.datasets.layouts.layout import FolderChoices
from keras_mia.data.datasets.layouts.plain_images import ALONE
from keras_mia.data.datasets.layouts.unused_files import left_out
from keras_mia.data.datasets.sources.named_source import read_source
from keras_mia.data.datasets.splits.patients import with_patients
from keras_mia.data.datasets.tables.columns import Columns
from keras_mia.data.datasets.target_forms.table import forms_of
from keras_mia.data.targets.kinds import LABEL_MAP


def read_cases(
    source: str | os.PathLike,
    *,
    patient: str | None = None,
    image_column: str = "image",
    label_column: str | Sequence[str] | None = None,
    region_column: str | None = None,
    split_column: str | None = None,
    patient_column: str | None = None,
    series: Sequence[str] = (),
    folders_are_classes: bool = False,
    unpaired: Sequence[str] = (),
    strict: bool = True,
    targets: Collection[str] = (LABEL_MAP,),
    targets_required: bool = True,
) -> Cases:
    """Finds images with what is to be learnt of them, or images alone; no pixel is read yet.

    Args:
        source: a folder, a CSV file, or `sample:NAME`; for targets that are texts also an npz file
            or `tfds:NAME`. The data may lie one folder below.
        patient: a regular expression that finds the patient in an image's path relative to
            `source`: its first group, or the whole match. By default a CSV's column, or BIDS'
            `sub-XX`, or each file is a patient.
        image_column: of a CSV file.
        label_column: of a CSV file; several names are several targets of each image. None: the one
            that targets of such kinds usually have, `label`.
        region_column: of a CSV file; None: `region`, if it is there.
        split_column: of a CSV file; None: `split` or alike, if it is there.
        patient_column: of a CSV file; None: `patient`, `Subject ID` or alike, if it is there.
        series: which series of a patient's scans to take ("FLAIR"), several as channels; by default
            all, where they lie on one grid.
        folders_are_classes: whether the user says so, whatever the folders' names look like.
        unpaired: names of two kinds of images without pairs, which folders may be called, for
            targets that are texts.
        strict: whether an image without a target is an error. Otherwise such files are left out,
            and stand in `incomplete`.
        targets: the kinds of target that images may have: "label_map", which are files, and others,
            such as "multiclass" or "regression", which are texts of a table or names of folders;
            where both may be it follows from the data. Without any, `()`, all images are read, at
            any depth of a folder, and cases have no target; files that are named as label maps
            are left out.
        targets_required: whether data without such targets are an error. Otherwise images alone are
            read, as with `targets=()`, where no image has one; where some have, the others are an
            error all the same, and so is a column that was named and is not there.

    Returns:
        The cases in natural order, with what was understood in `notes`.

    Raises:
        Problem: nothing was found, or images have no target.

    Example:
        >>> read_cases("sample:digits", targets=())[0].target is None
        True
    """
    text, path = str(source), Path(source)
    forms = forms_of(targets)
    labels = (label_column,) if isinstance(label_column, str) else tuple(label_column or ())
    columns = Columns(image_column, labels, region_column, split_column, patient_column)
    choices = FolderChoices(tuple(series), folders_are_classes, tuple(unpaired))
    root, data = read_source(text, columns, forms, choices, required=targets_required)
    data = _listed_once(data)
    if data.incomplete and (strict or not data.cases):
        raise data.incomplete[0].problem()
    if not data.cases:
        nouns = " or ".join(dict.fromkeys(form.noun for form in forms))
        what = f"No image with {nouns} was found." if nouns else "No image was found."
        raise Problem(what, source, "Check that it is the right one.")
    cases = sorted(with_unique_names(data.cases, root), key=lambda case: natural_key(case.name))
    cases, patient_notes = with_patients(cases, root, patient)
    cases, label_notes = with_label_values(cases)
    count = f"{plural(len(cases), 'case')} in {source}."
    alone = [ALONE] if forms and all(case.target is None for case in cases) else []
    unused = left_out(path, data) if path.is_dir() else []
    notes = (
        *dict.fromkeys([*data.notes, *alone]),
        *series_notes(cases),
        *_splits(cases),
        *label_notes,
        *unused,
    )
    return replace(data, cases=tuple(cases), source=text, notes=(count, *notes, *patient_notes))


def _listed_once(cases: Cases) -> Cases:
    once = tuple({_content(case): case for case in cases}.values())
    if len(once) < len(cases):
        note = f"{plural(len(cases) - len(once), 'case')} listed again, with nothing new: left out."
        cases = replace(cases, cases=once, notes=(*cases.notes, note))
    count = Counter(case.images[0] for case in cases)
    twice = tuple(path for path, times in count.items() if times > 1)
    if not twice:
        return cases
    what = (
        f"{plural(len(twice), 'image')} listed twice, with different targets, patients or splits."
    )
    contradicting = Incomplete(what, twice, "Leave one row of each.")
    once = tuple(case for case in cases if count[case.images[0]] == 1)
    return replace(cases, cases=once, incomplete=(*cases.incomplete, contradicting))


def _content(case: Case) -> tuple:
    """What two rows of a table have alike that list the same case."""
    return case.images, case.target, case.patient, case.split, case.region


def _splits(cases: Sequence[Case]) -> list[str]:
    count = Counter(case.split for case in cases if case.split)
    if not count:
        return []
    parts = [f"{count[split]} {split}" for split in SPLITS if count[split]]
    return [f"Split by the authors: {', '.join(parts)}."]
