"""What a user may say of a classifier whose features join the loss."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_mia.core.option_types import positive
from keras_mia.core.problem import Problem

if TYPE_CHECKING:
    from keras_mia.tasks.translation.perceptual.choice import PerceptualChoice

WEIGHT = 0.1


def add_perceptual_options(group: argparse._ArgumentGroup) -> None:
    """Whose features join the loss, and how much they count.

    Args:
        group: of the plan's options.
    """
    group.add_argument(
        "--perceptual",
        type=Path,
        metavar="RUN",
        help="images also have to be alike to the network of this finished run of classify or"
        " finetune: features of its layers are compared, too",
    )
    group.add_argument(
        "--perceptual-weight",
        type=positive(float),
        metavar="X",
        help="of that, beside the loss; images that have nothing in common are 1 apart"
        f" (default: {WEIGHT})",
    )


def perceptual_choice(given: Mapping[str, Any]) -> "PerceptualChoice | None":
    """What the options say; None: voxels alone are compared.

    Args:
        given: option -> value, of which any may be lacking.

    Raises:
        Problem: there is no such run, or it is no classifier's, or there are no pairs.
    """
    folder, weight = given.get("perceptual"), given.get("perceptual_weight")
    if folder is None:
        if weight is not None:
            raise Problem(
                "No run is named whose features would have a weight.",
                f"--perceptual-weight {weight:g}",
                "Name it by --perceptual, or leave this out.",
            )
        return None
    if given.get("unpaired"):
        raise Problem(
            "Without pairs there is no image that what is made has to be alike.",
            f"--perceptual {folder}",
            "Leave it out, or leave out --unpaired.",
        )
    from keras_mia.tasks.translation.perceptual.choice import PerceptualChoice
    from keras_mia.tasks.translation.perceptual.classifier_run import ClassifierRun

    return PerceptualChoice(ClassifierRun.read(folder), WEIGHT if weight is None else weight)
