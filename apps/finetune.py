"""Fit a network that knows photographs (ImageNet) to one's own images, few of them too."""

import argparse
from pathlib import Path

from keras_mia.cli.app import run
from keras_mia.cli.options import groups as options
from keras_mia.cli.options import image_level as answer_options


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="keras-mia finetune",
        description=__doc__,
        allow_abbrev=False,
        epilog="First the last layer alone is fitted, to what the frozen network makes of the"
        " images, which is computed once; then all layers from --freeze on learn.",
    )
    options.add_data(parser, answers=True)
    answer_options.add_answers(parser)
    options.add_output(parser)
    options.add_fold(parser, several=True)
    group = parser.add_argument_group("pretrained network")
    group.add_argument(
        "--weights",
        default="imagenet",
        metavar="WHAT",
        help="imagenet (Keras downloads them), none, or a file: .h5 as Keras publishes them,"
        " .keras, .weights.h5 (default: imagenet)",
    )
    group.add_argument(
        "--freeze",
        type=answer_options.layer,
        default=0,
        metavar="LAYER",
        help="how many of the first layers keep their weights, or the name of the last of them"
        " (default: 0)",
    )
    group.add_argument("--no-probe", action="store_true", help="do not fit the last layer first")
    options.add_training(parser, minutes=3.0)
    answer_options.add_diagnosis(parser)
    answer_options.add_answer_plan(parser, pretrained=True)
    return parser


def before(args: argparse.Namespace) -> None:
    from keras_mia.cli.beginning import begin_answering

    begin_answering(args)


def main(args: argparse.Namespace, _) -> None:
    from keras_mia.cli.answer_steps import each_answer_fold

    each_answer_fold(args, finetune, network, fixed(args))


def fixed(args: argparse.Namespace) -> dict[str, str]:
    """What of the plan is not proposed: pretrained networks scale pixels themselves."""
    return {"network": args.network or "MobileNetV2", "normalization": "pixels"}


def network(args: argparse.Namespace, plan):
    """The compiled network of a plan, with the weights that were asked for."""
    from keras_mia.cli.answer_steps import check_memory
    from keras_mia.tasks.classification import pretrained
    from keras_mia.training import strategy

    scratch = args.weights == "none"
    with strategy().scope():
        model = pretrained.build(plan, None if scratch else args.weights)
        pretrained.ready(model, plan, args.freeze, scratch=scratch)
    check_memory(model, plan)
    return model


def finetune(args: argparse.Namespace, folder: Path, fold: tuple[int, int]) -> None:
    """Trains on the cases outside the fold, then judges those inside."""
    from keras_mia.cli.answer_steps import (
        judge_answers,
        planned_answers,
        prepare_answers,
        train_answers,
    )
    from keras_mia.cli.steps import accept, begin, end
    from keras_mia.tasks.classification import pretrained
    from keras_mia.training import strategy

    run = begin(args, folder, "classification")
    scratch = args.weights == "none"
    with run.timed("reading"):
        cases, plan = planned_answers(args, run, fold, **fixed(args))
        model = network(args, plan)
    accept(args, run, cases, plan)
    train, validation, test = prepare_answers(run, cases, plan)
    with run.timed("training"):
        run.record(parameters=model.count_params())
        if not (args.no_probe or scratch):
            with strategy().scope():
                scores = pretrained.probe(model, train, validation, plan)
            if scores is not None:
                named = ", ".join(f"{name} {value:.3f}" for name, value in scores.items())
                print(f"  The last layer alone, on frozen features: validation {named}.")
        rate = pretrained.SCRATCH_RATE if scratch else pretrained.PEAK_RATE
        train_answers(args, run, model, plan, train, validation, rate, judged=len(test))
    if run.writes:
        judge_answers(run, cases, (train, validation, test), plan)
    end(run)


if __name__ == "__main__":
    run(parser(), main, before=before)
