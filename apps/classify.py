"""Train a network that answers whole images: a class, several findings, a number, or a box."""

import argparse
from pathlib import Path

from keras_mia.cli.app import run
from keras_mia.cli.options import groups as options
from keras_mia.cli.options import image_level as answer_options


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


def before(args: argparse.Namespace) -> None:
    from keras_mia.cli.beginning import begin_answering

    begin_answering(args)


def main(args: argparse.Namespace, _) -> None:
    from keras_mia.cli.answer_steps import each_answer_fold

    each_answer_fold(args, classify, network)


def network(args: argparse.Namespace, plan):
    """The compiled network of a plan."""
    from keras_mia.cli.answer_steps import check_memory
    from keras_mia.cli.steps import check_own_network
    from keras_mia.tasks import classification
    from keras_mia.training import strategy
    from keras_mia.training.memory import weights_within_memory

    with strategy().scope(), weights_within_memory(plan.network, "--option sets its size"):
        model = classification.build(plan)
    if ":" in plan.network:
        check_own_network(model, plan, plan.network)
    check_memory(model, plan)
    return model


def classify(args: argparse.Namespace, folder: Path, fold: tuple[int, int]) -> None:
    """Trains on the cases outside the fold, then judges those inside."""
    from keras_mia.cli.answer_steps import (
        judge_answers,
        planned_answers,
        prepare_answers,
        train_answers,
    )
    from keras_mia.cli.steps import accept, begin, end
    from keras_mia.tasks.classification.network import PEAK_RATE

    run = begin(args, folder, "classification")

    with run.timed("reading"):
        cases, plan = planned_answers(args, run, fold)
        model = network(args, plan)
    accept(args, run, cases, plan)
    train, validation, test = prepare_answers(run, cases, plan)
    with run.timed("training"):
        run.record(parameters=model.count_params())
        train_answers(args, run, model, plan, train, validation, PEAK_RATE, judged=len(test))
    if run.writes:
        judge_answers(run, cases, (train, validation, test), plan)
    end(run)


if __name__ == "__main__":
    run(parser(), main, before=before)
