"""The story of every app that trains, whatever its task: read, plan, build, prepare, fit, evaluate.

`train_fold` tells it; the functions below it are its steps, in their order.
"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras

from keras_mia.cli.folds import each_fold, start_run
from keras_mia.cli.reading import print_notes
from keras_mia.cli.resuming import kept_options
from keras_mia.cli.training_job import TrainingJob
from keras_mia.core.files.separation import check_separate
from keras_mia.core.hardware import precision
from keras_mia.core.text import plural
from keras_mia.data.datasets.cases import SPLITS, Cases
from keras_mia.data.preprocess.plan import Plan
from keras_mia.report.page import write_report
from keras_mia.tasks.task import Task
from keras_mia.tasks.values import Prepared
from keras_mia.training import Budget, fit
from keras_mia.training.distributed.devices import check_agreed, from_chief, strategy
from keras_mia.training.fitting.hooks import deployable
from keras_mia.training.fitting.settings import FitSettings
from keras_mia.training.memory import weights_within_memory
from keras_mia.training.runs.provenance import data_fingerprint, versions
from keras_mia.training.runs.run import Run

Fold = tuple[int, int]


def train(args: argparse.Namespace, job: TrainingJob) -> None:
    """Trains and evaluates once, or, where `--folds` says so, once a fold.

    Args:
        args: of the app.
        job: the task and its cases.
    """
    each_fold(args, job, train_fold, check_folds)


def print_plan(args: argparse.Namespace, job: TrainingJob) -> None:
    """Says what would be done with the data, and trains nothing.

    Args:
        args: of the app.
        job: the task and its cases.
    """
    _, plan = propose(args, job, args.fold)
    print(plan.describe())


def train_fold(
    args: argparse.Namespace,
    job: TrainingJob,
    folder: Path,
    fold: Fold,
    parent: Run | None = None,
) -> None:
    """Trains on the cases outside a fold, then evaluates those inside.

    Args:
        args: of the app.
        job: the task and its cases.
        folder: of the run, or of one of its folds.
        fold: the number of the fold that is held out, and of how many.
        parent: the run of all folds; None: this one is alone.
    """
    task = job.task
    run = begin(args, folder, task, parent)
    with run.timed("reading"):
        cases, plan = resume(run, task) or propose(args, job, fold)
        model = build(args, task, plan, cases)
    agree(args, cases)
    with run.timed("preparing"):
        prepared = prepare(run, task, cases, plan)
    with run.timed("training"):
        fit_model(args, run, task, model, cases, prepared, plan)
    if run.writes:
        evaluate_and_report(run, task, cases, prepared, plan)
    end(run)


def begin(args: argparse.Namespace, folder: Path, task: Task, parent: Run | None) -> Run:
    """The run, and the seed and the precision that `--seed` and `--precision` ask for."""
    run = start_run(args, folder, task, parent=parent)
    keras.utils.set_random_seed(args.seed)
    keras.config.set_dtype_policy(precision(args.precision))
    run.record(precision=precision(args.precision))
    return run


def resume(run: Run, task: Task) -> tuple[Cases, Plan] | None:
    """The cases and the plan of the run that goes on; None: it is a new one."""
    if not run.resumed:
        return None
    cases = run.kept_cases()
    parts = ", ".join(f"{len(cases.of(part))} {part}" for part in SPLITS)
    print(f"  The run goes on with its own {plural(len(cases), 'case')}: {parts}.")
    return task.examine(cases, test_only=True), task.read_plan(run.folder)


def propose(args: argparse.Namespace, job: TrainingJob, fold: Fold) -> tuple[Cases, Plan]:
    """The cases with who is held out, and the plan for them; says what was understood."""
    cases = job.task.split(job.examined, fold)
    print_notes(cases)
    plan = job.task.plan(cases, minutes=args.minutes, replicas=replicas(args))
    notes = job.task.plan_notes(plan, cases)
    for note in notes:
        print(f"  {note}")
    return replace(cases, notes=(*cases.notes, *notes)), plan


def replicas(args: argparse.Namespace) -> int:
    """How many devices share a batch; an app that has no `--devices` trains nothing."""
    return strategy().num_replicas_in_sync if "devices" in args else 1


def build(args: argparse.Namespace, task: Task, plan: Plan, cases: Cases) -> keras.Model:
    """The compiled network, which this machine's memory will hold."""
    size = task.network_size(plan)
    with strategy().scope(), weights_within_memory(size.where, size.remedy, size.copies):
        model = task.build(plan)
    if args.diagnose:
        task.check_diagnosable(model)
    task.check_memory(model, plan, cases, replicas=strategy().num_replicas_in_sync)
    return model


def check_folds(args: argparse.Namespace, job: TrainingJob) -> None:
    """Goes as far with each fold as a run can go without a folder, and says nothing.

    Raises:
        Problem: the data, the options or the network refuse.
    """
    for number in range(1, args.folds + 1):
        cases = job.task.split(job.examined, (number, args.folds))
        plan = job.task.plan(cases, minutes=args.minutes, replicas=replicas(args))
    build(args, job.task, plan, cases)


def agree(args: argparse.Namespace, cases: Cases) -> None:
    """Sees to it that all workers mean the same, and that data and output lie apart."""
    options = {name: value for name, value in kept_options(args).items() if name != "data"}
    check_agreed(
        {
            "data": lambda: data_fingerprint(cases),
            "the split": lambda: [(case.name, case.split, case.region) for case in cases],
            "options": lambda: sorted(options.items()),
            "versions": lambda: sorted(versions().items()),
        }
    )
    check_separate(args.output, (path for case in cases for path in case.files))


def prepare(run: Run, task: Task, cases: Cases, plan: Plan) -> Prepared:
    """The cases as arrays on disk. An earlier run that this one replaces goes only once they are
    there: a disk that is full then costs nothing."""
    if run.replaces:
        task.prepare(cases, plan, run.staging())
    run.accept(cases, plan)
    return task.prepare(cases, plan, run.cache)


def fit_model(
    args: argparse.Namespace,
    run: Run,
    task: Task,
    model: keras.Model,
    cases: Cases,
    prepared: Prepared,
    plan: Any,
) -> None:
    """Trains within the budget that the options give; the best network is kept."""
    run.record(parameters=deployable(model).count_params())
    with strategy().scope():
        note = task.initialize(model, prepared, plan)
    if note:
        print(f"  {note}")
    batches = task.batches(prepared, plan, seed=args.seed)
    settings = FitSettings(
        plan.batch_size,
        Budget(
            args.minutes,
            args.steps,
            args.epochs,
            validations=args.validations,
            evaluation=task.evaluation_time(cases, prepared, plan),
        ),
        peak_rate=args.learning_rate or task.peak_rate,
        schedule=args.schedule,
        patience=args.patience,
        tensorboard=args.tensorboard,
    )
    callbacks = task.callbacks(run, model, prepared, plan, batches, diagnose=args.diagnose)
    fit(model, batches, run, settings, validate=task.validate(prepared, plan), callbacks=callbacks)


def evaluate_and_report(run: Run, task: Task, cases: Cases, prepared: Prepared, plan: Plan) -> None:
    """Evaluates the best network on the test cases; writes predictions, scores and the report."""
    with run.timed("evaluating"):
        evaluation = task.evaluate(run.best_model(plan), cases, prepared, plan, run.folder)
        run.save_scores(evaluation.rows, evaluation.metrics)
        pictures = evaluation.pictures()
    write_report(run.folder, task.sections(run.folder, pictures))
    print(evaluation.text)


def end(run: Run) -> None:
    """Says where the report is, and removes what only training needed."""
    if run.writes:
        print(f"The report is {run.folder / 'report.html'}")
    run.finish()
    from_chief(0)  # other workers wait here until the chief has evaluated
