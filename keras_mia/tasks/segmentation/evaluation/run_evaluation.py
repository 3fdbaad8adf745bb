"""The test cases of a run evaluated: predicted, written and scored, one at a time."""

from pathlib import Path

import keras

from keras_mia.core.progress import progress
from keras_mia.data.datasets.cases import Cases
from keras_mia.report.pictures.case_picture import CasePicture
from keras_mia.tasks.segmentation.evaluation.baseline import baselines
from keras_mia.tasks.segmentation.evaluation.evaluator import Evaluator
from keras_mia.tasks.segmentation.evaluation.scoring import score
from keras_mia.tasks.segmentation.pictures import draw
from keras_mia.tasks.segmentation.predictor import Predictor, save
from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan
from keras_mia.tasks.values import Evaluation


def evaluate_run(model: keras.Model, cases: Cases, plan: SegmentationPlan, run: Path) -> Evaluation:
    """Predicts and scores the test cases, and writes their label maps.

    Args:
        model: the best one of the run.
        cases: with their splits.
        plan: of the run.
        run: its folder; label maps go to `predictions` in it.
    """
    evaluator, folder = Evaluator(plan.classes.names), run / "predictions"
    predict, simple = Predictor(model, plan), baselines(cases.train, plan)
    for case in progress(cases.test, "evaluating"):
        image, prediction = score(evaluator, case, predict, baselines=simple)
        save(prediction, folder, case, image, plan)
    by_name = {case.name: case for case in cases.test}

    def pictures() -> list[CasePicture]:
        return [
            draw(by_name[name], folder, plan, title=title) for title, name in evaluator.extremes()
        ]

    return Evaluation(evaluator.rows, evaluator.metrics(), evaluator.describe(), pictures)
