"""One run, or a run a fold and the scores of all of them together."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from keras_mia.cli.steps import start_run
from keras_mia.core.files import read_json, write_json
from keras_mia.report.page import write_report
from keras_mia.training.devices import is_chief
from keras_mia.training.repeating import repeated_folds
from keras_mia.training.run import Run

Judged = tuple[Sequence[dict], dict, str]


def each_fold(
    args: argparse.Namespace,
    task: str,
    train: Callable[[argparse.Namespace, Path, tuple[int, int]], None],
    *,
    check: Callable[[], object],
    judge: Callable[[Sequence[Path]], Judged],
) -> None:
    """Trains once, or, where `--folds` says so, once a fold, each in a folder below `--output`.

    Args:
        args: of the app.
        task: the name of a module in `tasks`.
        train: trains in a folder and judges the fold, `(number, of how many)`.
        check: finds out what would not go in one of the folds, before hours pass.
        judge: from the folders of the folds to the rows of scores.csv, what metrics.json holds, and
            what is said of them.
    """
    if args.folds is None:
        train(args, args.output, args.fold)
        return
    parent = start_run(args, args.output, task)
    if not parent.resumed:
        check()
    parent.accept()
    folders = [args.output / f"fold_{number}" for number in range(1, args.folds + 1)]
    for number, folder in enumerate(folders, 1):
        if not (args.resume and (folder / "metrics.json").exists()):
            print(f"Fold {number} of {args.folds}")
            train(args, folder, (number, args.folds))
    if is_chief():
        _pool(parent, folders, judge)
    parent.finish()


def _pool(parent: Run, folders: Sequence[Path], judge: Callable[[Sequence[Path]], Judged]) -> None:
    """Writes the scores of all folds together above them, and their report."""
    rows, metrics, said = judge(folders)
    facts = [Run(folder).facts for folder in folders]
    warnings = dict.fromkeys(text for one in facts for text in one.get("warnings", []))
    own = {"fold": f"all {len(folders)}", "folds": len(folders), "warnings": list(warnings)}
    parent.record(**{**facts[0], "options": parent.facts["options"], **own})
    parent.record(repeat=repeated_folds(facts, parent.facts))
    write_json(parent.folder / "plan.json", read_json(folders[0] / "plan.json"))
    parent.save_scores(rows, metrics)
    report = write_report(parent.folder)
    print(said)
    print(f"The report is {report}")
