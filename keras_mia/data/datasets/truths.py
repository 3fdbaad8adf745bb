"""The truth of each prediction: by a folder of label maps, or by a data set as one trains on."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.cases import Case
from keras_mia.data.datasets.files.image_paths import entries
from keras_mia.data.datasets.layouts.folder_layouts import read_folder
from keras_mia.data.datasets.layouts.matching import paired
from keras_mia.data.datasets.reading import read_cases
from keras_mia.data.datasets.target_forms.table import forms_of
from keras_mia.data.io.formats import stem_of
from keras_mia.data.targets.kinds import LABEL_MAP

Pairs = list[tuple[Path, Case | None]]


def truths(
    predictions: Path, truth: Path, patient_column: str | None = None
) -> tuple[Pairs, list[Path]]:
    """Each predicted label map with the case that holds its truth, or None.

    Args:
        predictions: a folder of label maps.
        truth: a folder of label maps with the predictions' names, several masks of one allowed; or
            a data set with images and label maps, whose cases are named as the predictions are.
        patient_column: of a table; None: `patient` or alike.

    Returns:
        The pairs, and the label maps of the truth that were not predicted.

    Raises:
        Problem: names do not tell which belongs to which.
    """
    cases = _data_set(truth, patient_column)
    if cases is not None:
        by_name = {case.name: case for case in cases}
        files = {file: by_name.get(stem_of(file)) for file in entries(predictions)}
        predicted = {case.name for case in files.values() if case is not None}
        left = [path for case in cases if case.name not in predicted for path in case.label_files]
        return list(files.items()), left
    made = paired(predictions, truth)
    return [
        (files[0], None if target is None else Case(name, {}, target, name))
        for name, files, target in made.pairs
    ], list(made.left)


def _data_set(truth: Path, patient_column: str | None) -> Sequence[Case] | None:
    """The cases of a table, or of a folder that holds images and label maps; None of label maps."""
    if not truth.is_dir():
        return read_cases(truth, strict=False, patient_column=patient_column)
    with contextlib.suppress(Problem):
        if read_folder(truth, forms_of([LABEL_MAP])).cases:
            return read_cases(truth, strict=False)
    return None
