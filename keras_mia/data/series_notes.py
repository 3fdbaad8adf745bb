"""Which DICOM series are taken from folders that hold several."""

import contextlib
from collections.abc import Iterable

from keras_mia.core.problem import Problem
from keras_mia.data.cases import Case
from keras_mia.data.formats_dicom import describe, series_of


def series_notes(cases: Iterable[Case]) -> list[str]:
    """A sentence for each folder of which a series is left out."""
    notes = []
    for path in (path for case in cases for path in case.images if path.is_dir()):
        with contextlib.suppress(Problem):  # whoever reads the image says what is wrong with it
            series = series_of(path)
            notes += [f"DICOM in {path}: {describe(series)}."] if len(series) > 1 else []
    return notes
