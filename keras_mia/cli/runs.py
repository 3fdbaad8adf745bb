"""Run folders as options name them."""

from collections.abc import Sequence
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.core.run_facts import FILE, read_run_facts
from keras_mia.data.datasets.case_list import read_case_list
from keras_mia.data.datasets.files.series import series_name
from keras_mia.tasks.register import task
from keras_mia.training.runs.folder import fold_folders


def run_folders(named: Sequence[Path]) -> list[Path]:
    """The runs that are meant: each folder that is named, or the folds below it.

    Raises:
        Problem: a folder holds no run, or is named twice.
    """
    folders = []
    for folder in named:
        folds = [fold for fold in fold_folders(folder) if (fold / FILE).is_file()]
        folders += folds or [folder]
    for folder in folders:
        if not (folder / FILE).is_file():
            raise Problem(
                f"This is not the folder of a run: it has no {FILE}.",
                folder,
                "Name the --output of an app that trains, such as `keras-mia segment`.",
            )
    twice = {folder.resolve() for folder in folders}
    if len(twice) < len(folders):
        raise Problem("A run is named twice.", ", ".join(map(str, folders)), "Name it once.")
    return folders


def trained(folder: Path) -> Path:
    """The network of a finished run.

    Raises:
        Problem: it is missing.
    """
    path = folder / "best.keras"
    if not path.exists():
        raise Problem("The trained network is missing.", path, "Name the folder of a finished run.")
    return path


def task_name(folders: Sequence[Path]) -> str:
    """The task of these runs.

    Raises:
        Problem: they have several, or one that this version does not know.
    """
    names = {str(read_run_facts(folder)["task"]) for folder in folders}
    if len(names) > 1:
        raise Problem(
            f"The runs have different tasks: {', '.join(sorted(names))}.",
            ", ".join(map(str, folders)),
            "Name runs of one task.",
        )
    (name,) = names
    task(name)
    return name


def files_a_case(folder: Path) -> int:
    """How many files an image of a run has: one, or one a channel."""
    return len(read_case_list(folder / "cases.csv")[0].images)


def series_of_run(folder: Path) -> tuple[str, ...]:
    """What the series are called that a run was trained on; "" where names of files do not tell."""
    return tuple(map(series_name, read_case_list(folder / "cases.csv")[0].images))
