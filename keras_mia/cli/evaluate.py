"""Predictions scored, and runs compared, for `evaluate`."""

import argparse
import os
from collections.abc import Sequence

from keras_mia.cli.runs import run_folders
from keras_mia.core.files.folders import check_folder
from keras_mia.core.files.separation import check_no_source
from keras_mia.core.files.text_files import write_csv, write_json
from keras_mia.core.problem import Problem
from keras_mia.tasks.comparison import comparison_text
from keras_mia.tasks.register import task
from keras_mia.tasks.task import Task
from keras_mia.tasks.values import TruthFiles
from keras_mia.training.runs.folder import check_outside_runs

SCORES = ("scores.csv", "metrics.json")
COMPARISON = ("comparison.csv",)


def evaluate(args: argparse.Namespace) -> None:
    """Scores what the options name, or compares two runs.

    Args:
        args: of the app; `task` is that of the run, or the one that can score files alone.

    Raises:
        Problem: it is not clear what to score, or scores would be replaced.
    """
    configured = task(args.task).configured(args)
    _check_scores(args, COMPARISON if args.against else SCORES)
    if args.against:
        _compare(args, configured)
        return
    folders = run_folders([args.run]) if args.run else []
    evaluation = configured.evaluate_files(folders, _files(args))
    print(evaluation.text)
    if args.output is not None:
        write_csv(args.output / SCORES[0], evaluation.rows)
        write_json(args.output / SCORES[1], evaluation.metrics)
        print(f"The scores are in {args.output}")


def _files(args: argparse.Namespace) -> TruthFiles:
    """Which predictions and which truth, and how patients are found in it.

    Raises:
        Problem: there is no truth in whose files or columns patients could be found.
    """
    if args.truth is None:
        for option, given in (
            ("--patient", args.patient),
            ("--patient-column", args.patient_column),
        ):
            if given:
                raise Problem(
                    "The run says who the patients of its test cases are.",
                    option,
                    "Leave it out, or name the truth by --truth.",
                )
    elif args.patient_column and args.truth.is_dir():
        raise Problem(
            "Only a table has columns, and the truth is a folder.",
            f"--patient-column {args.patient_column}",
            "Find the patients in the names of the files by --patient, or give a CSV file as"
            " --truth.",
        )
    return TruthFiles(args.prediction, args.truth, args.patient, args.patient_column)


def _compare(args: argparse.Namespace, configured: Task) -> None:
    """Two runs' scores on the same cases, with paired tests."""
    if not args.run or args.prediction or args.truth:
        raise Problem(
            "Two runs are compared by their own scores.",
            "--against",
            "Give --run and --against, and neither --prediction nor --truth.",
        )
    rows = configured.compare(args.run, args.against)
    print(comparison_text(rows))
    if args.output:
        write_csv(args.output / COMPARISON[0], rows)


def _check_scores(args: argparse.Namespace, names: Sequence[str]) -> None:
    """Sees to it that no earlier scores are replaced unless it was said, no table that is read,
    and none of a run.

    Raises:
        Problem: they would be, or cannot be written.
    """
    if args.output is None:
        return
    check_folder(args.output)
    check_outside_runs(args.output, allow_subfolder=True)
    existing = [name for name in names if os.path.lexists(args.output / name)]
    if existing and not args.overwrite:
        raise Problem(
            f"The output holds {' and '.join(existing)} already.",
            args.output,
            "Say --overwrite to replace them, or choose another --output.",
        )
    read = [path for path in (args.prediction, args.truth) if path is not None]
    check_no_source([args.output / name for name in names], read)
