"""Say what a network consists of: shapes, weights, operations, memory, receptive fields."""

import argparse
from pathlib import Path

from keras_mia.cli.app import run
from keras_mia.core.option_types import positive


def parser() -> argparse.ArgumentParser:
    """The options of `keras-mia describe`."""
    parser = argparse.ArgumentParser(
        prog="keras-mia describe", description=__doc__, allow_abbrev=False
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--network",
        metavar="NAME",
        help="a network of the package (a wrong name lists them), or FILE.py:FUNCTION",
    )
    which.add_argument(
        "--run", type=Path, metavar="FOLDER", help="of a run, whose best network is described"
    )
    group = parser.add_argument_group("with --network")
    group.add_argument(
        "--input-shape",
        type=positive(int),
        nargs="+",
        metavar="N",
        help="sides, then channels: 224 224 3",
    )
    group.add_argument("--classes", type=positive(int), default=2, help="values of the output (2)")
    group.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="of the network, such as depth=18; give --option again for another",
    )
    group = parser.add_argument_group("output")
    group.add_argument("--picture", type=Path, metavar="FILE.png", help="draw the network")
    group.add_argument("--overwrite", action="store_true", help="replace a picture that is there")
    return parser


def before(args: argparse.Namespace) -> None:
    """Checks the options, before TensorFlow is loaded.

    Args:
        args: the options.

    Raises:
        Problem: there is no such network or run, or the picture cannot be written.
    """
    from keras_mia.cli.describe import check_description

    check_description(args)


def main(args: argparse.Namespace, _) -> None:
    """Prints the table of a network's layers, and draws it where that is asked for.

    Args:
        args: the options.
    """
    from keras_mia.cli.describe import network, rows_of
    from keras_mia.models.describe import table
    from keras_mia.report.pictures.architecture import save_picture

    model = network(args)
    rows = rows_of(model)
    print(table(rows))
    if args.picture:
        save_picture(args.picture, rows, model.name)
        print(f"\nThe picture is {args.picture}")


if __name__ == "__main__":
    run(parser(), main, before=before)
