"""Images evaluated that lie in folders: those of a run, or of any other program."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from keras_mia.core.problem import Problem
from keras_mia.core.progress import progress
from keras_mia.core.text import listing, plural
from keras_mia.data.datasets.case_list import read_case_list
from keras_mia.data.datasets.cases import Case
from keras_mia.data.datasets.files.image_paths import entries
from keras_mia.data.datasets.splits.patients import with_patients
from keras_mia.data.image import Image
from keras_mia.data.io.formats import stem_of
from keras_mia.data.io.image_io import read_image
from keras_mia.tasks.run_predictions import PREDICTIONS, predictions_of
from keras_mia.tasks.translation.evaluation.evaluator import Evaluator, evaluator_of
from keras_mia.tasks.translation.evaluation.score_space import ScoreSpace, stated_range
from keras_mia.tasks.translation.evaluation.texture_sets import NETWORK, REAL, cells_in
from keras_mia.tasks.translation.prediction_files import DIFFERENCE, read_prediction
from keras_mia.tasks.translation.translation_plan import OF_EACH, TranslationPlan
from keras_mia.tasks.values import Evaluation, TruthFiles

if TYPE_CHECKING:
    from keras_mia.tasks.translation.task import Translation

Item = tuple[Case, Path, Image, ScoreSpace]
"""A case, the file of its prediction, its true image, and how it is scored."""


def evaluate_files(task: "Translation", folders: Sequence[Path], files: TruthFiles) -> Evaluation:
    """Scores images by those that were to be made.

    Args:
        task: that reads plans.
        folders: of the run, or of its folds; none where there is no run.
        files: folders of predictions and true images; what is missing is that of the run.

    Raises:
        Problem: it is not clear what to score, or a prediction has no true image or another size.
    """
    plan = task.read_plan(folders[0]) if folders else None
    evaluator = evaluator_of(plan) if plan else Evaluator(data_range=stated_range(None))
    for case, path, truth, space in _items(task, plan, folders, files):
        array = read_prediction(path, truth, truth.array.shape[-1])
        scores = space.scores(array)
        evaluator.add(case.name, case.patient, scores, about_truth=space.about_truth)
        evaluator.textures.add(REAL, cells_in(space, space.truth, truth))
        evaluator.textures.add(NETWORK, cells_in(space, space.values(array), truth))
    metrics = evaluator.metrics()
    text = evaluator.describe("case" if files.truth else "held-out case", metrics=metrics)
    return Evaluation(evaluator.rows, metrics, text)


def _items(
    task: "Translation",
    plan: TranslationPlan | None,
    folders: Sequence[Path],
    files: TruthFiles,
) -> Iterator[Item]:
    if folders and files.truth is None:
        yield from _of_runs(task, folders, files.prediction)
        return
    within = files.prediction
    if within is None and folders:
        within = (folders[0] if len(folders) == 1 else folders[0].parent) / PREDICTIONS
    if within is None or files.truth is None:
        raise Problem(
            "It is not clear what to evaluate.",
            "keras-mia evaluate",
            "Give --prediction and --truth, or --run.",
        )
    for folder in (within, files.truth):
        if not folder.is_dir():
            raise Problem("There is no such folder.", folder, "Name a folder of images.")
    sources = _sources(plan, folders)
    for case, path in progress(_matched(within, files.truth, files.patient), "evaluating"):
        truth = read_image(case.images[0])
        yield case, path, truth, _space(truth, plan, sources.get(case.name))


def _sources(plan: TranslationPlan | None, folders: Sequence[Path]) -> dict[str, Case]:
    """The cases of runs whose images tell where and in which values scores are taken, by name."""
    if plan is None or not (plan.masked or plan.target_normalization in OF_EACH):
        return {}
    lists = [read_case_list(folder / "cases.csv") for folder in folders]
    return {case.name: case for cases in lists for case in cases.test}


def _space(truth: Image, plan: TranslationPlan | None, case: Case | None) -> ScoreSpace:
    if plan is None:
        return ScoreSpace.plain(truth)
    if not (plan.masked or plan.target_normalization in OF_EACH):
        return ScoreSpace.of(truth, truth, plan)
    if case is None:
        raise Problem(
            "Scores of this run are taken inside the body, as the image shows it that a prediction"
            " is made from, and the run has no test case of this name.",
            "--truth",
            "Leave --run out: all voxels are scored then, in the values that they have.",
        )
    return ScoreSpace.of(truth, plan.source(case), plan)


def _of_runs(
    task: "Translation", folders: Sequence[Path], prediction: Path | None
) -> Iterator[Item]:
    for folder in folders:
        plan = task.read_plan(folder)
        for case, file in progress(predictions_of(folder, prediction), "evaluating"):
            truth = plan.truth(case)
            yield case, file, truth, ScoreSpace.of(truth, plan.source(case), plan)


def _matched(within: Path, truth: Path, patient: str | None) -> list[tuple[Case, Path]]:
    """Predictions and the cases of their true images, by names; says whose patients they are."""
    true = {stem_of(path): path for path in entries(truth)}
    written = {stem_of(path): path for path in entries(within)}
    written = {name: path for name, path in written.items() if not name.endswith(DIFFERENCE)}
    missing = [str(path) for name, path in written.items() if name not in true]
    if missing or not written:
        raise Problem(
            f"{len(missing)} of {plural(len(written), 'prediction')} have no true image.",
            listing(missing or [within]),
            f"Name the images in {truth} as the predictions are.",
        )
    left = [true[name] for name in true if name not in written]
    if left:
        print(f"  Left out, since not predicted: {listing(left, 3)}.")
    cases = [Case(name, {"image": (true[name],)}, None, "") for name in written]
    cases, notes = with_patients(cases, truth, patient)
    for note in notes:
        print(f"  {note}")
    return [(case, written[case.name]) for case in cases]
