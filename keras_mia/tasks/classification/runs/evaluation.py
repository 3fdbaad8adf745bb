"""The test cases of a run evaluated: calibrated on validation, scored, explained."""

from dataclasses import asdict
from pathlib import Path

import keras

from keras_mia.core.files.text_files import write_json
from keras_mia.data.datasets.cases import Cases
from keras_mia.inference.whole import predict_function
from keras_mia.models.folding import fold_batchnorm
from keras_mia.tasks.classification.classification_plan import ClassificationPlan
from keras_mia.tasks.classification.evaluation import describe, evaluate_outputs
from keras_mia.tasks.classification.predictor import mirrored, outputs
from keras_mia.tasks.kinds.calibration import FILE
from keras_mia.tasks.kinds.table import kind_of
from keras_mia.tasks.values import Evaluation, Prepared


def evaluate_run(
    model: keras.Model, cases: Cases, prepared: Prepared, plan: ClassificationPlan, run: Path
) -> Evaluation:
    """Calibrates on the validation cases, and scores the test cases.

    Args:
        model: the best one of the run.
        cases: with their splits.
        prepared: images of each part.
        plan: of the run.
        run: its folder, where the calibration is written.
    """
    model, mirror = fold_batchnorm(model), mirrored(plan)
    predict, kind = predict_function(model), kind_of(plan)
    before = outputs(predict, prepared.validation, mirror=mirror)
    calibration = kind.calibrate(before, prepared.validation.targets, prepared.train.targets)
    write_json(run / FILE, asdict(calibration))
    network_outputs = outputs(predict, prepared.test, mirror=mirror)
    rows, metrics = evaluate_outputs(
        cases.test, network_outputs, prepared.test.targets, plan, calibration
    )
    predictions = kind.predictions(network_outputs, calibration)
    return Evaluation(
        rows,
        metrics,
        describe(metrics, plan),
        lambda: kind.pictures(model, prepared.test, cases.test, predictions, calibration),
    )
