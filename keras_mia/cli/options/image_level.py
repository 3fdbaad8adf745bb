"""The options of apps that answer whole images."""

import argparse
import ast
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from keras_mia.cli.options.groups import positive, within
from keras_mia.cli.options.labels import check_named_once
from keras_mia.core.problem import Problem
from keras_mia.data.targets.kinds import BALANCED, KINDS, VIEWS


def add_answers(parser: argparse.ArgumentParser) -> None:
    """What is asked of each image, and how many are learnt from."""
    group = add_kind(parser)
    group.add_argument(
        "--loss-weights",
        type=positive(float),
        nargs="+",
        metavar="W",
        help="of several answers, one a column (default: all 1)",
    )
    group.add_argument(
        "--positive",
        metavar="NAME",
        help="which one of two classes the scores, the curves and the threshold are of (default:"
        " the second by name)",
    )
    group.add_argument(
        "--tree",
        type=Path,
        metavar="FILE.csv",
        help="learn the classes of its column fine, tell those of its column coarse: their"
        " probabilities are those of the fine ones together",
    )
    group.add_argument(
        "--limit",
        type=positive(int),
        metavar="N",
        help="train on N cases only, drawn class by class",
    )


def add_kind(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """What is asked of each image."""
    group = parser.add_argument_group("target")
    group.add_argument(
        "--kind",
        choices=KINDS,
        nargs="+",
        help="one class of several (multiclass), several findings at once (multilabel), a number"
        " (regression), or the corners of a box; one a column where there are several (default: as"
        " the answers look)",
    )
    return group


def add_diagnosis(parser: argparse.ArgumentParser) -> None:
    """What is written about training itself."""
    parser.add_argument(
        "--diagnose",
        action="store_true",
        help="write and draw the gradient's norm in each layer, before training and each epoch",
    )


def add_answer_plan(parser: argparse.ArgumentParser, *, pretrained: bool = False) -> None:
    """What of the plan the user sets; the rest is proposed.

    Args:
        parser: to add to.
        pretrained: whether the network is a pretrained one, which scales its images itself.
    """
    group = parser.add_argument_group("plan", "each is proposed from the data unless set here")
    numbers: dict[str, Any] = {"nargs": "+", "metavar": "N"}
    kinds = "such as VGG16, InceptionV3, ResNet50 (default: MobileNetV2)"
    group.add_argument(
        "--network",
        metavar="NAME",
        help=kinds if pretrained else "a builder, or FILE.py:FUNCTION",
    )
    group.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"of the network, such as {'alpha=0.35' if pretrained else 'depth=34'}; may be given"
        " several times",
    )
    group.add_argument(
        "--view",
        choices=VIEWS,
        help="of volumes: the whole, for a 3D network (default); or for a 2D one each slice, each"
        " with its neighbours as channels, three planes through the centre as channels, or planes"
        " through the centre turned at random; answers of slices and of random planes are averaged",
    )
    group.add_argument(
        "--size", type=positive(int), help="voxels, one side or one an axis", **numbers
    )
    group.add_argument(
        "--spacing",
        type=positive(float),
        help="of volumes, mm a voxel, one or one an axis; the size follows from it unless given",
        **numbers,
    )
    if not pretrained:
        group.add_argument("--normalization", choices=("set", "zscore", "ct", "none"))
    group.add_argument("--batch-size", type=positive(int), metavar="N")
    group.add_argument(
        "--sampling",
        choices=("natural", "balanced"),
        help="each image, or each class, equally often",
    )
    group.add_argument(
        "--flip", type=int, choices=range(3), nargs="*", metavar="AXIS", help="axes to mirror"
    )
    group.add_argument(
        "--rotation", type=within(0, 180), help="largest angle in degrees", **numbers
    )
    group.add_argument(
        "--mixup", type=within(0, math.inf), metavar="A", help="mix pairs of images by Beta(A, A)"
    )
    group.add_argument(
        "--smoothing",
        type=within(0, 1, open_end=True),
        metavar="SHARE",
        help="of the truth, spread over all classes",
    )
    group.add_argument(
        "--class-weights",
        nargs="+",
        metavar="W",
        help="how much each class counts in the loss, or each finding where it is present, in the"
        " order of their names; or balanced",
    )
    group.add_argument(
        "--l1", type=within(0, math.inf), metavar="W", help="penalty on kernels' absolute values"
    )
    group.add_argument(
        "--l2", type=within(0, math.inf), metavar="W", help="penalty on kernels' squares"
    )


def asking(args: argparse.Namespace) -> dict[str, Any]:
    """The options that say what is asked, as `classification.plan` takes them."""
    return {
        "kinds": args.kind or (),
        "columns": args.label_column,
        "loss_weights": args.loss_weights or (),
        "names": named_answers(args.labels),
        "positive": args.positive,
        "tree": args.tree,
    }


def class_weights(given: Sequence[str] | None) -> Sequence[float] | str | None:
    """The numbers of `--class-weights`, or "balanced".

    Raises:
        Problem: it is neither.
    """
    if not given:
        return None
    if list(given) == [BALANCED]:
        return BALANCED
    try:
        return [float(one) for one in given]
    except ValueError as error:
        raise Problem(
            f"{' '.join(given)} is not a number a class, nor {BALANCED}.",
            "--class-weights",
            f"Give one number a class, such as 1 3, or {BALANCED}.",
        ) from error


def named_answers(text: str | None) -> dict[str, str] | None:
    """`"0=normal,1=pneumonia"` as `{"0": "normal", "1": "pneumonia"}`."""
    if not text:
        return None
    pairs = [part.partition("=") for part in text.split(",")]
    if not all(middle and name.strip() for _, middle, name in pairs):
        raise Problem(
            "Names of answers are pairs ANSWER=NAME.", f"--labels {text}", "--labels 0=well,1=ill"
        )
    named = [(value.strip(), name.strip()) for value, _, name in pairs]
    check_named_once([value for value, _ in named], text)
    return dict(named)


def given_options(given: Sequence[str]) -> dict[str, Any]:
    """`["depth=34", "pooling=max"]` as `{"depth": 34, "pooling": "max"}`."""
    found = {}
    for text in given:
        name, middle, value = text.partition("=")
        if not middle or not name.isidentifier():
            raise Problem("An option is NAME=VALUE.", f"--option {text}", "--option depth=34")
        try:
            found[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            found[name] = value
    return found


def layer(text: str) -> int | str:
    """`"10"` as 10, `"block3_pool"` as it is."""
    return int(text) if text.isdecimal() else text
