"""Examine images with label maps or answers: what is broken, odd, twice or on two sides."""

import argparse
import sys
from pathlib import Path

from keras_mia.cli.app import run
from keras_mia.cli.options import groups as options
from keras_mia.cli.options import image_level as answer_options
from keras_mia.cli.options import labels as label_options


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        prog="keras-mia doctor",
        description=__doc__,
        epilog="The exit code is 1 when something is wrong, and 0 when there are notes at most.",
    )
    options.add_data(parser, answers=None)
    answer_options.add_kind(parser)
    parser.add_argument("--output", type=Path, metavar="FILE.csv", help="write all findings here")
    parser.add_argument("--overwrite", action="store_true", help="replace a file that is there")
    return parser


def main(args: argparse.Namespace) -> None:
    from dataclasses import replace

    from keras_mia.cli.inputs import tell
    from keras_mia.core.files.atomic import check_new
    from keras_mia.core.files.separation import check_no_source
    from keras_mia.core.problem import Problem
    from keras_mia.data.datasets.reading import read_cases
    from keras_mia.doctor.diagnosis import diagnose

    if args.output:
        check_new(args.output, args.overwrite)
    kept = label_options.label_values(args.classes)
    of_maps = "--classes" if kept else "--instances" if args.instances else None
    if of_maps and args.kind:
        raise Problem(
            f"{of_maps} is of label maps, --kind of answers.", "--kind", "Give one of them."
        )
    answers = True if args.kind else False if of_maps else None
    cases = read_cases(args.data, strict=False, answers=answers, **options.reading(args))
    if args.output:
        sources = [Path(args.data), *(path for case in cases for path in case.files)]
        check_no_source([args.output], sources)
    tell(cases)
    named = answer_options.named_answers if cases.answered else label_options.label_names
    if not cases.answered:
        cases = replace(cases, ranges=label_options.label_ranges(args))
    diagnosis = diagnose(
        cases,
        names=named(args.labels),
        keep=kept,
        kinds=args.kind or (),
        columns=args.label_column,
        are_classes=args.instances == label_options.CLASSES,
    )
    print(f"\n{diagnosis.describe()}")
    if args.output:
        diagnosis.save(args.output)
        print(f"The findings are in {args.output}")
    if diagnosis.wrong:
        sys.exit(1)


if __name__ == "__main__":
    run(parser(), main, tensorflow=False)
