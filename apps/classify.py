"""Train a network that answers whole images: a class, several findings, a number, or a box."""

import argparse
from pathlib import Path

from keras_mia.cli import answer_options, options
from keras_mia.cli.app import run


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="keras-mia classify", description=__doc__, allow_abbrev=False
    )
    options.add_data(parser, answers=True)
    answer_options.add_answers(parser)
    options.add_output(parser)
    options.add_fold(parser, several=True)
    options.add_training(parser, minutes=6.0)
    answer_options.add_diagnosis(parser)
    answer_options.add_answer_plan(parser)
    return parser


def main(args: argparse.Namespace) -> None:
    from keras_mia.cli.answer_steps import each_answer_fold

    each_answer_fold(args, classify)


def classify(args: argparse.Namespace, folder: Path, fold: tuple[int, int]) -> None:
    """Trains on the cases outside the fold, then judges those inside."""
    from keras_mia.cli.answer_steps import judge_answers, prepare_answers, train_answers
    from keras_mia.cli.steps import begin, end
    from keras_mia.tasks import classification
    from keras_mia.training import strategy

    run = begin(args, folder, "classification")

    cases, plan, (train, validation, test) = prepare_answers(args, run, fold)
    with run.timed("training"):
        with strategy().scope():
            model = classification.build(plan)
        run.record(parameters=model.count_params())
        train_answers(args, run, model, plan, train, validation, classification.PEAK_RATE)
    if run.writes:
        judge_answers(run, cases, validation, test, plan)
    end(run)


if __name__ == "__main__":
    run(parser(), main)
