"""The predictions that lie in the folder of a run."""

from collections.abc import Sequence
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing, plural
from keras_mia.data.datasets.case_list import read_case_list
from keras_mia.data.datasets.cases import Case
from keras_mia.data.io.formats import image_files, stem_of

PREDICTIONS = "predictions"
"""The folder below that of a run."""


def predictions_of(run: Path, folder: Path | None = None) -> list[tuple[Case, Path]]:
    """The test cases of a run with the file of what was predicted of each.

    Args:
        run: its folder.
        folder: of the predictions; None: the run's own.

    Raises:
        Problem: there is no such folder, or a test case was not predicted.
    """
    return files_of(read_case_list(run / "cases.csv").test, folder or run / PREDICTIONS)


def files_of(cases: Sequence[Case], folder: Path) -> list[tuple[Case, Path]]:
    """Cases with the file of what was predicted of each.

    Args:
        cases: that a run predicted.
        folder: of the predictions.

    Raises:
        Problem: there is no such folder, or a case was not predicted.
    """
    if not folder.is_dir():
        raise Problem("There are no predictions.", folder, "Name their folder by --prediction.")
    files = {stem_of(file): file for file in image_files(folder)}
    missing = [case.name for case in cases if case.name not in files]
    if missing:
        raise Problem(
            f"{len(missing)} of {plural(len(cases), 'test case')} were not predicted:"
            f" {listing(missing, 5)}.",
            folder,
            "Finish the run, or name the folder of the predictions by --prediction.",
        )
    return [(case, files[case.name]) for case in cases]
