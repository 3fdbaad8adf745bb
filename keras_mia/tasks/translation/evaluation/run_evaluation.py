"""The test cases of a run evaluated: predicted, written and scored, one at a time."""

from collections.abc import Sequence
from pathlib import Path

import keras

from keras_mia.core.progress import progress
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.io.image_io import write_image
from keras_mia.report.pictures.case_picture import CasePicture
from keras_mia.tasks.translation.evaluation.baselines import baselines
from keras_mia.tasks.translation.evaluation.evaluator import Evaluator, evaluator_of
from keras_mia.tasks.translation.evaluation.other_runs import finished_runs
from keras_mia.tasks.translation.evaluation.score_space import ScoreSpace, check_one_unit
from keras_mia.tasks.translation.evaluation.texture_sets import NETWORK, REAL, cells_in
from keras_mia.tasks.translation.pictures import draw
from keras_mia.tasks.translation.prediction_files import prediction_name
from keras_mia.tasks.translation.predictor import Predictor
from keras_mia.tasks.translation.translation_plan import TranslationPlan
from keras_mia.tasks.values import Evaluation


def evaluate_run(
    model: keras.Model,
    cases: Cases,
    plan: TranslationPlan,
    run: Path,
    folders: Sequence[Path] = (),
) -> Evaluation:
    """Predicts and scores the test cases, and writes the images that are made.

    Args:
        model: the best one of the run.
        cases: with their splits.
        plan: of the run.
        run: its folder; images go to `predictions` in it.
        folders: of other runs whose scores stand in the same table.

    Raises:
        Problem: another run was not tested on the same cases.
    """
    others = finished_runs(folders, cases.test, plan)
    evaluator, folder = evaluator_of(plan), run / "predictions"
    evaluator.runs = tuple(other.name for other in others)
    predict, simple = Predictor(model, plan), baselines(cases.train, plan)
    for case in progress(cases.test, "evaluating"):
        source, truth = plan.source(case), plan.truth(case)
        space = ScoreSpace.of(truth, source, plan)
        prediction = predict(source, case.name)
        images = {NETWORK: space.values(prediction)}
        images |= {other.name: other.made(case, truth) for other in others}
        images |= {name: space.values(make(source)) for name, make in simple.items()}
        scores = {name: space.scores_of(values) for name, values in images.items()}
        of_network = scores.pop(NETWORK)
        evaluator.add(case.name, case.patient, of_network, scores, space.about_truth)
        evaluator.textures.add(REAL, cells_in(space, space.truth, truth))
        for name, values in images.items():
            evaluator.textures.add(name, cells_in(space, values, truth))
        write_image(folder / prediction_name(case, source.rank), prediction, like=source)
    by_name = {case.name: case for case in cases.test}

    def pictures() -> list[CasePicture]:
        return [
            draw(by_name[name], folder, plan, title=title) for title, name in evaluator.extremes()
        ]

    metrics = evaluator.metrics()
    return Evaluation(evaluator.rows, metrics, evaluator.describe(metrics=metrics), pictures)


def pool(plans: Sequence[TranslationPlan], folders: Sequence[Path]) -> Evaluation:
    """The scores of folds together.

    Args:
        plans: of the folds.
        folders: of the folds.
    """
    check_one_unit(plans, folders)
    first = evaluator_of(plans[0])
    options = {"main": first.main, "data_range": first.data_range, "unit": first.unit}
    evaluator = Evaluator.pooled(folders, **options)
    return Evaluation(evaluator.rows, evaluator.metrics(), evaluator.describe())
