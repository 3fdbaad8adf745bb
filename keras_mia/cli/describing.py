"""What `describe` looks for before TensorFlow is loaded."""

import argparse

from keras_mia.cli.options.image_level import given_options
from keras_mia.cli.runs import run_folders, trained
from keras_mia.core.files.atomic import check_folder, check_new
from keras_mia.core.problem import Problem
from keras_mia.models.builder_names import check_builder

SUFFIXES = (".png", ".svg", ".pdf")


def check(args: argparse.Namespace) -> None:
    """Sees to it that there is a network to describe, and that its picture may be written.

    Raises:
        Problem: not so.
    """
    if args.picture:
        if args.picture.suffix not in SUFFIXES:
            raise Problem(
                f"A picture's name ends in {', '.join(SUFFIXES)}.",
                args.picture,
                "Name another --picture.",
            )
        check_folder(args.picture.parent)
        check_new(args.picture, args.overwrite)
    if args.run:
        trained(run_folders([args.run])[0])
        return
    check_builder(args.network)
    given_options(args.option)
    if not args.input_shape:
        raise Problem(
            "The network's input is not known.",
            f"--network {args.network}",
            "Give --input-shape, sides first and channels last: 224 224 3.",
        )
