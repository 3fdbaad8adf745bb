"""Train a segmentation network on images and label maps, and judge it on held-out cases."""

import argparse
from pathlib import Path

from keras_mia.cli.app import run
from keras_mia.cli.options import groups as options


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="keras-mia segment", description=__doc__, allow_abbrev=False
    )
    options.add_data(parser)
    options.add_output(parser)
    options.add_fold(parser, several=True)
    options.add_training(parser)
    options.add_plan(parser)
    return parser


def before(args: argparse.Namespace) -> None:
    from keras_mia.cli.beginning import begin_segmenting

    begin_segmenting(args)


def main(args: argparse.Namespace, _) -> None:
    from keras_mia.cli.beginning import cases_of
    from keras_mia.cli.folds import each_fold
    from keras_mia.cli.steps import check_fold, pooled

    each_fold(
        args,
        "segmentation",
        segment,
        cases=lambda: cases_of(args),
        check=lambda: check_fold(args, (args.folds, args.folds)),
        judge=pooled,
    )


def segment(args: argparse.Namespace, folder: Path, fold: tuple[int, int]) -> None:
    """Trains on the cases outside the fold, then judges those inside."""
    from keras_mia.cli.steps import (
        accept,
        begin,
        check_judging,
        end,
        fit_settings,
        judge_cases,
        network,
        planned,
        resumed,
    )
    from keras_mia.data.fingerprint.survey import survey
    from keras_mia.data.preprocess.case_cache import cache_cases
    from keras_mia.data.preprocess.plan import Plan
    from keras_mia.tasks import segmentation
    from keras_mia.tasks.evaluation_time import judging_of_label_maps
    from keras_mia.training import fit

    run = begin(args, folder, "segmentation")

    with run.timed("reading"):
        cases, plan = resumed(run, Plan) or planned(args, fold)
        model = network(args, plan)
        cases = survey(cases, cases.test)
        held_out = [cases.facts[case] for case in cases.test]
        check_judging(held_out, plan)
    accept(args, run, cases, plan)
    with run.timed("preparing"):
        prepared = cache_cases([*cases.train, *cases.validation], plan, run.cache)
        train, validation = prepared[: len(cases.train)], prepared[len(cases.train) :]
        spaces = [case.image.shape[:-1] for case in validation]
        judging = judging_of_label_maps(held_out, spaces, plan)
    with run.timed("training"):
        run.record(parameters=model.count_params())
        fit(
            model,
            segmentation.batches(train, plan, seed=args.seed),
            run,
            fit_settings(args, plan.batch_size, segmentation.PEAK_RATE, judging),
            validate=segmentation.validate(validation, plan),
        )
    if run.writes:
        judge_cases(run, cases, plan)
    end(run)


if __name__ == "__main__":
    run(parser(), main, before=before)
