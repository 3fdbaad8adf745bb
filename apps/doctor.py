"""Examine images and their targets: what is broken, odd, there twice or in two parts of a split."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from keras_mia.cli.app import run
from keras_mia.cli.options import groups as options
from keras_mia.cli.task_choice import TaskParser
from keras_mia.tasks.register import families
from keras_mia.tasks.task import Task

VERB = "check"


def parser(tasks: Sequence[type[Task]]) -> argparse.ArgumentParser:
    """The options of `keras-mia doctor`.

    Args:
        tasks: whose options are added to those of all; of several the help text alone is used.
    """
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        prog="keras-mia doctor",
        description=__doc__,
        conflict_handler="resolve",
        epilog="The exit code is 1 when something is wrong, and 0 when there are notes at most.",
    )
    parser.add_argument(
        "--task", choices=families(VERB), help="that the data are for (default: as they look)"
    )
    options.add_data(parser, *tasks)
    parser.add_argument("--output", type=Path, metavar="FILE.csv", help="write all findings here")
    parser.add_argument("--overwrite", action="store_true", help="replace a file that is there")
    return parser


def main(args: argparse.Namespace) -> None:
    """Prints what is wrong with the data; ends the process with 1 where something is.

    Args:
        args: the options.
    """
    from keras_mia.cli.doctor import examine

    examine(args)


if __name__ == "__main__":
    run(TaskParser(parser, VERB), main, tensorflow=False)
