"""Several DICOM series in one folder: what they are called, and which of them is taken."""

import contextlib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing
from keras_mia.data.datasets.cases import Case
from keras_mia.data.datasets.files.image_paths import series_in_folder
from keras_mia.data.io.dicom.images import Slice, series_of
from keras_mia.data.io.virtual_paths import file_of_series, series_at, source_of


def series_together(path: Path) -> list[tuple[str, Path]]:
    """What headers call each DICOM series that lies in one folder with others, and its path."""
    series = series_in_folder(path) if path.is_dir() else ()
    if len(series) < 2:
        return []
    return [(description.lower(), series_at(Path(file))) for description, file in series]


def series_notes(cases: Iterable[Case]) -> list[str]:
    """Sentences on folders with several DICOM series: which is taken, and which are left."""
    taken: dict[tuple[bool, str], list[Path]] = {}
    left: dict[tuple[bool, str], Counter[str]] = {}
    for case in cases:
        for path in case.images:
            series = _series_of(path)
            if len(series) > 1:
                key = file_of_series(path) is not None, _kind(series[0])
                taken.setdefault(key, []).append(source_of(path))
                left.setdefault(key, Counter()).update({_kind(one) for one in series[1:]})
    notes = []
    for (chosen, kind), folders in taken.items():
        rule = "the chosen one" if chosen else "the one with the most slices (--series chooses)"
        others = [f"{name} ({n})" for name, n in left[chosen, kind].items()]
        notes.append(
            f"Of several DICOM series in a folder {rule} is taken: {kind} in {listing(folders, 3)};"
            f" left out: {listing(others, 6)}."
        )
    return notes


def _series_of(path: Path) -> list[list[Slice]]:
    if path.is_dir() or file_of_series(path):
        with contextlib.suppress(Problem):  # whoever reads the image says what is wrong with it
            return series_of(path)
    return []


def _kind(series: Sequence[Slice]) -> str:
    return " ".join(filter(None, (series[0].modality, series[0].description))) or "no description"
