"""Look at images and their targets, print the plan that training would follow, and stop."""

import argparse
from collections.abc import Sequence

from keras_mia.cli.app import run
from keras_mia.cli.options import groups as options
from keras_mia.cli.task_choice import TaskParser
from keras_mia.core.option_types import positive
from keras_mia.tasks.register import families
from keras_mia.tasks.task import Task


def parser(tasks: Sequence[type[Task]]) -> argparse.ArgumentParser:
    """The options of `keras-mia plan`.

    Args:
        tasks: whose options are added to those of all; of several the help text alone is used.
    """
    parser = argparse.ArgumentParser(
        prog="keras-mia plan",
        description=__doc__,
        allow_abbrev=False,
        conflict_handler="resolve",
        epilog="The task follows from the data and the options unless --task says it; with --task,"
        " --help tells what may be set of its plan.",
    )
    parser.add_argument(
        "--task",
        choices=families(variants=True),
        help="whose plan (default: as the data look)",
    )
    options.add_data(parser, *tasks)
    options.add_fold(parser)
    minutes = (tasks[0] if len(tasks) == 1 else Task).minutes
    parser.add_argument(
        "--minutes",
        type=positive(float),
        default=minutes,
        help=f"of training, which sizes follow (default: {minutes:g})",
    )
    if len(tasks) == 1:
        tasks[0].plan_options(parser)
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
    from keras_mia.tasks.register import task

    return training_job(args, task(args.task))


def main(args: argparse.Namespace, job) -> None:
    """Prints the plan.

    Args:
        args: the options.
        job: as `before` gives it.
    """
    from keras_mia.cli.train import print_plan

    print_plan(args, job)


if __name__ == "__main__":
    run(TaskParser(parser, variants=True), main, before=before)
