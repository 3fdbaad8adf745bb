"""Train two networks against each other, so that one of them makes new images."""

import argparse

from keras_mia.cli.app import run_training
from keras_mia.cli.options import groups as options
from keras_mia.tasks.register import task

TASK = task("generation")


def parser() -> argparse.ArgumentParser:
    """The options of `keras-mia generate`."""
    parser = argparse.ArgumentParser(
        prog="keras-mia generate",
        description=__doc__,
        allow_abbrev=False,
    )
    options.add_data(parser, TASK)
    options.add_output(parser)
    options.add_fold(parser, several=False)
    options.add_training(parser, minutes=TASK.minutes)
    TASK.plan_options(parser)
    return parser


if __name__ == "__main__":
    run_training(parser(), TASK)
