"""Steps that several apps take with the same options."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import keras

from keras_mia.cli.beginning import cases_of, check_places
from keras_mia.cli.inputs import tell
from keras_mia.cli.options.labels import CLASSES, label_names, label_ranges, label_values
from keras_mia.cli.resuming import check_options, kept_options
from keras_mia.core.files.separation import check_apart
from keras_mia.core.hardware import gpus, precision
from keras_mia.core.problem import Problem
from keras_mia.core.progress import progress
from keras_mia.core.text import plural
from keras_mia.data.datasets.cases import SPLITS, Cases
from keras_mia.data.datasets.splits.splitting import split
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.fingerprint.reading_notes import reading_notes
from keras_mia.data.fingerprint.survey import content, survey
from keras_mia.data.preprocess.plan import Plan, patch_divisor
from keras_mia.data.preprocess.plan_file import PlanFile
from keras_mia.doctor.diagnosis import check_labels, warnings
from keras_mia.models.named import own_builder
from keras_mia.report.page import write_report
from keras_mia.tasks import segmentation
from keras_mia.tasks.evaluation_time import prepared_space
from keras_mia.tasks.segmentation.evaluation import Evaluator
from keras_mia.training import memory
from keras_mia.training.distributed.devices import check_agreed, from_chief, is_chief, strategy
from keras_mia.training.fitting.budget import Budget
from keras_mia.training.fitting.settings import FitSettings
from keras_mia.training.runs.folder import is_run
from keras_mia.training.runs.model_shapes import check_shapes
from keras_mia.training.runs.provenance import data_fingerprint, versions
from keras_mia.training.runs.run import AnyPlan, Run

SMALLER = "fewer --filters, or a smaller --depth"
"""What is proposed where memory does not hold the weights of a network."""


def start_run(args: argparse.Namespace, folder: Path, task: str, *, within: bool = False) -> Run:
    """The run that `--output`, `--overwrite`, `--resume` and `--cache` ask for.

    Args:
        args: of the app.
        folder: of the run.
        task: the name of a module in `tasks`.
        within: whether it is a fold of a run that has been accepted.
    """
    # Of several folds, those that a stop came before have nothing to resume yet.
    resume = args.resume and (not within or is_run(folder))
    if not is_chief():
        return Run.follow(folder, resume=resume, cache=args.cache)
    check_places(args)
    run = Run.start(
        folder,
        task,
        seed=args.seed,
        overwrite=args.overwrite,
        resume=resume,
        cache=args.cache,
        within=within,
    )
    if run.resumed:
        check_options(run.facts, args, folder)
    else:
        run.record(options=kept_options(args))
    return run


def begin(args: argparse.Namespace, folder: Path, task: str) -> Run:
    """The run, and the seed and the precision that `--seed` and `--precision` ask for."""
    run = start_run(args, folder, task, within=folder != args.output)
    keras.utils.set_random_seed(args.seed)
    keras.config.set_dtype_policy(precision(args.precision))
    run.record(precision=precision(args.precision))
    return run


def accept(args: argparse.Namespace, run: Run, cases: Cases, plan: PlanFile) -> None:
    """Nothing is left that could refuse the run: an earlier one that it replaces goes now.

    Raises:
        Problem: the output holds the data, or lies in them; or the workers do not mean the same.
    """
    options = {name: value for name, value in kept_options(args).items() if name != "data"}
    check_agreed(
        {
            "data": lambda: data_fingerprint(cases),
            "the split": lambda: [(case.name, case.split, case.region) for case in cases],
            "options": lambda: sorted(options.items()),
            "versions": lambda: sorted(versions().items()),
        }
    )
    check_apart(args.output, (path for case in cases for path in case.files))
    run.accept(cases, plan)


def resumed(run: Run, plan: type[AnyPlan]) -> tuple[Cases, AnyPlan] | None:
    """The cases and the plan of the run that goes on; None: it is a new one."""
    kept = run.kept(plan)
    if kept:
        cases = kept[0]
        parts = ", ".join(f"{len(cases.of(part))} {part}" for part in SPLITS)
        print(f"  The run goes on with its own {plural(len(cases), 'case')}: {parts}.")
    return kept


def fit_settings(
    args: argparse.Namespace, batch_size: int, peak_rate: float, evaluation: float
) -> FitSettings:
    """How the options train a network.

    Args:
        args: of the app.
        batch_size: of the plan.
        peak_rate: the highest learning rate, unless an option gives it.
        evaluation: how many validations long the evaluation takes.
    """
    return FitSettings(
        batch_size,
        Budget(
            args.minutes,
            args.steps,
            args.epochs,
            validations=args.validations,
            evaluation=evaluation,
        ),
        peak_rate=args.learning_rate or peak_rate,
        schedule=args.schedule,
        patience=args.patience,
        tensorboard=args.tensorboard,
    )


def end(run: Run) -> None:
    """Says where the report is, and removes what only training needed."""
    if run.writes:
        print(f"The report is {run.folder / 'report.html'}")
    run.finish()
    from_chief(0)  # other workers wait here until the chief has judged


def read_split(args: argparse.Namespace, fold: tuple[int, int]) -> Cases:
    """Reads the cases of `--data`, looks at each once, and splits them; says what it understood."""
    cases = split_cases(args, fold)
    if not cases.train:
        raise Problem("There is no case to train on.", args.data, "Give images with label maps.")
    tell(cases)
    return cases


def split_cases(args: argparse.Namespace, fold: tuple[int, int]) -> Cases:
    """The cases of `--data`, each looked at once, with who trains and who is held out."""
    names, keep = label_names(args.labels), label_values(args.classes)
    cases = survey(replace(cases_of(args), ranges=label_ranges(args)), thumbnails=True)
    meant: dict = {"names": names, "keep": keep, "are_classes": args.instances == CLASSES}
    check_labels(cases, **meant)
    made = split(
        cases,
        fold=fold[0],
        folds=fold[1],
        content=lambda case: content(cases.facts[case], keep=keep),
        keep=keep,
    )
    read = reading_notes([(case, made.facts[case.unsplit]) for case in made])
    made = replace(made, notes=(*made.notes, *read), warnings=warnings(made, **meant))
    return survey(made, thumbnails=True)  # parts of an image that was split in space


def planned(args: argparse.Namespace, fold: tuple[int, int]) -> tuple[Cases, Plan]:
    """What is read and proposed for a new run, and said of it."""
    cases = read_split(args, fold)
    plan = make_plan(args, cases)
    print(f"  {plan.classes.describe()}")
    return cases, plan


def check_fold(args: argparse.Namespace, fold: tuple[int, int]) -> None:
    """Goes as far as a run can go without a folder, and says nothing.

    Raises:
        Problem: the data, the options or the network refuse.
    """
    cases = split_cases(args, fold)
    network(args, make_plan(args, cases))


def make_plan(args: argparse.Namespace, cases: Cases) -> Plan:
    """The plan that the data propose and the options override."""
    fields = {
        "modality": args.modality,
        "rank": args.rank,
        "spacing_mm": args.spacing,
        "normalization": args.normalization,
        "patch": args.patch,
        "batch_size": args.batch_size,
        "depth": args.depth,
        "filters": args.filters,
        "norm": args.norm,
        "flip": args.flip,
        "rotation_deg": args.rotation,
        "foreground_share": args.foreground_share,
    }
    return segmentation.plan(
        cases,
        minutes=args.minutes,
        replicas=strategy().num_replicas_in_sync if "devices" in args else 1,
        names=label_names(args.labels),
        keep=label_values(args.classes),
        overrides=fields,
    )


def network(args: argparse.Namespace, plan: Plan) -> keras.Model:
    """The compiled network of a plan, one's own builder where `--network` names one.

    Raises:
        Problem: it cannot be built, or the memory of this machine will not hold its training.
    """
    own = {"network": own_builder(args.network)} if args.network else {}
    size = f"filters {plan.filters}, depth {plan.depth}"
    with strategy().scope(), memory.weights_within_memory(args.network or size, SMALLER):
        model = segmentation.build(plan, **own)
    if own:
        check_own_network(model, plan, args.network)
    if not gpus():
        share = plan.batch_size // strategy().num_replicas_in_sync
        memory.check_training(model, share, plan.patch, patch_divisor(plan.pool, plan.rank))
    return model


def check_own_network(model: keras.Model, plan: PlanFile, named: str) -> None:
    """Sees to it that a network of the user's own fits the plan.

    Raises:
        Problem: it takes or gives other shapes.
    """
    space, answer = (" x ".join(map(str, shape)) for shape in plan.shapes())
    check_shapes(model, plan, named, f"Return a model that takes {space} and gives {answer}.")


def check_judging(held_out: Sequence[CaseFacts], plan: Plan) -> None:
    """Refuses to begin what the memory of this machine will not judge.

    Args:
        held_out: facts of the test cases.
        plan: that they are prepared by.
    """
    needed = {
        one.name: memory.evaluation_bytes(
            prepared_space(one, plan),
            one.nonzero_space,
            plan.patch,
            len(plan.classes),
            plan.channels,
        )
        for one in held_out
    }
    largest = max(needed, key=lambda name: needed[name], default=None)
    if largest is not None:
        memory.check_evaluation(needed[largest], largest)


def judge_cases(run: Run, cases: Cases, plan: Plan) -> None:
    """Predicts and scores the held-out cases, and writes predictions, scores and the report."""
    evaluator = Evaluator(plan.classes.names)
    with run.timed("judging"):
        predict = segmentation.Predictor(run.best_model(plan), plan)
        baselines = segmentation.baselines(cases.train, plan)
        for case in progress(cases.test, "judging"):
            image, prediction = segmentation.score(evaluator, case, predict, baselines=baselines)
            segmentation.save(prediction, run.folder / "predictions", case, image, plan)
    run.save_scores(evaluator.rows, evaluator.metrics())
    by_name = {case.name: case for case in cases}
    pictures = [
        segmentation.draw(by_name[name], run.folder / "predictions", plan, title=title)
        for title, name in evaluator.extremes()
    ]
    write_report(run.folder, segmentation.report_content(run.folder, pictures))
    print(evaluator.describe())


def pooled(folders: Sequence[Path]) -> tuple[list[dict], dict, str]:
    """The scores of folds together: rows, metrics, and what is said of them."""
    evaluator = Evaluator.pooled(folders)
    return evaluator.rows, evaluator.metrics(), evaluator.describe()
