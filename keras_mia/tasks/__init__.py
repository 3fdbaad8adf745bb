"""What the rooms do for one kind of answer: the same verbs in each module."""

import importlib

from keras_mia.core.problem import Problem

NAMES = ("segmentation", "classification")


def task(name: str):
    """The module of a task by the name that run.json holds.

    Raises:
        Problem: there is no such task.
    """
    if name not in NAMES:
        raise Problem(
            f"There is no task {name!r}; known: {', '.join(NAMES)}.", "run.json", "Train it again."
        )
    return importlib.import_module(f"keras_mia.tasks.{name}")
