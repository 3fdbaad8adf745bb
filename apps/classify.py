"""Train a network that says of whole images their class, findings, a number, or a box."""

import argparse

from keras_mia.cli.app import run
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


def before(args: argparse.Namespace):
    """Options, data and output, checked before TensorFlow is loaded.

    Args:
        args: the options.

    Returns:
        A `TrainingJob`: the task and its cases.

    Raises:
        Problem: an option, the data or the output is wrong.
    """
    from keras_mia.cli.training_job import training_job

    return training_job(args, TASK)


def main(args: argparse.Namespace, job) -> None:
    """Trains a network, evaluates it on the test cases, and writes the report.

    Args:
        args: the options.
        job: as `before` gives it.
    """
    from keras_mia.cli.train import train

    train(args, job)


if __name__ == "__main__":
    run(parser(), main, before=before)
