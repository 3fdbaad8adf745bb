"""One run, or a run a fold and the scores of all of them together."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from keras_mia import tasks
from keras_mia.cli.steps import start_run
from keras_mia.core.files.atomic import read_json, write_json
from keras_mia.data.datasets.cases import Cases
from keras_mia.report.page import write_report
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

Judged = tuple[Sequence[dict], dict, str]


def each_fold(
    args: argparse.Namespace,
    task: str,
    train: Callable[[argparse.Namespace, Path, tuple[int, int]], None],
    *,
    cases: Callable[[], Cases],
    check: Callable[[], object],
    judge: Callable[[Sequence[Path]], Judged],
) -> None:
    """Trains once, or, where `--folds` says so, once a fold, each in a folder below `--output`.

    Args:
        args: of the app.
        task: the name of a module in `tasks`.
        train: trains in a folder and judges the fold, `(number, of how many)`.
        cases: the data as they were read, all of them.
        check: finds out what would not go in one of the folds, before hours pass.
        judge: from the folders of the folds to the rows of scores.csv, what metrics.json holds, and
            what is said of them.
    """
    folders = [args.output / f"fold_{number}" for number in range(1, (args.folds or 0) + 1)]
    if args.resume and all(map(is_finished, (args.output, *folders))):
        _say_finished(start_run(args, args.output, task))
        return
    if args.folds is None:
        train(args, args.output, args.fold)
        return
    if is_chief():
        for folder in folders:
            check_fold_folder(folder)
    parent = start_run(args, args.output, task)
    if parent.resumed:
        _check_same_data(parent, folders, cases)
    else:
        check()
    parent.accept()
    if not parent.resumed and parent.writes:
        parent.record(fingerprint=data_fingerprint(cases()))
    for number, folder in enumerate(folders, 1):
        if not (args.resume and is_finished(folder)):
            print(f"Fold {number} of {args.folds}")
            train(args, folder, (number, args.folds))
    if is_chief():
        _pool(parent, folders, judge)
    parent.finish()


def _say_finished(run: Run) -> None:
    """A run that came to its end is not judged again: its files belong together."""
    folds = [Run(folder) for folder in fold_folders(run.folder)] if run.writes else []
    for one in folds or [run]:
        one.check_unchanged()
    print(f"The run is finished. The report is {run.folder / 'report.html'}")
    run.finish()


def _check_same_data(parent: Run, folders: Sequence[Path], cases: Callable[[], Cases]) -> None:
    """Folds that are begun later are split as the first ones were: of the same cases."""
    if not parent.writes:
        return
    begun = [folder for folder in folders if is_run(folder) and not is_begun_only(folder)]
    for folder in begun:
        Run(folder).check_unchanged()
    if len(begun) < len(folders):
        parent.check_unchanged(cases())


def _pool(parent: Run, folders: Sequence[Path], judge: Callable[[Sequence[Path]], Judged]) -> None:
    """Writes the scores of all folds together above them, and their report."""
    rows, metrics, said = judge(folders)
    facts = [Run(folder).facts for folder in folders]
    warnings = dict.fromkeys(text for one in facts for text in one.get("warnings", []))
    own = {"fold": f"all {len(folders)}", "folds": len(folders), "warnings": list(warnings)}
    own |= {name: parent.facts.get(name) for name in ("options", "fingerprint")}
    parent.record(**{**facts[0], **own})
    parent.record(repeat=repeated_folds(facts, parent.facts))
    write_json(parent.folder / "plan.json", read_json(folders[0] / "plan.json"))
    parent.save_scores(rows, metrics)
    report = write_report(
        parent.folder, tasks.task(parent.facts["task"]).report_content(parent.folder)
    )
    print(said)
    print(f"The report is {report}")
