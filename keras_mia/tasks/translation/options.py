"""What a user may choose of pairs, of what makes images worse, and of the plan."""

import argparse
from collections.abc import Mapping
from typing import Any

from keras_mia.core.option_types import above, positive, within
from keras_mia.core.problem import Problem
from keras_mia.tasks.patches.options import add_patch_options

OPTIONS_OF = {
    "noise": {"noise_level": "level", "noise_kind": "kind"},
    "blur": {"blur_sigma": "sigma"},
    "resolution": {"factor": "factor"},
    "undersampling": {"acceleration": "acceleration", "centre": "centre", "lines_axis": "axis"},
}
"""Degradation -> option -> what it sets."""


SHARED_VALUES = {"same": True, "other": False}
"""What `--target-values` means."""


def add_data_options(group: argparse._ArgumentGroup) -> None:
    """Which column holds the targets, or what makes images out of them."""
    group.add_argument(
        "--label-column",
        metavar="NAME",
        help="the CSV's column for the image to be made (default: target_image)",
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
    group = add_patch_options(parser)
    group.add_argument(
        "--target-values",
        choices=tuple(SHARED_VALUES),
        help="same: values of images and targets mean the same, and the network learns the"
        " difference; other: they do not (default: as training pairs look)",
    )
    group.add_argument(
        "--loss",
        choices=("l1", "l2", "ssim"),
        help="mean absolute error, mean squared error, or 1 - structural similarity (default: l2"
        " where values of images and targets mean the same, else l1)",
    )
    group.add_argument(
        "--unpaired",
        nargs=2,
        metavar=("A", "B"),
        help="make images of B of images of A, where training is not told what belongs together:"
        " two networks learn the ways there and back (CycleGAN); names are those of --series",
    )


def unpaired_names(given: Mapping[str, Any]) -> tuple[str, str] | None:
    """The names of sources and targets where training is not told what belongs together.

    Args:
        given: option -> value, of which any may be lacking.

    Raises:
        Problem: they are given with what is for pairs, or for single images.
    """
    names = given.get("unpaired")
    if not names:
        return None
    for other in ("adversarial", "degrade", "network", "series", "label_column"):
        if given.get(other):
            raise Problem(
                "It is for pairs, or for single images, and does not go with --unpaired.",
                f"--{other.replace('_', '-')}",
                "Leave one of the two out.",
            )
    return names[0], names[1]


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
