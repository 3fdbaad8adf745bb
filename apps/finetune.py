"""Fit a network that knows photographs (ImageNet) to one's own images, few of them too."""

import argparse

from keras_mia.cli.app import run_training
from keras_mia.cli.options import groups as options
from keras_mia.tasks.register import task

TASK = task("finetuning")


def parser() -> argparse.ArgumentParser:
    """The options of `keras-mia finetune`."""
    parser = argparse.ArgumentParser(
        prog="keras-mia finetune",
        description=__doc__,
        allow_abbrev=False,
        epilog="First the last layer alone is fitted, to what the frozen network makes of the"
        " images, which is computed once; then all layers from --freeze on learn.",
    )
    options.add_data(parser, TASK)
    options.add_output(parser)
    options.add_fold(parser, several=True)
    options.add_training(parser, minutes=TASK.minutes)
    TASK.plan_options(parser)
    return parser


if __name__ == "__main__":
    run_training(parser(), TASK)
