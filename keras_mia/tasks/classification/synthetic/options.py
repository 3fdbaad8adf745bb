"""What a user may say of samples to train on."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_mia.core.option_types import positive
from keras_mia.core.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keras_mia.tasks.classification.synthetic.choice import SyntheticChoice


def add_synthetic_options(parser: argparse.ArgumentParser) -> None:
    """Whose samples join the training images, and how many."""
    group = parser.add_argument_group(
        "synthetic images", "validation and test images are always real"
    )
    group.add_argument(
        "--synthetic",
        type=Path,
        metavar="RUN",
        help="also train on samples of this finished run of generate, whose network is conditional",
    )
    group.add_argument(
        "--synthetic-count",
        type=positive(int),
        metavar="N",
        help="how many, the classes as often as training has them (default: as many as there are"
        " training images)",
    )
    group.add_argument(
        "--synthetic-only", action="store_true", help="train on samples alone, on no real image"
    )


def synthetic_choice(given: "Mapping[str, Any]") -> "SyntheticChoice | None":
    """What the options say; None: no samples are trained on.

    Args:
        given: the options by name.

    Raises:
        Problem: there is no such run, or it is none to sample classes from.
    """
    folder, count = given.get("synthetic"), given.get("synthetic_count")
    alone = bool(given.get("synthetic_only"))
    if folder is None:
        if count is not None or alone:
            raise Problem(
                "No run is named that makes samples.",
                "--synthetic-only" if alone else f"--synthetic-count {count}",
                "Name it by --synthetic, or leave this out.",
            )
        return None
    from keras_mia.tasks.classification.synthetic.choice import SyntheticChoice
    from keras_mia.tasks.classification.synthetic.generator_run import GeneratorRun

    return SyntheticChoice(GeneratorRun.read(folder), given.get("seed") or 0, count, alone)
