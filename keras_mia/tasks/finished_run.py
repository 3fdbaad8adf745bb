"""Runs that another run takes its network from: whether they are there, and finished."""

import hashlib
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.core.run_facts import FILE
from keras_mia.training.runs.folder import is_finished

NETWORK = "best.keras"


def check_begun(folder: Path, option: str, kind: str, remedy: str) -> None:
    """Sees to it that a folder holds a run.

    Args:
        folder: that the user names.
        option: by which it is named.
        kind: of network, for messages.
        remedy: what to name.

    Raises:
        Problem: it does not.
    """
    if not (folder / FILE).is_file():
        raise Problem(
            f"There is no such run of a {kind}.",
            f"{option} {folder}",
            f"{remedy}; a run that was begun with it needs it to go on.",
        )


def check_finished(folder: Path, option: str, kind: str) -> None:
    """Sees to it that a run has a network that will not change any more.

    Args:
        folder: of the run.
        option: by which the user names it.
        kind: of network, for messages.

    Raises:
        Problem: it has not.
    """
    if not (folder / NETWORK).is_file() or not is_finished(folder):
        raise Problem(
            f"The run of the {kind} is not finished.",
            f"{option} {folder}",
            "Go on with it by --resume, or wait for its end. Of one with folds name a fold.",
        )


def run_digest(folder: Path) -> str:
    """A hash of what a run's network gives: of its weights, and of the values that it takes.

    Args:
        folder: of a finished run.
    """
    content = hashlib.sha256()
    for file in (NETWORK, "plan.json"):
        content.update((folder / file).read_bytes())
    return content.hexdigest()[:16]
