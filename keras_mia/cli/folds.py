"""One run, or a run a fold and the scores of all of them together."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from keras_mia.cli.resuming import check_options, kept_options
from keras_mia.cli.training_job import TrainingJob, check_separation
from keras_mia.core.files.text_files import read_json, write_json
from keras_mia.report.page import write_report
from keras_mia.tasks.task import Task
from keras_mia.training.distributed.devices import is_chief
from keras_mia.training.runs.folder import (
    check_fold_folder,
    fold_folders,
    is_begun_only,
    is_finished,
    is_run,
)
from keras_mia.training.runs.provenance import data_fingerprint
from keras_mia.training.runs.repeat import repeated_folds
from keras_mia.training.runs.run import Run


def each_fold(
    args: argparse.Namespace,
    job: TrainingJob,
    train: Callable[..., None],
    check: Callable[[argparse.Namespace, TrainingJob], object],
) -> None:
    """Trains once, or, where `--folds` says so, once a fold, each in a folder below `--output`.

    Args:
        args: of the app.
        job: the task and its cases.
        train: takes `args`, `job`, a folder, a fold as `(number, of how many)`, and of several
            folds the run of all; trains in the folder and evaluates the fold.
        check: finds out what would not go in one of the folds, before hours pass.
    """
    folders = [args.output / f"fold_{number}" for number in range(1, (args.folds or 0) + 1)]
    if args.resume and all(map(is_finished, (args.output, *folders))):
        _say_finished(start_run(args, args.output, job.task))
        return
    if args.folds is None:
        train(args, job, args.output, args.fold)
        return
    if is_chief():
        for folder in folders:
            check_fold_folder(folder)
    parent = start_run(args, args.output, job.task)
    if parent.resumed:
        _check_same_data(parent, folders, job)
        parent.accept()
    else:
        check(args, job)
        if parent.writes:
            parent.record(fingerprint=data_fingerprint(job.cases))
    for number, folder in enumerate(folders, 1):
        if not (args.resume and is_finished(folder)):
            print(f"Fold {number} of {args.folds}")
            train(args, job, folder, (number, args.folds), parent)
    if is_chief():
        _pool(parent, folders, job.task)
    parent.finish()


def start_run(
    args: argparse.Namespace, folder: Path, task: Task, *, parent: Run | None = None
) -> Run:
    """The run that `--output`, `--overwrite`, `--resume` and `--cache` ask for.

    Args:
        args: of the app.
        folder: of the run.
        task: that it trains.
        parent: of a fold, the run of all folds.

    Raises:
        Problem: the folder is not free, or the run goes on with other options.
    """
    # Of several folds, those that a stop came before have nothing to resume yet.
    resume = args.resume and (parent is None or is_run(folder))
    if not is_chief():
        return Run.follow(folder, resume=resume, cache=args.cache)
    check_separation(args, task.files)
    run = Run.start(
        folder,
        task.name,
        seed=args.seed,
        overwrite=args.overwrite,
        resume=resume,
        cache=args.cache,
        parent=parent,
    )
    if run.resumed:
        check_options(run.facts, args, folder)
    else:
        run.record(options=kept_options(args))
    return run


def _say_finished(run: Run) -> None:
    """A run that came to its end is not evaluated again: its files belong together."""
    folds = [Run(folder) for folder in fold_folders(run.folder)] if run.writes else []
    for one in folds or [run]:
        one.check_unchanged()
    print(f"The run is finished. The report is {run.folder / 'report.html'}")
    run.finish()


def _check_same_data(parent: Run, folders: Sequence[Path], job: TrainingJob) -> None:
    """Folds that are begun later are split as the first ones were: of the same cases."""
    if not parent.writes:
        return
    begun = [folder for folder in folders if is_run(folder) and not is_begun_only(folder)]
    for folder in begun:
        Run(folder).check_unchanged()
    if len(begun) < len(folders):
        parent.check_unchanged(job.cases)


def _pool(parent: Run, folders: Sequence[Path], task: Task) -> None:
    """Writes the scores of all folds together above them, and their report."""
    evaluation = task.pool(folders)
    facts = [Run(folder).facts for folder in folders]
    warnings = dict.fromkeys(text for one in facts for text in one.get("warnings", []))
    of_all = {"fold": f"all {len(folders)}", "folds": len(folders), "warnings": list(warnings)}
    of_all |= {name: parent.facts.get(name) for name in ("options", "fingerprint")}
    parent.record(**{**facts[0], **of_all})
    parent.record(repeat=repeated_folds(facts, parent.facts))
    write_json(parent.folder / "plan.json", read_json(folders[0] / "plan.json"))
    parent.save_scores(evaluation.rows, evaluation.metrics)
    report = write_report(parent.folder, task.sections(parent.folder))
    print(evaluation.text)
    print(f"The report is {report}")
