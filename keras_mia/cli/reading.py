"""The cases of `--data`, and what is said of them."""

import argparse
from collections.abc import Collection

from keras_mia.data.datasets.cases import Cases
from keras_mia.data.datasets.reading import read_cases
from keras_mia.tasks.task import Task


def read(
    args: argparse.Namespace,
    task: Task,
    *,
    targets: Collection[str] | None = None,
    strict: bool = True,
) -> Cases:
    """The cases that the options of `add_data` name.

    Args:
        args: of the app.
        task: whose data they are, for what the user says of their targets.
        targets: the kinds of target that they may have; None: those of the task.
        strict: whether an image without a target is an error.

    Raises:
        Problem: nothing was found, or images have no target.
    """
    shared = ("patient", "series", "image_column", "split_column", "patient_column")
    reading = {"targets": task.targets, **task.reading}
    if targets is not None:
        reading |= {"targets": targets, "targets_required": True}
    return read_cases(
        args.data, strict=strict, **{name: getattr(args, name) for name in shared} | reading
    )


def needs_tensorflow(source: str) -> bool:
    """Whether a source cannot be read without TensorFlow.

    Args:
        source: as the user names it.
    """
    return source.startswith("tfds:")


def print_notes(cases: Cases) -> None:
    """Says what was understood of the data, and what may be wrong with them.

    Args:
        cases: as they were read.
    """
    for note in cases.notes:
        print(f"  {note}")
    for warning in cases.warnings:
        print(f"  Warning: {warning}")
    if cases.warnings:
        print("  `keras-mia doctor` with the same --data tells more.")
