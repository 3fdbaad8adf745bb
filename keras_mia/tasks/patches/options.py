"""What a user may choose of a plan for patches."""

import argparse
from collections.abc import Mapping
from typing import Any

from keras_mia.core.option_types import positive, within
from keras_mia.core.problem import Problem

SCHEMES = ("zscore", "body", "ct", "none")
FIELDS = (
    *("rank", "normalization", "patch", "batch_size", "depth", "filters", "norm", "flip"),
    *("modality", "foreground_share", "neighbours", "adversarial", "weight"),
)
"""The options that are fields of the plan as they are."""


def add_patch_options(
    parser: argparse.ArgumentParser, networks: str = ""
) -> argparse._ArgumentGroup:
    """Adds what of a plan for patches the user sets; the rest is proposed.

    Args:
        parser: of an app.
        networks: which others `--network` may name, for its help.

    Returns:
        The group, to which a family adds its own.
    """
    group = parser.add_argument_group("plan", "each is proposed from the data unless set here")
    numbers: dict[str, Any] = {"nargs": "+", "metavar": "N"}
    group.add_argument("--rank", type=int, choices=(2, 3), help="of the network")
    group.add_argument(
        "--neighbours",
        type=int,
        metavar="N",
        help="slices on either side that a 2D network sees beside each slice of a volume"
        " (default: 0)",
    )
    group.add_argument("--spacing", type=positive(float), help="mm, one or one an axis", **numbers)
    group.add_argument("--normalization", choices=SCHEMES)
    group.add_argument("--patch", type=positive(int), help="voxels, one or one an axis", **numbers)
    group.add_argument("--batch-size", type=positive(int), metavar="N", help="patches at once")
    group.add_argument(
        "--depth", type=positive(int), metavar="N", help="how often sides are halved"
    )
    group.add_argument("--filters", type=positive(int), metavar="N", help="at full resolution")
    group.add_argument(
        "--network",
        metavar="FILE.py:FUNCTION",
        help=f"{networks}your own builder (default: unet)",
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
        "--adversarial",
        action="store_const",
        const=True,
        help="a second network learns to tell what is made from targets, patch by patch: it has to"
        " look real as well as be near",
    )
    group.add_argument(
        "--weight",
        type=positive(float),
        metavar="X",
        help="of the loss, beside the game with the second network (default: 10; without pairs 2,"
        " or 0.2 of a refiner)",
    )
    return group


def patch_overrides(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a plan for patches that a user sets.

    Args:
        given: option -> value, of which any may be lacking.

    Returns:
        Field of the plan -> value; None where it is not given.

    Raises:
        Problem: a weight is given without a game.
    """
    if given.get("weight") and not (given.get("adversarial") or given.get("unpaired")):
        raise Problem(
            "There is nothing beside which the loss would have a weight.",
            f"--weight {given['weight']:g}",
            "Leave it out, or give --adversarial, too.",
        )
    renamed = {"spacing_mm": given.get("spacing"), "rotation_deg": given.get("rotation")}
    return renamed | {name: given.get(name) for name in FIELDS}
