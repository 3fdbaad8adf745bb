"""Runs of classifiers that were never trained."""

from pathlib import Path

import keras

from keras_mia.core.files.text_files import write_text
from keras_mia.data.datasets.reading import read_cases
from keras_mia.tasks.classification.task import Classification
from keras_mia.training.runs.run import Run


def write_classifier(data: Path, folder: Path, *, seed: int = 0, finished: bool = True, **choices):
    """A finished run whose network has the weights that it began with.

    Args:
        data: a folder a class.
        folder: of the run.
        seed: of the weights.
        finished: whether the run came to its end.
        choices: fields of the plan.
    """
    keras.utils.set_random_seed(seed)
    task = Classification(overrides=choices)
    cases = task.split(task.examine(read_cases(data, targets=task.targets, **task.reading)), (1, 5))
    plan = task.plan(cases)
    run = Run.start(folder, task.name)
    run.accept(cases, plan)
    run.save_model(task.build(plan))
    if finished:
        run.save_scores([], {})
        write_text(folder / "report.html", "")
    run.finish()
    return folder
