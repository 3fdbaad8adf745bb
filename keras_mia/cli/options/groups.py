"""The groups of options that apps share, and what their values mean."""

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from keras_mia.cli.options.labels import add_instances
from keras_mia.core.hardware import PRECISIONS


def add_data(parser: argparse.ArgumentParser, answers: bool | None = False) -> None:
    """Where the images are, and how their files are to be understood.

    Args:
        parser: to add to.
        answers: whether images have answers in words in place of label maps; None: either.
    """
    group = parser.add_argument_group("data")
    group.add_argument(
        "--data",
        required=True,
        metavar="SOURCE",
        help={
            False: "a folder, a CSV file, or sample:mni152, sample:histology, sample:digits",
            True: "a folder with a folder a class, a CSV file, an npz file, or tfds:NAME",
            None: "a folder, a CSV or npz file, sample:NAME, or tfds:NAME",
        }[answers],
    )
    add_patient(group)
    what = {False: "label values", True: "answers", None: "label values or answers"}[answers]
    ranges = "" if answers else "; values of a range are one: 0-127=NAME,128-255=NAME"
    group.add_argument(
        "--labels",
        metavar="0=NAME,1=NAME",
        help=f"names of the {what} (default: as found){ranges}",
    )
    if not answers:
        add_instances(group)
        group.add_argument(
            "--classes",
            metavar="1,5,52",
            help="label values to keep; the rest counts as background (default: all)",
        )
    group.add_argument(
        "--modality", choices=("CT", "MR", "other"), help="CT is normalized by Hounsfield units"
    )
    add_series(group)
    region = () if answers else ("region",)
    for column in ("image", "label", *region, "split", "patient"):
        usual = column if column in ("image", "label") else None
        several: dict[str, Any] = {}
        if answers is not False and column == "label":
            several["nargs"] = "+"
        more = "; several are several answers to each image" if several else ""
        group.add_argument(
            f"--{column}-column",
            default=usual,
            metavar="NAME",
            help=f"the CSV's column for {column} (default: {usual or f'{column} or alike'}){more}",
            **several,
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


def reading(args: argparse.Namespace) -> dict[str, Any]:
    """The options of `add_data` as `read_cases` takes them."""
    columns = [f"{name}_column" for name in ("image", "label", "region", "split", "patient")]
    found = {name: getattr(args, name) for name in ("patient", "series", *columns) if name in args}
    return found | {"folders_are_classes": bool(getattr(args, "kind", None))}


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
        help=f"of training and of judging the held-out cases (default: {minutes:g})",
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
        help="of a run, or of one with folds below; the answers of several are averaged",
    )


def add_fold(parser: argparse.ArgumentParser, several: bool = False) -> None:
    """Which cases are held out; `several` offers to hold out each once."""
    group = parser.add_argument_group("split").add_mutually_exclusive_group()
    group.add_argument(
        "--fold", type=fold, default=(1, 5), metavar="K/N", help="hold out fold K of N (1/5)"
    )
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


def positive(kind: Callable[[str], Any]) -> Callable[[str], Any]:
    """A parser of numbers above 0, for an option's `type`."""

    def parse(text: str):
        value = kind(text)
        if not value > 0:
            raise argparse.ArgumentTypeError(f"{text} is not above 0")
        return value

    parse.__name__ = kind.__name__
    return parse


def within(low: float, high: float, *, open_end: bool = False) -> Callable[[str], float]:
    """A parser of numbers from `low` to `high`, or below it, for an option's `type`."""

    def number(text: str) -> float:
        value = float(text)
        if not low <= value <= high or (open_end and value == high):
            end = f"below {high:g}" if open_end else f"{high:g}"
            raise argparse.ArgumentTypeError(f"{text} is not between {low:g} and {end}")
        return value

    return number


def add_plan(parser: argparse.ArgumentParser) -> None:
    """What of the plan the user sets; the rest is proposed."""
    group = parser.add_argument_group("plan", "each is proposed from the data unless set here")
    numbers: dict[str, Any] = {"nargs": "+", "metavar": "N"}
    group.add_argument("--rank", type=int, choices=(2, 3), help="of the network")
    group.add_argument("--spacing", type=positive(float), help="mm, one or one an axis", **numbers)
    group.add_argument("--normalization", choices=("zscore", "ct", "none"))
    group.add_argument("--patch", type=positive(int), help="voxels, one or one an axis", **numbers)
    group.add_argument("--batch-size", type=positive(int), metavar="N", help="patches at once")
    group.add_argument(
        "--depth", type=positive(int), metavar="N", help="how often sides are halved"
    )
    group.add_argument("--filters", type=positive(int), metavar="N", help="at full resolution")
    group.add_argument(
        "--network", metavar="FILE.py:FUNCTION", help="your own builder (default: unet)"
    )
    group.add_argument(
        "--norm",
        choices=("none", "batch", "instance", "group"),
        help="kind of normalization layers",
    )
    group.add_argument(
        "--flip", type=int, choices=range(3), nargs="*", metavar="AXIS", help="axes to mirror"
    )
    group.add_argument(
        "--rotation", type=within(0, 180), help="largest angle in degrees", **numbers
    )
    group.add_argument(
        "--foreground-share", type=within(0, 1), metavar="SHARE", help="of the patches"
    )
