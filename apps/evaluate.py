"""Score label maps or answers against the truth, with intervals."""

import argparse
from pathlib import Path

from keras_mia.cli.app import run
from keras_mia.cli.options import groups as options
from keras_mia.cli.options import labels as label_options


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        prog="keras-mia evaluate",
        description=__doc__,
        epilog="Without --run, the sorted values of the truth are the classes, the smallest is"
        " background. With --run, its classes and names are taken, and without --truth the label"
        " maps of its test cases. Of a run of `classify` the answers of its test cases are judged;"
        " or, with --prediction and --truth, a predictions.csv by a data set of the same names.",
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
    parser.add_argument(
        "--labels",
        metavar="0=NAME,1=NAME",
        help="names of the truth's label values, without --run; values of a range are one:"
        " 0-127=NAME,128-255=NAME",
    )
    label_options.add_instances(parser)
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
    parser.add_argument(
        "--tolerance",
        type=options.positive(float),
        default=1.0,
        metavar="MM",
        help="of the surface Dice; in px where no file gives a spacing (default: 1)",
    )
    return parser


def main(args: argparse.Namespace) -> None:
    from keras_mia.cli.answer_scores import evaluate_answers
    from keras_mia.cli.options.patients import patients_of
    from keras_mia.cli.pairs import (
        COMPARISON,
        FILES,
        check_scores,
        classes_for,
        find_pairs,
        save_scores,
    )
    from keras_mia.cli.runs import run_folders, task_name
    from keras_mia.core.progress import progress
    from keras_mia.data.fingerprint.reading_notes import gathered
    from keras_mia.tasks.segmentation.evaluation import Evaluator

    check_scores(args, COMPARISON if args.against else FILES)
    if args.against:
        compare_runs(args)
        return
    folders = run_folders([args.run]) if args.run else []
    if folders and task_name(folders) == "classification":
        evaluate_answers(args, folders)
        return
    pairs = find_pairs(args.prediction, args.truth, args.run, patients_of(args))
    classes = classes_for(pairs, args)
    print(f"  {classes.describe()}")
    evaluator = Evaluator(classes.names, tolerance_mm=args.tolerance)
    remarks = []
    for pair in progress(pairs, "judging"):
        read = pair.read(classes)
        remarks += read.remarks
        evaluator.add(
            pair.name, pair.patient, read.truth, read.prediction, spacing_mm=read.spacing_mm
        )
    for sentence in gathered(remarks):
        print(f"  {sentence}")
    print(evaluator.describe("case" if args.truth else "held-out case"))
    save_scores(evaluator.rows, evaluator.metrics(), args.output)


def compare_runs(args: argparse.Namespace) -> None:
    """Two runs' scores on the same cases, with paired tests."""
    from keras_mia.cli.against import compare, describe
    from keras_mia.cli.pairs import COMPARISON
    from keras_mia.core.files.atomic import write_csv
    from keras_mia.core.problem import Problem

    if not args.run or args.prediction or args.truth:
        raise Problem(
            "Two runs are compared by their own scores.",
            "--against",
            "Give --run and --against, and neither --prediction nor --truth.",
        )
    rows = compare(args.run, args.against)
    print(describe(rows))
    if args.output:
        write_csv(args.output / COMPARISON[0], rows)


if __name__ == "__main__":
    run(parser(), main, tensorflow=False)
