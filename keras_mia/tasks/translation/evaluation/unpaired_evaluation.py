"""Images evaluated that have no true ones: of a run, of its folds together, or from files."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.core.progress import progress
from keras_mia.data.datasets.case_list import read_case_list
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.image import grid_difference
from keras_mia.data.io.image_io import read_image, write_image
from keras_mia.report.pictures.case_picture import CasePicture
from keras_mia.tasks.run_predictions import PREDICTIONS, files_of
from keras_mia.tasks.translation.evaluation.run_evaluation import check_one_unit
from keras_mia.tasks.translation.evaluation.unpaired_evaluator import UnpairedEvaluator
from keras_mia.tasks.translation.pictures import draw_change
from keras_mia.tasks.translation.prediction_files import prediction_name
from keras_mia.tasks.translation.predictor import Predictor
from keras_mia.tasks.translation.translation_plan import TranslationPlan
from keras_mia.tasks.values import Evaluation


def evaluate_unpaired_run(
    model: keras.Model, cases: Cases, plan: TranslationPlan, run: Path
) -> Evaluation:
    """Makes an image of each test case of the first kind, writes it, and holds all of them against
    the test cases of the second.

    Args:
        model: the best one of the run.
        cases: with their splits.
        plan: of the run.
        run: its folder; images go to `predictions` in it.
    """
    real = plan.of_kind(cases.test, 1)
    evaluator, folder = UnpairedEvaluator(real, plan), run / PREDICTIONS
    predict = Predictor(model, plan)
    by_name = {}
    for case in progress(plan.of_kind(cases.test, 0), "evaluating"):
        source = plan.source(case)
        made = predict(source, case.name)
        evaluator.add(case, source, made)
        write_image(folder / prediction_name(case, source.rank), made, like=source)
        by_name[case.name] = case

    def pictures() -> list[CasePicture]:
        return [
            draw_change(by_name[name], folder, plan, title=title, real=real[0])
            for title, name in evaluator.extremes()
        ]

    metrics = evaluator.metrics()
    return Evaluation(evaluator.rows, metrics, evaluator.describe(metrics), pictures)


def evaluate_unpaired_files(
    plans: Sequence[TranslationPlan], folders: Sequence[Path], prediction: Path | None = None
) -> Evaluation:
    """The same of images that were written.

    Args:
        plans: of the runs, whose first one says how all are scored.
        folders: of the runs, whose test cases are taken together.
        prediction: folder of the images; None: those of each run.

    Raises:
        Problem: a test case was not predicted, a prediction has another grid than its source, or
            runs have no common unit.
    """
    check_one_unit(plans, folders)
    tests = [read_case_list(folder / "cases.csv").test for folder in folders]
    plan = plans[0]
    real = [case for cases in tests for case in plan.of_kind(cases, 1)]
    evaluator = UnpairedEvaluator(real, plan)
    written = [
        (*pair, of_run)
        for of_run, folder, cases in zip(plans, folders, tests, strict=True)
        for pair in files_of(of_run.of_kind(cases, 0), prediction or folder / PREDICTIONS)
    ]
    for case, path, of_run in progress(written, "evaluating"):
        source, image = of_run.source(case), read_image(path)
        array = image.array
        if array.shape == source.space:
            array = array[..., None]
        difference = grid_difference(source, replace(image, array=array))
        if difference or array.shape != (*source.space, of_run.target_channels):
            raise Problem(
                "A prediction and its source share one grid; these have"
                f" {difference or 'other channels'}.",
                path,
                "Name predictions of these images.",
            )
        evaluator.add(case, source, np.asarray(array, np.float32), of_run)
    metrics = evaluator.metrics()
    return Evaluation(evaluator.rows, metrics, evaluator.describe(metrics))
