"""Test cases without true images evaluated: made, written, and held against real ones."""

from pathlib import Path

import keras

from keras_mia.core.progress import progress
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.io.image_io import write_image
from keras_mia.report.pictures.case_picture import CasePicture
from keras_mia.tasks.run_predictions import PREDICTIONS
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
        evaluator.add(case, source, made, plan)
        write_image(folder / prediction_name(case, source.rank), made, like=source)
        by_name[case.name] = case

    def pictures() -> list[CasePicture]:
        return [
            draw_change(by_name[name], folder, plan, title=title, real=real[0])
            for title, name in evaluator.extremes()
        ]

    metrics = evaluator.metrics()
    return Evaluation(evaluator.rows, metrics, evaluator.describe(metrics), pictures)
