"""What a user may choose of the networks that make images, and of how they learn."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras_mia.core.option_types import named_values, positive, within
from keras_mia.tasks.generation.games import GAMES

FIELDS = (
    *("network", "size", "normalization", "latent", "loss", "label_smoothing", "r1"),
    *("gradient_penalty", "discriminator_steps", "discriminator_rate", "average", "batch_size"),
    "flip",
)
"""The options that are fields of the plan as they are."""


def add_data_options(group: argparse._ArgumentGroup) -> None:
    """Which column holds the classes, and what they are called."""
    group.add_argument(
        "--labels",
        metavar="0=NAME,1=NAME",
        help="names of the classes (default: as the data have them)",
    )
    group.add_argument(
        "--label-column",
        metavar="NAME",
        help="the CSV's column of classes (default: label, if it is there)",
    )


def add_plan_options(parser: argparse.ArgumentParser) -> None:
    """The networks, the game, and what else the user sets; the rest is proposed."""
    from keras_mia.models.builder_names import builder_names

    group = parser.add_argument_group("networks", "each is proposed unless set here")
    group.add_argument(
        "--network",
        metavar="NAME",
        help=f"{', '.join(builder_names('generation'))}, or FILE.py:FUNCTION (default: dcgan)",
    )
    group.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="of the network, such as filters=32; may be given several times",
    )
    group.add_argument("--latent", type=positive(int), metavar="N", help="numbers of noise")
    group.add_argument(
        "--size", type=positive(int), nargs="+", metavar="N", help="voxels, one side or one an axis"
    )
    group.add_argument("--normalization", choices=("range", "set", "ct", "none"))
    group.add_argument(
        "--evaluator",
        type=Path,
        metavar="RUN",
        help="a run of classify or finetune whose network judges samples, or one of generate whose"
        " judge does (default: a LeNet that learns the classes of the data)",
    )
    group.add_argument(
        "--limit", type=positive(int), metavar="N", help="train on N images only, class by class"
    )
    _add_game_options(parser.add_argument_group("game"))


def _add_game_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--loss", choices=GAMES, help="the game (default: non_saturating)")
    group.add_argument(
        "--label-smoothing",
        type=within(0, 0.5, open_end=True),
        metavar="SHARE",
        help="how far below 1 the aim for real images lies",
    )
    group.add_argument(
        "--gradient-penalty",
        type=within(0, float("inf")),
        metavar="W",
        help="on slopes that are not 1 (default: 10 for wasserstein)",
    )
    group.add_argument(
        "--r1", type=within(0, float("inf")), metavar="GAMMA", help="on slopes at real images"
    )
    group.add_argument(
        "--discriminator-steps",
        type=positive(int),
        metavar="N",
        help="moves of the discriminator before each of the generator's (default: 1)",
    )
    group.add_argument(
        "--discriminator-rate",
        type=positive(float),
        metavar="RATE",
        help="its highest learning rate, where it differs from the generator's",
    )
    group.add_argument(
        "--average",
        type=within(0, 1, open_end=True),
        metavar="SHARE",
        help="that the average of the generator's weights keeps each step (default: 0.999)",
    )
    group.add_argument("--batch-size", type=positive(int), metavar="N", help="of a whole step")
    group.add_argument(
        "--flip", type=int, choices=range(3), nargs="*", metavar="AXIS", help="axes to mirror"
    )


def overrides(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the plan that the options set."""
    fields = {name: given.get(name) for name in FIELDS}
    fields |= {
        "modality": (given.get("modality") or "").upper() or None,
        "options": named_values(given.get("option", ())) or None,
        "generator_rate": given.get("learning_rate"),
    }
    return fields
