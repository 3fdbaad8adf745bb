"""What `predict` is to do, found out and checked before TensorFlow is loaded."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_mia.cli.inputs import check_output, image_cases, left_to_do
from keras_mia.cli.runs import run_folders, task_name, trained
from keras_mia.core.files.atomic import check_new
from keras_mia.core.files.lock import Lock
from keras_mia.core.files.separation import check_apart, check_no_source
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_list import read_case_list
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.data.preprocess.image_plan import ImagePlan
from keras_mia.data.preprocess.plan import Plan
from keras_mia.tasks.segmentation.prediction_files import check_dicom_seg, file_names
from keras_mia.training.runs.folder import check_outside_runs


@dataclass(frozen=True)
class PredictionJob:
    """Trained networks, and the images that they are applied to.

    Args:
        folders: of the runs.
        plans: one a run, of the task's kind.
        cases: the images still to predict.
        table: the file of answers to write; None where label maps are written.
    """

    folders: Sequence[Path]
    plans: Sequence[Any]
    cases: Sequence[Case]
    table: Path | None = None


def prediction_job(args: argparse.Namespace) -> PredictionJob:
    """What the options of `predict` ask for.

    Raises:
        Problem: a run or the images are missing, an option is not for this task, or an output is
            there.
    """
    folders = run_folders(args.run)
    answers = task_name(folders) == "classification"
    for folder in folders:
        trained(folder)
    check_outside_runs(args.output, beside=True)
    return (_answers if answers else _label_maps)(args, folders)


def _label_maps(args: argparse.Namespace, folders: Sequence[Path]) -> PredictionJob:
    plans = [Plan.read(folder / "plan.json") for folder in folders]
    cases = image_cases(args.data, folders, args.series, maps=True)
    if args.form:
        check_dicom_seg(cases)

    def files(case: Case) -> list[str]:
        return file_names(
            case,
            plans[0].image_rank,
            probabilities=args.probabilities,
            dicom_seg=args.form is not None,
        )

    trained_on = (path for folder in folders for case in _known(folder) for path in case.files)
    check_no_source([args.output / name for case in cases for name in files(case)], trained_on)
    replace = args.overwrite or args.shard is not None
    _hold(args, lambda: check_output(args.output, cases, files, replace))
    todo: Sequence[Case] = cases
    if args.shard:
        todo = left_to_do(cases, args.shard, args.output, files, args.overwrite)
    return PredictionJob(folders, plans, todo)


def _hold(args: argparse.Namespace, check: Callable[[], object]) -> None:
    """Two processes do not write the same files; until the folder was held, it could change."""
    check()
    if Path(args.data).exists():
        check_apart(args.output, [Path(args.data)], may_hold=True)
    lock = Lock(args.output, "{}-of-{}".format(*args.shard) if args.shard else "")
    if lock.stale:
        print(f"  The folder was held by a process that did not end well: {lock.stale}.")
    check()


def _known(folder: Path) -> Sequence[Case]:
    """The cases of a run."""
    return read_case_list(folder / "cases.csv").cases


def _answers(args: argparse.Namespace, folders: Sequence[Path]) -> PredictionJob:
    for option in ("form", "probabilities", "largest", "fill_holes"):
        if getattr(args, option):
            raise Problem(
                "This run answers whole images: there is no label map.",
                f"--{option.replace('_', '-') if option != 'form' else 'as'}",
                "Leave the option out.",
            )
    plans = [ImagePlan.read(folder / "plan.json") for folder in folders]
    cases: Cases | Sequence[Case] = image_cases(args.data, folders, args.series, maps=False)
    name = "predictions.csv"
    if args.shard:
        name = "predictions_{}_of_{}.csv".format(*args.shard)
        cases = cases[args.shard[0] - 1 :: args.shard[1]]
    _hold(args, lambda: check_new(args.output / name, args.overwrite))
    return PredictionJob(folders, plans, cases, args.output / name)
