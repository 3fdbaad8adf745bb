"""The predictions that lie in the folder of a run."""

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
    within = folder or run / PREDICTIONS
    if not within.is_dir():
        raise Problem("There are no predictions.", within, "Name their folder by --prediction.")
    files = {stem_of(file): file for file in image_files(within)}
    cases = read_case_list(run / "cases.csv").test
    missing = [case.name for case in cases if case.name not in files]
    if missing:
        raise Problem(
            f"{len(missing)} of {plural(len(cases), 'test case')} were not predicted:"
            f" {listing(missing, 5)}.",
            within,
            "Finish the run, or name the folder of the predictions by --prediction.",
        )
    return [(case, files[case.name]) for case in cases]
