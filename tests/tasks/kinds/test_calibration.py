"""When probabilities are corrected by a temperature, and what is said of it."""

from dataclasses import replace

import numpy as np
import pytest

from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.data.targets.multitask import Multitask
from keras_mia.tasks.classification.evaluation import evaluate_rows
from keras_mia.tasks.kinds.calibration import Calibration, averaged
from keras_mia.tasks.kinds.fitting import FEWEST
from keras_mia.tasks.kinds.table import kind_of
from tests.image_plans import PLAN

NAMES = ("a", "b", "c")
THREE = replace(PLAN, target=Multiclass(NAMES, NAMES))


def validated(count, classes=3, wrong=0.4, sure=0.97):
    """Outputs of a network that is as sure as it is not right, and the truth."""
    labels = np.arange(count) % classes
    predicted = np.where(np.arange(count) % 10 < 10 * wrong, (labels + 1) % classes, labels)
    outputs = np.full((count, classes), (1 - sure) / (classes - 1))
    outputs[np.arange(count), predicted] = sure
    return outputs, np.eye(classes)[labels]


@pytest.mark.parametrize("count", [1, 4, FEWEST - 1])
@pytest.mark.parametrize("plan", [PLAN, THREE])
def test_of_few_cases_no_temperature_is_fitted_and_that_is_said(count, plan):
    decision = kind_of(plan).calibrate(*validated(count, len(plan.target)))
    assert decision.temperature == 1
    assert f"{count} validation case" in decision.note
    assert f"fewer than {FEWEST}" in decision.note


def test_of_enough_cases_one_is_fitted():
    decision = kind_of(THREE).calibrate(*validated(FEWEST))
    assert 1.5 < decision.temperature < 10
    assert decision.note == ""


def test_cases_of_one_class_fit_no_temperature():
    outputs, truth = validated(60)
    decision = kind_of(THREE).calibrate(outputs, np.tile(truth[0], (60, 1)))
    assert decision.temperature == 1
    assert "of one class" in decision.note


@pytest.mark.parametrize(("wrong", "sure", "end"), [(1.0, 0.97, 10), (0.0, 0.5, 0.1)])
def test_a_temperature_stays_in_its_range_and_its_end_is_said(wrong, sure, end):
    outputs, truth = validated(4000, wrong=wrong, sure=sure)
    decision = kind_of(THREE).calibrate(outputs, truth)
    assert decision.temperature == end
    assert f"lies beyond {end:g}" in decision.note


def test_the_metrics_say_so():
    decision = kind_of(PLAN).calibrate(*validated(4, 2), np.eye(2))
    row = {"patient": "p", "truth": "ill", "prediction": "ill", "p well": "0.1", "p ill": "0.9"}
    assert evaluate_rows([row] * 3, PLAN, [decision], [3])["calibration"] == [decision.note]
    both = evaluate_rows([row] * 3, PLAN, [decision, Calibration(2.0, (0.5,))], [2, 1])
    assert both["calibration"] == [decision.note]
    assert averaged([decision, decision]).note == decision.note


def test_each_of_several_answers_says_it_for_itself():
    joint = Multitask(("x", "y"), (PLAN.target, THREE.target), (1.0, 1.0))
    plan = replace(PLAN, target=joint)
    outputs, truth = (
        np.concatenate(pair, 1) for pair in zip(validated(4, 2), validated(4), strict=True)
    )
    decision = kind_of(plan).calibrate(outputs, truth)
    assert [part.temperature for part in decision.parts] == [1, 1]
    assert all("fewer than" in part.note for part in decision.parts)
