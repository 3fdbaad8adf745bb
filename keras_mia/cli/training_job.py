"""What a training app is to do, found out and checked before TensorFlow is loaded."""

import argparse
import os
from collections.abc import Iterable
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from keras_mia.cli.reading import needs_tensorflow, read
from keras_mia.cli.resuming import check_options
from keras_mia.core.files.folders import check_folder as check_writable
from keras_mia.core.files.separation import check_separate
from keras_mia.core.problem import Problem
from keras_mia.core.run_facts import read_run_facts
from keras_mia.data.datasets.cases import Cases
from keras_mia.tasks.task import Task
from keras_mia.training.distributed.cluster import several_workers
from keras_mia.training.runs.folder import (
    check_folder,
    check_no_foreign_files,
    check_outside_runs,
    is_begun_only,
    is_run,
)


class TrainingJob:
    """A task with the values that the user chose, and its cases, which are read once.

    Args:
        task: as `configured` makes it.
        args: of the app, for the data.
    """

    def __init__(self, task: Task, args: argparse.Namespace):
        self.task, self._args = task, args

    @cached_property
    def cases(self) -> Cases:
        """The cases of `--data`; no pixel is read yet."""
        return read(self._args, self.task)

    @cached_property
    def examined(self) -> Cases:
        """The same, each read once."""
        return self.task.examine(self.cases)


def training_job(args: argparse.Namespace, task: type[Task]) -> TrainingJob:
    """Looks for what is wrong with options, data and output, so that it is said at once.

    Args:
        args: of an app that trains, or plans.
        task: whose options they are.

    Raises:
        Problem: an option, the data or the output is wrong.
    """
    job = TrainingJob(task.configured(args), args)
    check_output(args, job.task.files)
    if not needs_tensorflow(args.data):
        _ = job.cases
    return job


def check_output(args: argparse.Namespace, files: Iterable[Path] = ()) -> None:
    """Sees to it that the run may begin, or go on, in `--output`.

    Of several workers only the chief could say so, and who that is TensorFlow knows.

    Args:
        args: of the app.
        files: that the task's options name.

    Raises:
        Problem: it may not, or goes on with other options.
    """
    if "output" not in args or several_workers():
        return
    check_writable(args.output)
    if args.cache:
        check_writable(args.cache)
    check_separation(args, files)
    if getattr(args, "tensorboard", False) and find_spec("tensorboard") is None:
        raise Problem(
            "Logs for TensorBoard need the package tensorboard, which is not installed.",
            "--tensorboard",
            "pip install tensorboard, or leave it out.",
        )
    if not args.resume:
        check_folder(args.output, overwrite=args.overwrite)
        return
    if not is_run(args.output):
        raise Problem(
            "There is no run to resume.", args.output, "Leave --resume out, or name its folder."
        )
    check_no_foreign_files(args.output)
    if not is_begun_only(args.output):
        check_options(read_run_facts(args.output), args, args.output)


def check_separation(args: argparse.Namespace, files: Iterable[Path] = ()) -> None:
    """Sees to it that the run, its cache, the data and other runs lie apart.

    Args:
        args: of the app.
        files: that the task's options name.

    Raises:
        Problem: they do not.
    """
    data = [Path(args.data)] if Path(args.data).exists() else []
    check_separate(args.output, [*data, *files])
    check_outside_runs(args.output)
    if args.cache:
        check_separate(args.cache, data, option="--cache", may_hold=True)
        output, cache = os.path.realpath(args.output), Path(os.path.realpath(args.cache))
        if not cache.is_relative_to(output):
            check_outside_runs(args.cache, option="--cache", allow_subfolder=True)
