"""The groups of options that apps share, and what their values mean."""

import argparse
import re
from pathlib import Path

from keras_mia.core.hardware import PRECISIONS
from keras_mia.core.option_types import positive
from keras_mia.data.targets.kinds import KINDS, LABEL_MAP
from keras_mia.tasks.task import Task


def add_data(parser: argparse.ArgumentParser, *tasks: type[Task]) -> None:
    """Where the images are, and how their files are to be understood.

    Args:
        parser: to add to.
        tasks: the one whose data they are; of several, for a help text, each has its own group.
    """
    group = parser.add_argument_group("data")
    alone = any(not task.targets for task in tasks)
    maps = alone or any(LABEL_MAP in task.targets for task in tasks)
    texts = alone or any({*task.targets} & {*KINDS} for task in tasks)
    group.add_argument(
        "--data",
        required=True,
        metavar="SOURCE",
        help="a folder"
        + (", a folder with a folder a class" if texts and not maps else "")
        + ", a CSV file"
        + (", sample:mni152, sample:histology, sample:digits" if maps else "")
        + (", sample:normal" if alone else "")
        + (", an npz file, tfds:NAME" if texts else ""),
    )
    add_patient(group)
    for task in tasks:
        group_of_task = parser.add_argument_group(f"with {task.name}") if len(tasks) > 1 else group
        task.data_options(group_of_task)
    group.add_argument(
        "--modality", choices=("CT", "MR", "other"), help="CT is normalized by Hounsfield units"
    )
    add_series(group)
    for column, default in (("image", "image"), ("split", None), ("patient", None)):
        group.add_argument(
            f"--{column}-column",
            default=default,
            metavar="NAME",
            help=f"the CSV's column for {column} (default: {default or f'{column} or alike'})",
        )


def add_patient(parser: argparse._ActionsContainer) -> None:
    """Whose each file is."""
    parser.add_argument(
        "--patient",
        metavar="REGEX",
        help="finds the patient in a file's path (the first group, or the whole match), such as"
        " 'p[0-9]+'",
    )


def add_series(parser: argparse._ActionsContainer) -> None:
    """Which series of a patient's scans are meant."""
    parser.add_argument(
        "--series",
        nargs="+",
        default=(),
        metavar="NAME",
        help="of patients with several series, such as FLAIR and T2, the one to take; several are"
        " channels of one image, in this order",
    )


def add_output(parser: argparse.ArgumentParser) -> None:
    """Where the run goes."""
    group = parser.add_argument_group("output")
    group.add_argument("--output", required=True, type=Path, metavar="FOLDER", help="the run")
    group.add_argument("--overwrite", action="store_true", help="replace a run that is there")
    group.add_argument("--resume", action="store_true", help="go on with a run that was stopped")
    group.add_argument(
        "--cache",
        type=Path,
        metavar="FOLDER",
        help="keep prepared cases here for the next run (default: in the run, removed at its end)",
    )


def add_training(parser: argparse.ArgumentParser, minutes: float = 10.0) -> None:
    """How long and how to train; `minutes` where nothing is said."""
    group = parser.add_argument_group("training")
    length = group.add_mutually_exclusive_group()
    length.add_argument(
        "--minutes",
        type=positive(float),
        default=minutes,
        help=f"of training and of evaluation on the held-out cases (default: {minutes:g})",
    )
    length.add_argument(
        "--steps",
        type=steps,
        metavar="N",
        help="batches, in place of minutes; A+B of the two halves of the schedule, as a report"
        " gives them",
    )
    length.add_argument("--epochs", type=positive(int), help="of 100 batches, in place of minutes")
    group.add_argument(
        "--validations",
        type=positive(int),
        help="how often to score whole cases (default: each epoch, a tenth of the time at most)",
    )
    group.add_argument("--seed", type=int, default=0, help="of weights, patches, changes (0)")
    group.add_argument(
        "--learning-rate", type=positive(float), metavar="RATE", help="the highest one"
    )
    group.add_argument(
        "--schedule",
        choices=("polynomial", "cosine", "constant"),
        default="polynomial",
        help="how the rate falls (default: polynomial)",
    )
    group.add_argument(
        "--patience",
        type=positive(int),
        metavar="N",
        help="stop after N validations without a better score (default: never)",
    )
    group.add_argument(
        "--precision",
        choices=PRECISIONS,
        default="auto",
        help="numbers to compute with (default: bfloat16 where the machine is fast in it)",
    )
    group.add_argument(
        "--devices",
        type=devices,
        metavar="KIND[:N]",
        help="cpu, gpu, or how many: gpu:2; cpu:2 makes two logical ones (default: all GPUs)",
    )
    group.add_argument("--tensorboard", action="store_true", help="write logs for TensorBoard")
    group.add_argument(
        "--diagnose",
        action="store_true",
        help="write and draw the gradient's norm in each layer, before training and each epoch",
    )


def add_runs(parser: argparse.ArgumentParser) -> None:
    """The trained networks to apply."""
    group = parser.add_argument_group("networks")
    group.add_argument(
        "--run",
        required=True,
        type=Path,
        nargs="+",
        action="extend",
        metavar="FOLDER",
        help="of a run, or of one with folds below; the predictions of several are averaged",
    )


def add_fold(parser: argparse.ArgumentParser, several: bool = False) -> None:
    """Which cases are held out; `several` offers to hold out each once."""
    group = parser.add_argument_group("split").add_mutually_exclusive_group()
    group.add_argument(
        "--fold", type=fold, default=(1, 5), metavar="K/N", help="hold out fold K of N (1/5)"
    )
    parser.set_defaults(folds=None)
    if several:
        group.add_argument(
            "--folds", type=_several, metavar="N", help="train N times, each case held out once"
        )


def steps(text: str) -> int | tuple[int, int]:
    """`"700"` as 700, `"400+300"` as `(400, 300)`."""
    if not re.fullmatch(r"[1-9]\d*(\+[1-9]\d*)?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0, or two joined by +")
    first, _, second = text.partition("+")
    return (int(first), int(second)) if second else int(first)


def devices(text: str) -> str:
    """ "cpu", "gpu", or either with a number of 1 or more, "gpu:2"."""
    if not re.fullmatch(r"(cpu|gpu)(:[1-9]\d*)?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not cpu, gpu, cpu:N or gpu:N")
    return text


def fold(text: str) -> tuple[int, int]:
    """`"2/5"` as `(2, 5)`; there are two or more."""
    return _part(text, 2)


def shard(text: str) -> tuple[int, int]:
    """`"2/5"` as `(2, 5)`; there may be one only."""
    return _part(text, 1)


def _part(text: str, least: int) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]) or int(match[2]) < least:
        raise argparse.ArgumentTypeError(f"{text!r} is not K/N with 1 <= K <= N and N >= {least}")
    return int(match[1]), int(match[2])


def _several(text: str) -> int:
    if not text.isdecimal() or int(text) < 2:
        raise argparse.ArgumentTypeError(f"{text} is not 2 or more")
    return int(text)
