"""What of a network that judges samples lies in the folder of a run, known without TensorFlow."""

from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.core.run_facts import read_run_facts
from keras_mia.training.runs.folder import is_run

FILE = "evaluator.keras"
FACTS = "evaluator.json"
NEEDED = {"classification": ("best.keras", "plan.json"), "generation": (FILE, FACTS)}
"""Task of a run that can judge -> the files that it does so by."""


def check_evaluator(run: Path) -> None:
    """Sees to it that a run has a network to judge by.

    Args:
        run: its folder.

    Raises:
        Problem: it has none, or there is no such run.
    """
    where = f"--evaluator {run}"
    remedy = "Name a finished run of classify, finetune or generate."
    if not is_run(run):
        raise Problem("There is no run.", where, remedy)
    task = read_run_facts(run)["task"]
    if task not in NEEDED:
        raise Problem(f"A run of {task} has no network that judges images.", where, remedy)
    lacking = [name for name in NEEDED[task] if not (run / name).is_file()]
    if lacking and task == "generation":
        raise Problem(
            "The run has no network that judges images: it is not finished, or was judged by the"
            " values of voxels or by a run of classify.",
            where,
            "Name that run of classify, or leave --evaluator out.",
        )
    if lacking:
        raise Problem(f"The run has no {lacking[0]}.", where, remedy)
