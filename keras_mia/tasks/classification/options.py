"""What a user may choose of the targets of whole images, of the plan, and what the texts mean."""

import argparse
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from keras_mia.core.option_types import named_values, positive, within
from keras_mia.core.problem import Problem
from keras_mia.data.targets.kinds import BALANCED, KINDS, VIEWS

PLAN_FIELDS = (
    *("view", "size", "normalization", "network", "batch_size", "sampling", "flip"),
    *("mixup", "smoothing", "l1", "l2"),
)
"""The options that are fields of the plan as they are."""


def add_data_options(group: argparse._ArgumentGroup) -> None:
    """Which column holds the targets, what their texts are called, and of which kind they are."""
    group.add_argument(
        "--labels",
        metavar="0=NAME,1=NAME",
        help="names of the classes or findings (default: as the data have them)",
    )
    group.add_argument(
        "--label-column",
        nargs="+",
        metavar="NAME",
        help="the CSV's column for label (default: label); several are several targets of each"
        " image",
    )
    group.add_argument(
        "--kind",
        choices=KINDS,
        nargs="+",
        help="one class of several (multiclass), several findings at once (multilabel), a number"
        " (regression), or the corners of a box; one a column where there are several (default: as"
        " the texts look)",
    )


def add_target_options(parser: argparse.ArgumentParser) -> None:
    """What is learnt of the targets, and from how many cases."""
    group = parser.add_argument_group("target")
    group.add_argument(
        "--loss-weights",
        type=positive(float),
        nargs="+",
        metavar="W",
        help="of several targets, one a column (default: all 1)",
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


def add_pretrained_options(parser: argparse.ArgumentParser) -> None:
    """Which weights a pretrained network begins with, and which of them learn."""
    group = parser.add_argument_group("pretrained network")
    group.add_argument(
        "--weights",
        default="imagenet",
        metavar="WHAT",
        help="imagenet (Keras downloads them), none, or a file: .h5 as Keras publishes them,"
        " .keras, .weights.h5 (default: imagenet)",
    )
    group.add_argument(
        "--freeze",
        type=layer,
        default=0,
        metavar="LAYER",
        help="how many of the first layers keep their weights, or the name of the last of them"
        " (default: 0)",
    )
    group.add_argument("--no-probe", action="store_true", help="do not fit the last layer first")


def add_plan_options(parser: argparse.ArgumentParser, *, pretrained: bool = False) -> None:
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
        " through the centre turned at random; predictions of slices and of random planes are"
        " averaged",
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
    _add_training_options(group)


def _add_training_options(group: argparse._ArgumentGroup) -> None:
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
        "--rotation",
        type=within(0, 180),
        help="largest angle in degrees",
        nargs="+",
        metavar="N",
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


def overrides(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the plan that options set; None: those that they do not.

    Args:
        given: the options by name.

    Raises:
        Problem: a value is no such.
    """
    return {
        "spacing_mm": given.get("spacing"),
        "modality": (given.get("modality") or "").upper() or None,
        "options": named_values(given.get("option", ())) or None,
        "rotation_deg": given.get("rotation"),
        "class_weights": class_weights(given.get("class_weights")),
        **{name: given.get(name) for name in PLAN_FIELDS},
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


def layer(text: str) -> int | str:
    """`"10"` as 10, `"block3_pool"` as it is."""
    return int(text) if text.isdecimal() else text
