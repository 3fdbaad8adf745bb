"""Score predictions against the truth, with intervals."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from keras_mia.cli.app import run
from keras_mia.cli.options import groups as options
from keras_mia.cli.task_choice import TaskParser
from keras_mia.tasks.register import families
from keras_mia.tasks.task import Task

VERB = "evaluate_files"


def parser(tasks: Sequence[type[Task]]) -> argparse.ArgumentParser:
    """The options of `keras-mia evaluate`.

    Args:
        tasks: whose options are added to those of all; of several the help text alone is used.
    """
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        prog="keras-mia evaluate",
        description=__doc__,
        conflict_handler="resolve",
        epilog="Without --run, the sorted values of the truth are the classes, the smallest is"
        " background. With --run, its classes and names are taken, and without --truth the label"
        " maps of its test cases. Of a run of `classify` the predictions of its test cases are"
        " scored; or, with --prediction and --truth, a predictions.csv by a data set of the same"
        " names.",
    )
    parser.add_argument(
        "--task", choices=families(VERB), help="of the files, without --run (default: the first)"
    )
    parser.add_argument(
        "--prediction", type=Path, metavar="PATH", help="(default: the run's predictions)"
    )
    parser.add_argument(
        "--truth",
        type=Path,
        metavar="PATH",
        help="label maps with the predictions' names, or the data set that they are of",
    )
    parser.add_argument("--run", type=Path, metavar="FOLDER", help="a run, or one with folds below")
    parser.add_argument(
        "--against",
        type=Path,
        metavar="FOLDER",
        help="compare the scores of --run with those of this run, case by case, with a paired test",
    )
    options.add_patient(parser)
    parser.add_argument(
        "--patient-column",
        metavar="NAME",
        help="the column for the patient, where the truth is a CSV (default: patient or alike)",
    )
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER", help="write scores.csv and metrics.json here"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace scores there")
    for task in tasks:
        task.evaluation_options(parser.add_argument_group(f"for {task.name}"))
    return parser


def main(args: argparse.Namespace) -> None:
    """Scores predictions, or compares two runs.

    Args:
        args: the options.
    """
    from keras_mia.cli.evaluate import evaluate

    evaluate(args)


if __name__ == "__main__":
    run(TaskParser(parser, VERB), main, tensorflow=False)
