"""Steps of the apps that answer whole images."""

import argparse
from collections.abc import Mapping
from dataclasses import asdict, replace

import keras

from keras_mia.cli.answer_options import given_options, named_answers
from keras_mia.cli.options import reading
from keras_mia.core.files import write_json
from keras_mia.core.hardware import gpus
from keras_mia.core.problem import Problem
from keras_mia.data.answer_plan import AnswerPlan
from keras_mia.data.cases import Cases, Slab
from keras_mia.data.limiting import limited
from keras_mia.data.looks import Look, looks, twins
from keras_mia.data.reading import read_cases
from keras_mia.data.splitting import split
from keras_mia.data.stack import Stack, stack
from keras_mia.report.page import write_report
from keras_mia.tasks import classification
from keras_mia.tasks.judge import described
from keras_mia.tasks.judge_answers import decide_on, judge
from keras_mia.training import memory
from keras_mia.training.devices import strategy
from keras_mia.training.fitting import Budget, fit
from keras_mia.training.run import Run

SIDE = 8
"""Sides that are proposed where memory is too small are multiples of it."""


def read_answers(args: argparse.Namespace, fold: tuple[int, int]) -> tuple[Cases, dict[str, Look]]:
    """Reads the cases of `--data`, looks at each once, and splits them; says what it understood."""
    cases = read_cases(args.data, answers=True, **reading(args))
    order = {text: number for number, text in enumerate(sorted({str(c.target) for c in cases}))}
    made = split(cases, fold=fold[0], folds=fold[1], content=lambda case: order[str(case.target)])
    if any(isinstance(case.region, Slab) for case in made):
        raise Problem(
            "There are too few patients: training, validation and test need one each at least.",
            args.data,
            "Give images of more patients.",
        )
    if args.limit:
        made = limited(made, args.limit)
    if not made.train:
        raise Problem("There is no case to train on.", args.data, "Give images with answers.")
    found = looks(made)
    made = replace(made, warnings=tuple(twins(made, found)))
    for note in made.notes:
        print(f"  {note}")
    for warning in made.warnings:
        print(f"  Warning: {warning}")
    return made, {one.name: one for one in found}


def make_answer_plan(
    args: argparse.Namespace, cases: Cases, seen: Mapping[str, Look], **fixed
) -> AnswerPlan:
    """The plan that the data propose and the options override; `fixed` is set by the app."""
    plan = classification.plan(
        cases,
        minutes=args.minutes,
        replicas=strategy().num_replicas_in_sync,
        kind=args.kind,
        names=named_answers(args.labels),
        seen=seen,
        overrides={
            "view": args.view,
            "size": args.size,
            "modality": args.modality and args.modality.upper(),
            "normalization": getattr(args, "normalization", None),
            "network": args.network,
            "options": given_options(args.option) or None,
            "batch_size": args.batch_size,
            "sampling": args.sampling,
            "flip": args.flip,
            "rotation_deg": args.rotation,
            "mixup": args.mixup,
            "smoothing": args.smoothing,
            **fixed,
        },
    )
    for case in cases:  # an answer that training did not have is said before hours pass
        if plan.answers.kind != "box":
            plan.answers.encode(str(case.target), case.name)
    print(f"  {plan.answers.describe()}")
    return plan


def prepare_answers(
    args: argparse.Namespace, run: Run, **fixed
) -> tuple[Cases, AnswerPlan, tuple[Stack, Stack, Stack]]:
    """Reads, plans and prepares; the run keeps what was read and planned.

    Args:
        args: of the app.
        run: that it is for.
        fixed: fields of the plan that the app sets.

    Returns:
        The cases, the plan, and the images for training, validation and test.
    """
    with run.timed("reading"):
        cases, seen = read_answers(args, args.fold)
        run.save_cases(cases)
        run.record(fold=cases.fold)
        plan = run.save_plan(make_answer_plan(args, cases, seen, **fixed))
    with run.timed("preparing"):
        parts = (cases.train, cases.validation, cases.test)
        train, validation, test = (stack(part, plan, run.cache) for part in parts)
    return cases, plan, (train, validation, test)


def train_answers(
    args: argparse.Namespace,
    run: Run,
    model: keras.Model,
    plan: AnswerPlan,
    train: Stack,
    validation: Stack,
    peak_rate: float,
) -> None:
    """Trains a compiled model within the budget that the options give.

    Raises:
        Problem: memory will not hold it.
    """
    if not gpus():
        share = plan.batch_size // strategy().num_replicas_in_sync
        memory.check(model, share, plan.size, (SIDE,) * len(plan.size), "size")
    fit(
        model,
        classification.batches(train, plan, seed=args.seed),
        run,
        batch_size=plan.batch_size,
        budget=Budget(args.minutes, args.steps, args.epochs, validations=args.validations),
        validate=classification.validate(validation, plan),
        peak_rate=args.learning_rate or peak_rate,
        schedule=args.schedule,
        patience=args.patience,
        tensorboard=args.tensorboard,
    )


def judge_answers(run: Run, cases: Cases, validation: Stack, test: Stack, plan: AnswerPlan) -> None:
    """Decides on validation cases, judges the test, and writes scores and the report."""
    with run.timed("judging"):
        model, mirror = run.best_model(), classification.mirrored(plan)
        before = classification.outputs(model, validation, mirror=mirror)
        decision = decide_on(before, validation.answers, plan)
        write_json(run.folder / "decision.json", asdict(decision))
        found = classification.outputs(model, test, mirror=mirror)
        rows, metrics = judge(cases.test, found, test.answers, plan, decision)
        run.save_scores(rows, metrics)
    write_report(run.folder)
    print(described(metrics, metrics["mean"]))
    names = plan.answers.names
    if plan.answers.kind == "class" and len(names) == 2:
        print(f"  These are the scores of {names[1]}, the second class, against {names[0]}.")
