"""Predictions and the truth that each is judged by."""

import argparse
import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from keras_mia.cli.options.labels import CLASSES, label_names, label_ranges
from keras_mia.cli.options.patients import AS_IN_TRAINING, Patients, known_patients
from keras_mia.cli.runs import run_folders, task_name
from keras_mia.core.files.atomic import check_folder, write_csv, write_json
from keras_mia.core.files.separation import check_no_source
from keras_mia.core.problem import Problem
from keras_mia.core.progress import progress
from keras_mia.core.text import listing, plural
from keras_mia.data.datasets.case_list import read_case_list
from keras_mia.data.datasets.cases import Case
from keras_mia.data.datasets.label_files import common_values, kinds_of, with_label_values
from keras_mia.data.datasets.splits.prediction_patients import judged_patients
from keras_mia.data.datasets.truths import truths
from keras_mia.data.image import Image, grid_difference, put_on
from keras_mia.data.io.dicom.images import is_segmentation
from keras_mia.data.io.formats import LOSSY, image_files, read_label, stem_of
from keras_mia.data.io.labels.components import count_values, share_in_one_piece
from keras_mia.data.io.labels.plausibility import doubt
from keras_mia.data.io.labels.ranges import merge, merge_counts
from keras_mia.data.preprocess.plan import Plan
from keras_mia.data.targets.label_map import IGNORE, Classes, classes_of
from keras_mia.training.runs.folder import check_outside_runs

PROBABILITIES = "-probabilities"
FILES = ("scores.csv", "metrics.json")
COMPARISON = ("comparison.csv",)


class Labels(NamedTuple):
    """A prediction and its truth, read.

    Args:
        truth: classes `(*space)`, `IGNORE` outside the case's region.
        prediction: classes `(*space)`.
        spacing_mm: where a file gives it.
        remarks: what was done to either when it was read, with the file.
    """

    truth: np.ndarray
    prediction: np.ndarray
    spacing_mm: tuple[float, ...] | None
    remarks: tuple[tuple[Path, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Pair:
    """A label map that was predicted, and the case that holds the truth.

    Args:
        prediction: its file.
        case: with the truth.
        values: how the prediction is read, as `read_label` takes it.
    """

    prediction: Path
    case: Case
    values: str | None = None

    @property
    def name(self) -> str:
        """Of the case."""
        return self.case.name

    @property
    def patient(self) -> str:
        """Of the case."""
        return self.case.patient

    def read(self, classes: Classes) -> Labels:
        """Truth and prediction as classes, and what was done to them.

        Raises:
            Problem: they do not lie on one grid, or hold values that are no class.
        """
        truth = self.case.label()
        found = read_label(self.prediction, truth, self.values)
        if isinstance(self.case.target, Path) and is_segmentation(self.case.target):
            truth = put_on(truth, found)
        difference = grid_difference(truth, found)
        if difference:
            raise Problem(
                f"The prediction and its truth, {self.case.target}, have {difference}.",
                self.prediction,
                "Bring both to one grid.",
            )
        expected = classes.encode(truth.array[..., 0], self.case.target)
        region = self.case.region_mask()
        if region is not None:
            expected = np.where(region, expected, np.uint8(IGNORE))
        self._check_values(found.array, classes)
        predicted = classes.encode(found.array[..., 0], self.prediction)
        targets = self.case.label_files
        remarks = ((targets[0], truth.remarks), (self.prediction, found.remarks))
        return Labels(expected, predicted, self._spacing_mm(truth, found), remarks)

    def _spacing_mm(self, truth: Image, found: Image) -> tuple[float, ...] | None:
        """That of the image, as the run itself measures, where it is known and still there."""
        if self.case.images:
            with contextlib.suppress(Problem):
                return self.case.image().spacing_mm
        # A label map without orientation often has voxels of 1 mm that nobody measured.
        return (found if truth.affine is None else truth).spacing_mm or truth.spacing_mm

    def _check_values(self, found: np.ndarray, classes: Classes) -> None:
        known = {value for values in classes.values for value in values}
        odd = sorted(set(np.unique(merge(found, classes.ranges)).tolist()) - known)
        if odd and not classes.rest_is_background:
            raise Problem(
                f"The prediction holds {listing(odd, 5)}, which is no class of the truth:"
                f" {listing(sorted(known), 12)}.",
                self.prediction,
                f"Both are masks: write {odd[0]} as {max(known)} in the predictions."
                if len(known) == 2 and len(odd) == 1 and odd[0] > min(known)
                else "Give prediction and truth the same label values.",
            )


def find_pairs(
    prediction: Path | None,
    truth: Path | None,
    run: Path | None,
    patients: Patients = AS_IN_TRAINING,
) -> list[Pair]:
    """What to judge, by two folders or by a run.

    Args:
        prediction: a folder; None: that of the run.
        truth: a folder; None: that of the run's test cases.
        run: a run, or one with folds below.
        patients: how patients are found in the truth.

    Raises:
        Problem: too little was said, or a label map is missing.
    """
    known: dict[str, str] = {}
    if run is not None and truth is None:
        return [pair for folder in run_folders([run]) for pair in _of_run(folder, prediction)]
    if run is not None and prediction is None:
        prediction, known = _folder(run), known_patients(run_folders([run]))
    if truth is None or prediction is None:
        raise Problem(
            "It is not clear what to judge.",
            "keras-mia evaluate",
            "Give --prediction and --truth, or --run.",
        )
    return _by_folders(prediction, truth, patients, known)


def classes_for(pairs: Sequence[Pair], args: argparse.Namespace) -> Classes:
    """The classes of the run, or those that the truth holds, as `--labels` and `--instances` have
    them.

    Raises:
        Problem: they are given beside a run, or the values of the truth cannot be classes.
    """
    names, ranges = label_names(args.labels), label_ranges(args)
    if args.run is not None:
        for option, given in (("--labels", args.labels), ("--instances", args.instances)):
            if given:
                raise Problem(
                    "The run says what the label values are.", option, "Leave it out, or --run."
                )
        return Plan.read(run_folders([args.run])[0] / "plan.json").classes
    counts, one_piece = [], []
    for pair in progress(pairs, "reading"):
        label = pair.case.label().array[..., 0]
        own = count_values(label.reshape(-1))
        counts.append(merge_counts(own, ranges))
        one_piece.append(share_in_one_piece(label, own))
    targets = [str(pair.case.target) for pair in pairs]
    found = doubt(
        counts,
        one_piece,
        named=names or (),
        lossy=any(x.lower().endswith(LOSSY) for x in targets),
        are_classes=args.instances == CLASSES,
    )
    if found:
        where = args.truth if found.example is None else targets[found.example]
        raise Problem(found.what, where, found.mend)
    return classes_of({value for one in counts for value in one}, labels=names, ranges=ranges)


def _by_folders(
    predictions: Path, truth: Path, patients: Patients, known: Mapping[str, str]
) -> list[Pair]:
    for path, there in ((predictions, predictions.is_dir()), (truth, truth.exists())):
        if path.is_file() and not there:
            raise Problem(
                "A folder of label maps was expected, this is a file.",
                path,
                f"Name its folder, {path.parent}, or one with the files that are meant.",
            )
        if not there:
            raise Problem("There is no such folder.", path, "Name a folder of label maps.")
    pairs, without = truths(predictions, truth, patients.column)
    pairs = [
        (found, case)
        for found, case in pairs
        if case is not None or not stem_of(found).endswith(PROBABILITIES)
    ]
    missing = [found for found, case in pairs if case is None]
    if missing or not pairs:
        raise Problem(
            f"{len(missing)} of {plural(len(pairs), 'prediction')} have no truth.",
            listing(missing or [predictions]),
            f"Name the label maps in {truth} as the predictions are.",
        )
    if without:
        print(f"  Left out, since not predicted: {listing(without, 3)}.")
    cases, notes = with_label_values([case for _, case in pairs if case is not None])
    files = [found for found, case in pairs if case is not None]
    cases, who = judged_patients(
        list(zip(files, cases, strict=True)),
        predictions,
        truth,
        pattern=patients.pattern,
        known=known,
    )
    for note in (*notes, *who):
        print(f"  {note}")
    values = common_values(kinds_of(files))
    return [Pair(file, case, values) for file, case in zip(files, cases, strict=True)]


def _of_run(folder: Path, prediction: Path | None) -> list[Pair]:
    if task_name([folder]) != "segmentation":
        raise Problem(
            f"Label maps are judged, this run's task is {task_name([folder])}.",
            folder,
            "Name a run of segmentation.",
        )
    within = prediction or _folder(folder)
    if not within.is_dir():
        raise Problem("There are no predictions.", within, "Name their folder by --prediction.")
    files = {stem_of(file): file for file in image_files(within)}
    cases = read_case_list(folder / "cases.csv").test
    missing = [case.name for case in cases if case.name not in files]
    if missing:
        raise Problem(
            f"{len(missing)} of {plural(len(cases), 'test case')} were not predicted:"
            f" {listing(missing, 5)}.",
            within,
            "Finish the run, or name the folder of the predictions by --prediction.",
        )
    gone = [
        case.target or case.name
        for case in cases
        if not (case.label_files and all(path.exists() for path in case.label_files))
    ]
    if gone:
        raise Problem(
            f"{plural(len(gone), 'label map')} of the run's test cases are not there any more.",
            listing(gone, 5),
            "Name the folder of the label maps by --truth.",
        )
    return [Pair(files[case.name], case) for case in cases]


def _folder(run: Path) -> Path:
    return run / "predictions"


def check_scores(args: argparse.Namespace, names: Sequence[str] = FILES) -> None:
    """Sees to it that no earlier scores are replaced unless it was said, no table that is read,
    and none of a run.

    Args:
        args: of the app.
        names: of the files to write.

    Raises:
        Problem: they would be, or cannot be written.
    """
    if args.output is None:
        return
    check_folder(args.output)
    check_outside_runs(args.output, beside=True)
    there = [name for name in names if os.path.lexists(args.output / name)]
    if there and not args.overwrite:
        raise Problem(
            f"The output holds {' and '.join(there)} already.",
            args.output,
            "Say --overwrite to replace them, or choose another --output.",
        )
    read = [path for path in (args.prediction, args.truth) if path is not None]
    check_no_source([args.output / name for name in names], read)


def save_scores(rows: Sequence[dict], metrics: dict, output: Path | None) -> None:
    """Writes scores.csv and metrics.json, where a folder is given."""
    if output is not None:
        write_csv(output / FILES[0], rows)
        write_json(output / FILES[1], metrics)
        print(f"The scores are in {output}")
