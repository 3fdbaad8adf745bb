"""What a user may choose of pairs, of what makes images worse, and of the plan."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras_mia.core.option_types import above, positive, within
from keras_mia.core.problem import Problem
from keras_mia.tasks.patches.options import add_patch_options
from keras_mia.tasks.translation.perceptual.options import add_perceptual_options

OPTIONS_OF = {
    "noise": {"noise_level": "level", "noise_kind": "kind"},
    "blur": {"blur_sigma": "sigma"},
    "resolution": {"factor": "factor"},
    "undersampling": {"acceleration": "acceleration", "centre": "centre", "lines_axis": "axis"},
}
"""Degradation -> option -> what it sets."""


TARGET_VALUES = ("same", "other", "hu")
WAYS = ("cyclegan", "refiner")
"""How it may be learnt without pairs, the usual one first."""


def add_data_options(group: argparse._ArgumentGroup) -> None:
    """Which column holds the targets, or what makes images out of them."""
    group.add_argument(
        "--label-column",
        metavar="NAME",
        help="the CSV's column for the image to be made (default: target_image)",
    )
    group.add_argument(
        "--unpaired",
        nargs=2,
        metavar=("A", "B"),
        help="make images of B of images of A, without pairs: names of two folders, of two values"
        " of the column label, or of two series of each patient, which training is not told belong"
        " together (--network cyclegan or refiner)",
    )
    group.add_argument(
        "--degrade",
        choices=tuple(OPTIONS_OF),
        help="the data are single images: make them worse, and learn the way back",
    )
    number: dict[str, Any] = {"type": positive(float), "metavar": "X"}
    times: dict[str, Any] = {"type": above(1, float), "metavar": "X"}
    group.add_argument(
        "--noise-level",
        help="standard deviation of the noise, as a share of the range of an image from the 1st to"
        " the 99th percentile (default: 0.1)",
        **number,
    )
    group.add_argument(
        "--noise-kind",
        choices=("gaussian", "rician"),
        help="rician: that of magnitude images of MR, whose 0 is no signal (default: gaussian)",
    )
    group.add_argument(
        "--blur-sigma", help="of a Gaussian point spread, voxels (default: 1.5)", **number
    )
    group.add_argument(
        "--factor", help="how many times larger the voxels are (default: 2)", **times
    )
    group.add_argument(
        "--acceleration", help="of how many lines of k-space one is kept (default: 3)", **times
    )
    group.add_argument(
        "--centre",
        type=within(0, 1),
        metavar="SHARE",
        help="of the lines, in the middle, that are always kept (default: 0.08)",
    )
    group.add_argument(
        "--lines-axis",
        type=int,
        choices=(0, 1, 2),
        help="axis of space along which lines are counted (default: 0)",
    )


def add_plan_options(parser: argparse.ArgumentParser) -> None:
    """What of the plan the user sets; the rest is proposed."""
    ways = f"without pairs {' or '.join(WAYS)} (default: {WAYS[0]}); else "
    group = add_patch_options(parser, ways)
    group.add_argument(
        "--target-values",
        choices=TARGET_VALUES,
        help="same: values of images and targets mean the same, and the network learns the"
        " difference; other: they do not; hu: they do not, and those of targets are Hounsfield"
        " units (default: as training images look)",
    )
    add_run_options(group)
    group.add_argument(
        "--loss",
        choices=("l1", "l2", "ssim"),
        help="mean absolute error, mean squared error, or 1 - structural similarity (default: l2"
        " where values of images and targets mean the same, else l1)",
    )
    add_perceptual_options(group)


def add_prediction_options(group: argparse._ArgumentGroup) -> None:
    """What is written of an image."""
    group.add_argument(
        "--difference",
        action="store_true",
        help="also write NAME-difference, what was added to the image, where values mean the same"
        " (what a network that makes healthy images of diseased ones takes away is the disease)",
    )


def add_run_options(group: argparse._ArgumentGroup) -> None:
    """Which runs stand beside this one."""
    group.add_argument(
        "--beside",
        dest="other_runs",
        nargs="+",
        type=Path,
        metavar="RUN",
        help="finished runs on the same test cases, whose scores stand in the same table of the"
        " report",
    )


def unpaired_way(given: Mapping[str, Any]) -> str | None:
    """How it is learnt without pairs; None where there are pairs.

    Args:
        given: option -> value, of which any may be lacking.

    Raises:
        Problem: what is given with `--unpaired` is for pairs, or for single images.
    """
    network = given.get("network")
    if not given.get("unpaired"):
        if network in WAYS:
            raise Problem(
                "It learns of two kinds of images without pairs.",
                f"--network {network}",
                "Name them by --unpaired A B.",
            )
        return None
    for other in ("adversarial", "degrade", "series"):
        if given.get(other):
            raise Problem(
                "It is for pairs, or for single images, and does not go with --unpaired.",
                f"--{other}",
                "Leave one of the two out.",
            )
    if network and network not in WAYS:
        raise Problem(
            f"Without pairs networks are {' or '.join(WAYS)}.",
            f"--network {network}",
            "Take one of them, or leave it out.",
        )
    first, second = given["unpaired"]
    if first.casefold() == second.casefold():
        raise Problem(
            "The two kinds of images have one name.",
            f"--unpaired {first} {second}",
            "Name two of them.",
        )
    return network or WAYS[0]


def degradation_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """What the user sets of the degradation.

    Args:
        given: option -> value, of which any may be lacking.

    Returns:
        Argument of its class -> value.

    Raises:
        Problem: an option is of another degradation, or of none, or of pairs.
    """
    chosen = given.get("degrade")
    if chosen and given.get("label_column"):
        raise Problem(
            "Images that are made worse are their own targets.",
            f"--label-column {given['label_column']}",
            "Leave it out, or leave out --degrade.",
        )
    kept = {}
    for degradation, options in OPTIONS_OF.items():
        for option, argument in options.items():
            value = given.get(option)
            if value is None:
                continue
            if degradation != chosen:
                raise Problem(
                    f"It belongs to --degrade {degradation}, which was not given.",
                    f"--{option.replace('_', '-')}",
                    "Leave it out, or give both.",
                )
            kept[argument] = value
    return kept
