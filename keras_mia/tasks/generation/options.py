"""What a user may choose of the networks that make images, and of how they learn."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras_mia.core.option_types import named_values, positive, within
from keras_mia.tasks.generation.games import GAMES, SCHEMES

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
    group.add_argument(
        "--latent", type=positive(int), metavar="N", help="random numbers that a sample is made of"
    )
    group.add_argument(
        "--size",
        type=positive(int),
        nargs="+",
        metavar="N",
        help="pixels or voxels a side, one number or one an axis (default: as the data have,"
        " within limits on a CPU)",
    )
    group.add_argument(
        "--normalization",
        choices=SCHEMES,
        help="of values: range is from -1 to 1, as a tanh gives them, set by mean and deviation,"
        " zscore by those of each image (default: range; of volumes that are no CT, zscore)",
    )
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
        help="how far below 1 the discriminator's aim for real images lies (default: 0)",
    )
    group.add_argument(
        "--gradient-penalty",
        type=within(0, float("inf")),
        metavar="W",
        help="weight of the penalty on slopes of the discriminator that are not 1 (default: 10 for"
        " wasserstein, else 0)",
    )
    group.add_argument(
        "--r1",
        type=within(0, float("inf")),
        metavar="GAMMA",
        help="weight of the penalty on the discriminator's slopes at real images (default: 0.1;"
        " 1 for mlp_gan, 0 for wasserstein)",
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
        help="its highest learning rate (default: the generator's)",
    )
    group.add_argument(
        "--average",
        type=within(0, 1, open_end=True),
        metavar="SHARE",
        help="of the average of the generator's weights that is kept each step; 0: no average"
        " (default: 0.999)",
    )
    group.add_argument(
        "--batch-size",
        type=positive(int),
        metavar="N",
        help="images of a step, on all devices and for all moves (default: 64 for each move)",
    )
    group.add_argument(
        "--flip",
        type=int,
        choices=range(3),
        nargs="*",
        metavar="AXIS",
        help="axes along which training images may be mirrored (default: none)",
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
