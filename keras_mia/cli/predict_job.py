"""What `predict` is to do, found out and checked before TensorFlow is loaded."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_mia.cli.inputs import check_output, image_cases, remaining_cases
from keras_mia.cli.runs import run_folders, trained
from keras_mia.core.files.folders import check_new
from keras_mia.core.files.lock import Lock
from keras_mia.core.files.separation import check_no_source, check_separate
from keras_mia.data.datasets.case_list import read_case_list
from keras_mia.data.datasets.cases import Case
from keras_mia.data.targets.kinds import LABEL_MAP
from keras_mia.tasks.register import task
from keras_mia.tasks.task import Task
from keras_mia.training.runs.folder import check_outside_runs


@dataclass(frozen=True)
class PredictionJob:
    """Trained networks, and the images that they are applied to.

    Args:
        task: of the runs, with the values that the user chose.
        folders: of the runs.
        plans: one a run.
        cases: the images still to predict.
        table: the file of rows to write; None where each image has files of its own.
    """

    task: Task
    folders: Sequence[Path]
    plans: Sequence[Any]
    cases: Sequence[Case]
    table: Path | None = None


def prediction_job(args: argparse.Namespace) -> PredictionJob:
    """What the options of `predict` ask for.

    Args:
        args: of the app.

    Raises:
        Problem: a run or the images are missing, or an output is there.
    """
    folders = run_folders(args.run)
    for folder in folders:
        trained(folder)
    check_outside_runs(args.output, allow_subfolder=True)
    configured = task(args.task).configured(args)
    plans = [configured.read_plan(folder) for folder in folders]
    targets = configured.targets
    structures = LABEL_MAP in targets or not targets  # as `read_cases` reads them for training
    cases = image_cases(args.data, folders, args.series, structures=structures)
    configured.check_images(cases, plans[0])
    job = PredictionJob(configured, folders, plans, cases)
    table = configured.table
    return _in_files(args, job) if table is None else _in_a_table(args, job, table)


def _in_files(args: argparse.Namespace, job: PredictionJob) -> PredictionJob:
    """The job of a task that writes files of each image."""

    def files(case: Case) -> Sequence[str]:
        return job.task.file_names(case, job.plans[0])

    kept = (read_case_list(folder / "cases.csv") for folder in job.folders)
    sources = (path for cases in kept for case in cases for path in case.files)
    check_no_source([args.output / name for case in job.cases for name in files(case)], sources)
    replace = args.overwrite or args.shard is not None
    _hold(args, lambda: check_output(args.output, job.cases, files, replace))
    cases = job.cases
    if args.shard:
        cases = remaining_cases(cases, args.shard, args.output, files, args.overwrite)
    return PredictionJob(job.task, job.folders, job.plans, cases)


def _in_a_table(args: argparse.Namespace, job: PredictionJob, name: str) -> PredictionJob:
    """The job of a task that writes a row of each image."""
    cases = job.cases
    if args.shard:
        number, count = args.shard
        name = f"{Path(name).stem}_{number}_of_{count}{Path(name).suffix}"
        cases = cases[number - 1 :: count]
    _hold(args, lambda: check_new(args.output / name, args.overwrite))
    return PredictionJob(job.task, job.folders, job.plans, cases, args.output / name)


def _hold(args: argparse.Namespace, check: Callable[[], object]) -> None:
    """Two processes do not write the same files; until the folder was held, it could change."""
    check()
    if Path(args.data).exists():
        check_separate(args.output, [Path(args.data)], may_hold=True)
    lock = Lock(args.output, "{}-of-{}".format(*args.shard) if args.shard else "")
    if lock.stale:
        print(f"  The folder was held by a process that did not end well: {lock.stale}.")
    check()
