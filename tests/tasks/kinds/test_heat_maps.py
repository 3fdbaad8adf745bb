"""Which cases are shown with what a network looked at."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.data.targets.multilabel import Multilabel
from keras_mia.tasks.kinds.calibration import Calibration
from keras_mia.tasks.kinds.pictures.heat_maps import (
    MISTAKES,
    RIGHT,
    LabelPrediction,
    caption,
    logit_weights,
    most_confident,
)
from keras_mia.tasks.kinds.table import kind_of
from tests.image_plans import PLAN

TWO = Multiclass(("well", "ill"), ("0", "1"))
FINDINGS = Multilabel(("mass", "fluid"), ("mass", "fluid"))


def test_the_surest_come_first_and_the_threshold_counts():
    ill = np.array([0.9, 0.3, 0.1, 0.95, 0.02, 0.15])
    truth = np.eye(2)[[0, 0, 1, 1, 0, 0]]
    probabilities = np.stack([1 - ill, ill], axis=1)
    mistakes, right = most_confident(
        kind_of(replace(PLAN, target=TWO)), probabilities, truth, Calibration(thresholds=(0.2,))
    )
    # Beyond its threshold of 0.2, 0.9 is surer than 0.1 is below it, and that than 0.3 above.
    assert [one.case for one in mistakes] == [0, 2, 1]
    assert [one.case for one in right] == [3, 4, 5]
    assert caption(mistakes[1], truth[2], TWO) == "Truth: ill. Prediction: well, probability 0.900."
    assert [one.confidence for one in mistakes] == pytest.approx([0.875, 0.5, 0.125])


def test_a_case_counts_once_and_what_is_not_known_does_not():
    probabilities = np.array([[0.99, 0.8], [0.9, 0.1], [0.01, 0.2], [0.97, 0.99], [0.1, 0.1]])
    truth = np.array([[0, 0], [1, 1], [0, 0], [-1, 1], [0, 1]])
    mistakes, right = most_confident(
        kind_of(replace(PLAN, target=FINDINGS)),
        probabilities,
        truth,
        Calibration(thresholds=(0.5, 0.5)),
    )
    assert [(one.case, one.output, one.present) for one in mistakes] == [
        (0, 0, True),
        (1, 1, False),
        (4, 1, False),
    ]
    assert [(one.case, one.output) for one in right] == [(3, 1)]  # a "no" shows nothing
    text = caption(mistakes[1], truth[1], FINDINGS)
    assert text == "Truth: mass, fluid. Prediction: no fluid, probability 0.900."


def test_there_are_not_too_many():
    probabilities = np.tile([0.9, 0.1], (40, 1))
    truth = np.eye(2)[[0, 1] * 20]
    mistakes, right = most_confident(
        kind_of(replace(PLAN, target=TWO)), probabilities, truth, Calibration()
    )
    assert (len(mistakes), len(right)) == (MISTAKES, RIGHT)


def test_a_coarse_class_is_asked_about_by_the_shares_of_its_fine_ones():
    members = np.array([[1, 0], [1, 0], [0, 1]])  # of three fine classes in two coarse ones
    plan = SimpleNamespace(target=range(3), aggregated=lambda values: values @ members)
    probabilities = np.array([[0.6, 0.2, 0.2], [0.1, 0.1, 0.8]])
    most_confident_of = [
        LabelPrediction(0, 0, True, 0.8, True, 0.6),
        LabelPrediction(1, 1, False, 0.2, False, 0.6),
    ]
    np.testing.assert_allclose(
        logit_weights(most_confident_of, probabilities, plan), [[0.75, 0.25, 0], [0, 0, -1]]
    )
