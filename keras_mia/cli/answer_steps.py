"""Steps of the apps that answer whole images."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import keras

from keras_mia.cli.answer_options import named_answers, network_options
from keras_mia.cli.inputs import image_cases, report_failures
from keras_mia.cli.options import reading
from keras_mia.core.files import check_new, read_json, write_csv, write_json
from keras_mia.core.problem import Problem
from keras_mia.core.progress import progress
from keras_mia.data.answer_plan import AnswerPlan
from keras_mia.data.cases import Cases, Slab
from keras_mia.data.limiting import limited
from keras_mia.data.looks import Look, looks, twins
from keras_mia.data.reading import read_cases
from keras_mia.data.splitting import split
from keras_mia.data.stack import Stack, stack
from keras_mia.report.page import write_report
from keras_mia.tasks import classification
from keras_mia.tasks.judge_answers import Decision, decide_on, judge, said
from keras_mia.training.devices import strategy
from keras_mia.training.fitting import Budget, fit
from keras_mia.training.run import Run


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
            "size": args.size,
            "modality": args.modality and args.modality.upper(),
            "normalization": getattr(args, "normalization", None),
            "network": args.network,
            "options": network_options(args.option) or None,
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
    """Trains a compiled model within the budget that the options give."""
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
    print(describe(metrics))
    names = plan.answers.names
    if plan.answers.kind == "class" and len(names) == 2:
        print(f"  These are the scores of {names[1]}, the second class, against {names[0]}.")


def describe(metrics: dict, shown: Sequence[str] = ()) -> str:
    """What an app prints at its end."""
    mean, trivial = metrics["mean"], metrics.get("baseline", {})
    lines = [f"Scores on {metrics['cases']} held-out cases of {metrics['patients']} patients"]
    for name in shown or mean:
        if mean[name] != mean[name]:
            continue
        low, high = metrics["interval"].get(name, (float("nan"),) * 2)
        line = f"  {name:<18}{mean[name]:8.4f}"
        line += f"  (95 % interval {low:.3f} to {high:.3f})" if low == low else ""
        line += f"  without a network: {trivial[name]:.3f}" if name in trivial else ""
        lines.append(line)
    return "\n".join(lines)


def answer_images(args: argparse.Namespace, folders: Sequence[Path]) -> None:
    """Answers the images of `--data` with trained networks, and writes a table of them.

    Raises:
        Problem: an option is for label maps, the table is there, or an image cannot be read.
    """
    for option in ("form", "probabilities", "largest", "fill_holes"):
        if getattr(args, option):
            raise Problem(
                "This run answers whole images: there is no label map.",
                f"--{option.replace('_', '-') if option != 'form' else 'as'}",
                "Leave the option out.",
            )
    plans = [AnswerPlan.read(folder / "plan.json") for folder in folders]
    predictor = classification.Predictor(
        [Run(folder).best_model(plan) for folder, plan in zip(folders, plans, strict=True)],
        plans,
        [read_decision(folder) for folder in folders],
        mirror=not args.no_mirror,
    )
    cases = image_cases(args.data, folders)
    name = "answers.csv"
    if args.shard:
        name = "answers_{}_of_{}.csv".format(*args.shard)
        cases = cases[args.shard[0] - 1 :: args.shard[1]]
    check_new(args.output / name, args.overwrite)
    rows, failures = [], {}
    for case in progress(cases, "predicting"):
        try:
            told = predictor(case.image(), case.images[0])
        except Problem as problem:
            failures[case] = problem
            continue
        (row,) = said(told[None], predictor.answers, predictor.decision)
        rows.append({"case": case.name, **row})
    write_csv(args.output / name, rows, ["case", "prediction"])
    report_failures(failures, len(cases), args.output / name, "answer")


def read_decision(folder: Path) -> Decision:
    """What a run decided on its validation cases.

    Raises:
        Problem: the run is not finished.
    """
    found = read_json(folder / "decision.json")
    cuts = found["thresholds"]
    return Decision(found["temperature"], None if cuts is None else tuple(cuts))
