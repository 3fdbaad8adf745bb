"""Steps of the apps that answer whole images."""

import argparse
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import MappingProxyType

import keras
import numpy as np

from keras_mia.cli.beginning import cases_of
from keras_mia.cli.folds import each_fold
from keras_mia.cli.inputs import tell
from keras_mia.cli.options.image_level import asking, class_weights, given_options, named_answers
from keras_mia.cli.steps import fit_settings, resumed
from keras_mia.core.files.atomic import write_json
from keras_mia.core.hardware import gpus
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.cases import Cases, Slab
from keras_mia.data.datasets.splits.limit import limited
from keras_mia.data.datasets.splits.splitting import split
from keras_mia.data.fingerprint.reading_notes import reading_notes
from keras_mia.data.fingerprint.survey import survey
from keras_mia.data.preprocess.image_cache import ImageArray, cache_images
from keras_mia.data.preprocess.image_plan import ImagePlan
from keras_mia.data.targets.base import ImageTarget
from keras_mia.data.targets.box import Box
from keras_mia.data.targets.inference import contents
from keras_mia.doctor.diagnosis import warnings
from keras_mia.doctor.targets.boxes import box_findings
from keras_mia.doctor.targets.column import Column
from keras_mia.inference.whole import predict_function
from keras_mia.models.folding import fold_batchnorm
from keras_mia.report.page import write_report
from keras_mia.tasks import classification
from keras_mia.tasks.classification.evaluation import describe, judge
from keras_mia.tasks.classification.reevaluation import judge_again
from keras_mia.tasks.evaluation_time import judging_of_answers
from keras_mia.tasks.kinds.calibration import FILE as CALIBRATION
from keras_mia.tasks.kinds.table import kind_of
from keras_mia.training import memory
from keras_mia.training.distributed.devices import strategy
from keras_mia.training.fitting.fitting import fit
from keras_mia.training.gradients import GradientDiary
from keras_mia.training.runs.run import Run

LISTED = 5
"""Cases whose answers cannot be used that are named."""

SIDE = 8
"""Sides that are proposed where memory is too small are multiples of it."""


Network = Callable[[argparse.Namespace, ImagePlan], keras.Model]


def each_answer_fold(
    args: argparse.Namespace,
    train: Callable[[argparse.Namespace, Path, tuple[int, int]], None],
    network: Network,
    fixed: Mapping = MappingProxyType({}),
) -> None:
    """`folds.each_fold` of an app that answers whole images.

    Args:
        args: of the app.
        train: trains in a folder and judges a fold.
        network: from the options and a plan to the compiled network.
        fixed: fields of the plan that the app sets.
    """
    each_fold(
        args,
        "classification",
        train,
        cases=functools.partial(cases_of, args, answers=True),
        check=functools.partial(check_folds, args, network, fixed),
        judge=pooled_answers,
    )


def check_folds(args: argparse.Namespace, network: Network, fixed: Mapping) -> None:
    """Says what some fold could not be trained or judged by.

    Raises:
        Problem: the cases cannot be split, or training lacks an answer in a fold, or the plan or
            the network refuse.
    """
    cases = cases_of(args, answers=True)
    for number in range(1, args.folds + 1):
        made = split_answers(args, cases, (number, args.folds))
        check_answers(made, classification.asked(made, **asking(args))[0])
    network(args, make_image_plan(args, survey(made), **fixed))


def check_answers(cases: Cases, answers: ImageTarget) -> None:
    """Sees to it that validation and test ask for nothing that training does not show, and that
    each answer can be read.

    Args:
        cases: with their splits; without their facts boxes are not checked.
        answers: what is learnt.

    Raises:
        Problem: names the cases whose answers do not fit.
    """
    if answers.is_spatial and not cases.facts:
        return
    problems = []
    for case in cases:
        space = cases.facts[case].stored_space if answers.is_spatial else ()
        try:
            answers.encode(case.text, case.name, space)
        except Problem as problem:
            problems.append(problem)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        mend = problems[0].mend
        if isinstance(answers, Box):
            facts = {case.name: cases.facts[case] for case in cases}
            mend = next(box_findings(Column(list(cases), facts=facts), answers)).mend
        lines = [f"{problem.where}: {problem.what}" for problem in problems[:LISTED]]
        more = len(problems) - len(lines)
        raise Problem(
            f"The answers of {len(problems)} of {len(cases)} cases cannot be used.",
            "\n         ".join([*lines, f"and {more} more"] if more else lines),
            mend,
        )


def split_answers(args: argparse.Namespace, cases: Cases, fold: tuple[int, int]) -> Cases:
    """Who trains and who is held out; folds are balanced by the answers.

    Raises:
        Problem: there are too few patients.
    """
    names = named_answers(args.labels)
    found = [case.text for case in cases]
    held = contents(found, args.label_column, args.kind or (), names)
    made = split(cases, fold=fold[0], folds=fold[1], content=lambda case: held[case.text])
    if any(isinstance(case.region, Slab) for case in made):
        raise Problem(
            "There are too few patients: training, validation and test need one each at least.",
            args.data,
            "Give images of more patients.",
        )
    return limited(made, args.limit, held) if args.limit else made


def read_answers(args: argparse.Namespace, fold: tuple[int, int]) -> Cases:
    """Splits the cases of `--data` and reads each once; says what it understood."""
    made = split_answers(args, cases_of(args, answers=True), fold)
    if not made.train:
        raise Problem("There is no case to train on.", args.data, "Give images with answers.")
    made = survey(made)
    read = reading_notes([(case, made.facts[case]) for case in made])
    made = replace(
        made,
        notes=(*made.notes, *read),
        warnings=warnings(
            made,
            names=named_answers(args.labels),
            kinds=args.kind or (),
            columns=args.label_column,
        ),
    )
    tell(made)
    return made


def make_image_plan(args: argparse.Namespace, cases: Cases, **fixed) -> ImagePlan:
    """The plan that the data propose and the options override; `fixed` is set by the app."""
    answers, tree = classification.asked(cases, **asking(args))
    check_answers(cases, answers)
    return classification.plan(
        cases,
        answers,
        tree=tree,
        minutes=args.minutes,
        replicas=strategy().num_replicas_in_sync,
        overrides={
            "view": args.view,
            "size": args.size,
            "spacing_mm": args.spacing,
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
            "class_weights": class_weights(args.class_weights),
            "l1": args.l1,
            "l2": args.l2,
            **fixed,
        },
    )


def tell_plan(plan: ImagePlan, cases: Cases) -> None:
    """Says what is learnt, and what becomes of the images."""
    print(f"  {plan.target.describe()}")
    if plan.tree:
        print(f"  Told are {len(plan.predicted)} coarse classes: {plan.tree.describe()}")
    spaces = {one.space for one in cases.facts.values() if one.rank == len(plan.size)}
    if spaces != {plan.size}:
        ends = np.min([*spaces], axis=0), np.max([*spaces], axis=0)
        low, high, size = (" x ".join(map(str, space)) for space in (*ends, plan.size))
        found = low if low == high else f"{low} to {high}"
        if plan.spacing_mm is None:
            print(f"  Images of {found} are resized to {size}, whatever their shape.")
        else:
            mm = plan.words("spacing_mm")
            print(f"  Volumes of {found} become {size} voxels of {mm} mm, cut or filled up.")


def planned_answers(
    args: argparse.Namespace, run: Run, fold: tuple[int, int], **fixed
) -> tuple[Cases, ImagePlan]:
    """What is read and proposed for a new run, or what the run that goes on began with.

    Args:
        args: of the app.
        run: that it is for.
        fold: that is held out, and of how many.
        fixed: fields of the plan that the app sets.
    """
    kept = resumed(run, ImagePlan)
    if kept:
        return kept
    cases = read_answers(args, fold)
    plan = make_image_plan(args, cases, **fixed)
    tell_plan(plan, cases)
    return cases, plan


def prepare_answers(
    run: Run, cases: Cases, plan: ImagePlan
) -> tuple[ImageArray, ImageArray, ImageArray]:
    """The prepared images for training, validation and test."""
    with run.timed("preparing"):
        parts = (cases.train, cases.validation, cases.test)
        train, validation, test = (cache_images(part, plan, run.cache) for part in parts)
    return train, validation, test


def check_memory(model: keras.Model, plan: ImagePlan) -> None:
    """Refuses to begin a training that the memory of this machine will not hold."""
    if not gpus():
        share = plan.batch_size // strategy().num_replicas_in_sync
        space = plan.network_view.shape[:-1]
        memory.check_training(model, share, space, (SIDE,) * len(space), "size")


def train_answers(
    args: argparse.Namespace,
    run: Run,
    model: keras.Model,
    plan: ImagePlan,
    train: ImageArray,
    validation: ImageArray,
    peak_rate: float,
    *,
    judged: int,
) -> None:
    """Trains a compiled model within the budget that the options give.

    Args:
        args: of the app.
        run: that it is for.
        model: compiled.
        plan: that it was built by.
        train: the images to train on.
        validation: those that the best model is chosen by.
        peak_rate: the highest learning rate, unless an option gives it.
        judged: how many images will be judged afterwards.
    """
    kind_of(plan).initialize(model, train.targets)
    batches = classification.batches(train, plan, seed=args.seed)
    watching = [GradientDiary(run, model, next(iter(batches())))] if args.diagnose else []
    fit(
        model,
        batches,
        run,
        fit_settings(
            args,
            plan.batch_size,
            peak_rate,
            judging_of_answers(judged, len(validation), plan),
        ),
        validate=classification.validate(validation, plan),
        callbacks=watching,
    )


def judge_answers(
    run: Run, cases: Cases, stacks: tuple[ImageArray, ImageArray, ImageArray], plan: ImagePlan
) -> None:
    """Decides on validation cases, judges the test, and writes scores and the report.

    Args:
        run: whose best network is judged.
        cases: with their splits.
        stacks: the images for training, validation and test.
        plan: of the run.
    """
    train, validation, test = stacks
    with run.timed("judging"):
        model, mirror = fold_batchnorm(run.best_model()), classification.mirrored(plan)
        tell = predict_function(model)
        before = classification.outputs(tell, validation, mirror=mirror)
        kind = kind_of(plan)
        calibration = kind.calibrate(before, validation.targets, train.targets)
        write_json(run.folder / CALIBRATION, asdict(calibration))
        found = classification.outputs(tell, test, mirror=mirror)
        rows, metrics = judge(cases.test, found, test.targets, plan, calibration)
        run.save_scores(rows, metrics)
        predictions = kind.predictions(found, calibration)
        pictures = kind.pictures(model, test, cases.test, predictions, calibration)
    write_report(run.folder, classification.report_content(run.folder, pictures))
    print(describe(metrics, plan))


def pooled_answers(folders: Sequence[Path]) -> tuple[list[dict], dict, str]:
    """The scores of folds together: rows, metrics, and what is said of them."""
    rows, metrics = judge_again(folders)
    return rows, metrics, describe(metrics, ImagePlan.read(folders[0] / "plan.json"))
