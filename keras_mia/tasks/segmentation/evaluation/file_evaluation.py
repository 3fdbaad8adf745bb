"""Label maps evaluated that lie in folders: those of a run, or of any other program."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from keras_mia.core.problem import Problem
from keras_mia.core.progress import progress
from keras_mia.core.text import listing, plural
from keras_mia.data.datasets.case_list import read_case_list
from keras_mia.data.datasets.label_files import common_values, kinds_of, with_label_values
from keras_mia.data.datasets.splits.prediction_patients import patients_of_predictions
from keras_mia.data.datasets.truths import truths
from keras_mia.data.fingerprint.reading_notes import remark_notes
from keras_mia.data.io.formats import LOSSY, stem_of
from keras_mia.data.io.labels.components import count_values, share_in_one_piece
from keras_mia.data.io.labels.plausibility import label_fault
from keras_mia.data.io.labels.ranges import merge_counts
from keras_mia.data.targets.label_map import Classes, classes_of
from keras_mia.tasks.run_predictions import PREDICTIONS, predictions_of
from keras_mia.tasks.segmentation.evaluation.evaluator import Evaluator
from keras_mia.tasks.segmentation.evaluation.pairs import Pair
from keras_mia.tasks.values import Evaluation, TruthFiles

if TYPE_CHECKING:
    from keras_mia.tasks.segmentation.task import Segmentation

PROBABILITIES = "-probabilities"


def evaluate_files(task: "Segmentation", folders: Sequence[Path], files: TruthFiles) -> Evaluation:
    """Scores label maps by the truth.

    Args:
        task: what label values mean, and the tolerance.
        folders: of the run, or of its folds; none where there is no run.
        files: folders of predictions and truth; what is missing is that of the run.

    Raises:
        Problem: a label map is missing, or does not fit its truth.
    """
    pairs = find_pairs(files, folders)
    classes = classes_for(pairs, task, folders, files.truth)
    print(f"  {classes.describe()}")
    evaluator, remarks = Evaluator(classes.names, tolerance_mm=task.tolerance_mm), []
    for pair in progress(pairs, "evaluating"):
        read = pair.read(classes)
        remarks += read.remarks
        evaluator.add(
            pair.name, pair.patient, read.truth, read.prediction, spacing_mm=read.spacing_mm
        )
    for sentence in remark_notes(remarks):
        print(f"  {sentence}")
    text = evaluator.describe("case" if files.truth else "held-out case")
    return Evaluation(evaluator.rows, evaluator.metrics(), text)


def find_pairs(files: TruthFiles, folders: Sequence[Path] = ()) -> list[Pair]:
    """What to evaluate, by two folders or by a run.

    Args:
        files: folders of predictions and truth; what is missing is that of the run.
        folders: of the run, or of its folds.

    Raises:
        Problem: too little was said, or a label map is missing.
    """
    patients: dict[str, str] = {}
    if folders and files.truth is None:
        return [pair for folder in folders for pair in _of_run(folder, files.prediction)]
    if folders and files.prediction is None:
        run = folders[0] if len(folders) == 1 else folders[0].parent
        files, patients = replace(files, prediction=run / PREDICTIONS), patients_of(folders)
    if files.truth is None or files.prediction is None:
        raise Problem(
            "It is not clear what to evaluate.",
            "keras-mia evaluate",
            "Give --prediction and --truth, or --run.",
        )
    return _by_folders(files.prediction, files.truth, files, patients)


def classes_for(
    pairs: Sequence[Pair], task: "Segmentation", folders: Sequence[Path], truth: Path | None
) -> Classes:
    """The classes of the run, or those that the truth holds, as the user means them.

    Args:
        pairs: to evaluate.
        task: what label values mean.
        folders: of the run, or of its folds; none where there is no run.
        truth: for messages.

    Raises:
        Problem: the user says beside a run what they mean, or the values of the truth cannot be
            classes.
    """
    if folders:
        for option, given in (
            ("--labels", task.names),
            ("--instances", task.ranges or task.are_classes),
        ):
            if given:
                raise Problem(
                    "The run says what the label values are.", option, "Leave it out, or --run."
                )
        return task.read_plan(folders[0]).classes
    counts, one_piece = [], []
    for pair in progress(pairs, "reading"):
        label = pair.case.label().array[..., 0]
        voxels = count_values(label.reshape(-1))
        counts.append(merge_counts(voxels, task.ranges))
        one_piece.append(share_in_one_piece(label, voxels))
    targets = [str(pair.case.target) for pair in pairs]
    doubtful = label_fault(
        counts,
        one_piece,
        named=task.names or (),
        lossy=any(x.lower().endswith(LOSSY) for x in targets),
        are_classes=task.are_classes,
    )
    if doubtful:
        where = truth if doubtful.example is None else targets[doubtful.example]
        raise Problem(doubtful.what, where, doubtful.remedy)
    return classes_of(
        {value for one in counts for value in one}, labels=task.names, ranges=task.ranges
    )


def _by_folders(
    predictions: Path, truth: Path, files: TruthFiles, patients: Mapping[str, str]
) -> list[Pair]:
    for path, exists in ((predictions, predictions.is_dir()), (truth, truth.exists())):
        if path.is_file() and not exists:
            raise Problem(
                "A folder of label maps was expected, this is a file.",
                path,
                f"Name its folder, {path.parent}, or one with the files that are meant.",
            )
        if not exists:
            raise Problem("There is no such folder.", path, "Name a folder of label maps.")
    pairs, without = truths(predictions, truth, files.patient_column)
    pairs = [
        (file, case)
        for file, case in pairs
        if case is not None or not stem_of(file).endswith(PROBABILITIES)
    ]
    missing = [file for file, case in pairs if case is None]
    if missing or not pairs:
        raise Problem(
            f"{len(missing)} of {plural(len(pairs), 'prediction')} have no truth.",
            listing(missing or [predictions]),
            f"Name the label maps in {truth} as the predictions are.",
        )
    if without:
        print(f"  Left out, since not predicted: {listing(without, 3)}.")
    cases, notes = with_label_values([case for _, case in pairs if case is not None])
    paths = [file for file, case in pairs if case is not None]
    cases, patient_notes = patients_of_predictions(
        list(zip(paths, cases, strict=True)),
        predictions,
        truth,
        pattern=files.patient,
        of_run=patients,
    )
    for note in (*notes, *patient_notes):
        print(f"  {note}")
    values = common_values(kinds_of(paths))
    return [Pair(file, case, values) for file, case in zip(paths, cases, strict=True)]


def _of_run(folder: Path, prediction: Path | None) -> list[Pair]:
    predicted = predictions_of(folder, prediction)
    without_files = [
        case.target or case.name
        for case, _ in predicted
        if not (case.label_files and all(path.exists() for path in case.label_files))
    ]
    if without_files:
        raise Problem(
            f"{plural(len(without_files), 'label map')} of the run's test cases are not there any"
            " more.",
            listing(without_files, 5),
            "Name the folder of the label maps by --truth.",
        )
    return [Pair(file, case) for case, file in predicted]


def patients_of(folders: Sequence[Path]) -> dict[str, str]:
    """The patient of each case of some runs, by the case's name.

    Args:
        folders: of the runs.
    """
    lists = [folder / "cases.csv" for folder in folders]
    return {
        case.name: case.patient
        for path in lists
        if path.exists()
        for case in read_case_list(path).cases
    }
