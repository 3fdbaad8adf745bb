"""Train a network that says of whole images their class, findings, a number, or a box."""

import argparse

from keras_mia.cli.app import run_training
from keras_mia.cli.options import groups as options
from keras_mia.tasks.register import task

TASK = task("classification")


def parser() -> argparse.ArgumentParser:
    """The options of `keras-mia classify`."""
    parser = argparse.ArgumentParser(
        prog="keras-mia classify",
        description=__doc__,
        allow_abbrev=False,
    )
    options.add_data(parser, TASK)
    options.add_output(parser)
    options.add_fold(parser, several=True)
    options.add_training(parser, minutes=TASK.minutes)
    TASK.plan_options(parser)
    return parser


if __name__ == "__main__":
    run_training(parser(), TASK)
