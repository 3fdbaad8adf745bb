"""What `sample` is to do, found out and checked before TensorFlow is loaded."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_mia.cli.inputs import check_existing
from keras_mia.cli.runs import run_folders, task_name, trained
from keras_mia.cli.sampling.sample_formats import FORMATS, samples_in
from keras_mia.core.files.folders import check_folder, check_new
from keras_mia.core.files.lock import Lock
from keras_mia.core.files.separation import check_no_source, check_separate
from keras_mia.core.problem import Problem
from keras_mia.core.run_facts import read_run_facts
from keras_mia.core.text import listing, plural
from keras_mia.data.datasets.case_list import read_case_list
from keras_mia.tasks.register import check_offers, task
from keras_mia.tasks.task import Task
from keras_mia.training.runs.folder import check_outside_runs, is_finished

FILES = (".png", ".npz")
"""Suffixes of an output that is one file."""


@dataclass(frozen=True)
class SamplingJob:
    """A trained network, and what is to be sampled from it.

    Args:
        task: of the run.
        folder: of the run.
        plan: of the run.
        classes: the names of those that the network tells apart.
    """

    task: Task
    folder: Path
    plan: Any
    classes: Sequence[str]


def sampling_job(args: argparse.Namespace) -> SamplingJob:
    """What the options of `sample` ask for.

    Args:
        args: of the app.

    Raises:
        Problem: the run samples nothing, or is not finished; there is no such class; or the output
            cannot be written, or is there.
    """
    folder = _run(args.run)
    name = task_name([folder])
    check_offers(name, "sample", folder)
    trained(folder)
    if not is_finished(folder):
        raise Problem(
            "The run is not finished.", folder, "Go on with it by --resume, or wait for its end."
        )
    configured = task(name).configured(args)
    plan = configured.read_plan(folder)
    classes = configured.sampled_classes(plan)
    _check_class(args.class_name, classes)
    _check_format(args, plan)
    _check_output(args, folder)
    return SamplingJob(configured, folder, plan, classes)


def is_file(output: Path) -> bool:
    """Whether all samples are written into one file.

    Args:
        output: as the user names it.
    """
    return output.suffix.lower() in FILES


def _run(named: Path) -> Path:
    folders = run_folders([named])
    if len(folders) > 1:
        raise Problem(
            f"This run has {len(folders)} networks, one a fold.",
            named,
            f"Name one of them: {folders[0]}.",
        )
    return folders[0]


def _check_class(name: str | None, classes: Sequence[str]) -> None:
    if name is None or name in classes:
        return
    if not classes:
        raise Problem(
            "The network of this run does not tell classes apart.",
            f"--class {name}",
            "Leave it out, or name a run of a conditional network.",
        )
    raise Problem(
        f"The run knows no class {name!r}.", f"--class {name}", f"It knows {listing(classes, 20)}."
    )


def _check_format(args: argparse.Namespace, plan: Any) -> None:
    """Sees to it that the output's name tells what to write, and that the format can hold it."""
    output, name = args.output, args.format
    if not is_file(output) and output.suffix and not output.is_dir():
        raise Problem(
            f"Samples are not written into files that end in {output.suffix}.",
            output,
            "Name a file that ends in .png (a picture of all) or .npz (arrays), or a folder, whose"
            " name ends in neither (a file each, see --format).",
        )
    if name and is_file(output):
        raise Problem(
            "A format is that of files in a folder.",
            f"--format {name}",
            "Leave it out, or name a folder as --output.",
        )
    rank, channels = plan.image_rank, plan.channels
    if name and not FORMATS[name].holds(rank, channels):
        others = [one for one in FORMATS if FORMATS[one].holds(rank, channels)]
        raise Problem(
            f"This format does not hold images of {rank} axes and {plural(channels, 'channel')}.",
            f"--format {name}",
            f"Take {' or '.join(others)}.",
        )


def _check_output(args: argparse.Namespace, run: Path) -> None:
    """Sees to it that nothing of runs and data is touched, and nothing replaced unless it was
    said; holds a folder, which two processes must not write to."""
    output = args.output
    alone = is_file(output)
    folder = output.parent if alone else output
    check_outside_runs(folder, allow_subfolder=True)
    data = read_run_facts(run).get("data")
    if data and Path(data).exists():
        check_separate(folder, [Path(data)], may_hold=True)
    sources = [path for case in read_case_list(run / "cases.csv") for path in case.files]
    if alone:
        check_no_source([output], sources)
        check_new(output, args.overwrite)
        return
    check_folder(output)
    _check_folder_files(args, sources)
    lock = Lock(output)
    if lock.stale:
        print(f"  The folder was held by a process that did not end well: {lock.stale}.")
    _check_folder_files(args, sources)  # until the folder was held, it could change


def _check_folder_files(args: argparse.Namespace, sources: Sequence[Path]) -> None:
    existing = samples_in(args.output)
    check_no_source([args.output / name for name in existing], sources)
    check_existing(args.output, existing, args.overwrite)
