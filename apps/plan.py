"""Look at images and label maps, print the plan that `segment` would follow, and stop."""

import argparse

from keras_mia.cli.app import run
from keras_mia.cli.options import groups as options


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="keras-mia plan", description=__doc__, allow_abbrev=False)
    options.add_data(parser)
    options.add_fold(parser)
    options.add_plan(parser)
    parser.add_argument(
        "--minutes",
        type=options.positive(float),
        default=10.0,
        help="of training, which sizes follow (default: 10)",
    )
    return parser


def before(args: argparse.Namespace) -> None:
    from keras_mia.cli.beginning import begin_segmenting

    begin_segmenting(args)


def main(args: argparse.Namespace, _) -> None:
    from keras_mia.cli.steps import planned

    print(planned(args, args.fold)[1].describe())


if __name__ == "__main__":
    run(parser(), main, before=before)
