"""By what networks for whole images are chosen."""

from dataclasses import replace

import numpy as np
import pytest

from keras_mia.data.targets.box import Box
from keras_mia.data.targets.hierarchy import ClassTree
from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.data.targets.multilabel import Multilabel
from keras_mia.data.targets.multitask import Multitask
from keras_mia.data.targets.regression import Regression
from keras_mia.tasks.classification.validation import validation
from tests.image_plans import PLAN

NAMES = ("a", "b", "c")
THREE = replace(PLAN, target=Multiclass(NAMES, NAMES))
FINDINGS = replace(PLAN, target=Multilabel(NAMES, NAMES))
NUMBER = replace(PLAN, target=Regression(60.0, 10.0))
BOX = replace(PLAN, target=Box(("x0", "y0", "x1", "y1")))


def validated(truth, plan):
    """The validation of outputs: what stands for a model are its outputs."""
    return validation(np.array(truth, np.float32), lambda outputs: np.array(outputs), plan)


def chosen(truth, plan, *networks):
    """Which of some outputs is the best one."""
    score = validated(truth, plan)
    best, highest = None, np.nan
    for number, outputs in enumerate(networks):
        value = score(outputs)[score.criterion.score]
        if not score.criterion.better(highest, value):
            best, highest = number, value
    return best


WRONG, UNSURE, RIGHT = [[0.2, 0.7, 0.1]] * 2, [[0.4, 0.3, 0.3]] * 2, [[0.8, 0.1, 0.1]] * 2


def test_classes_of_one_kind_are_chosen_by_their_likelihood():
    truth = [[1, 0, 0]] * 2
    assert validated(truth, THREE).criterion.score == "nll"
    assert chosen(truth, THREE, WRONG, RIGHT, UNSURE) == 1
    note = validated(truth, THREE).note
    assert "no area under the ROC curve: " in note
    assert "nll" in note
    score = validated(truth, THREE)(RIGHT)
    assert list(score) == ["nll", "accuracy"]
    assert score["nll"] == pytest.approx(-np.log(0.8))


def test_the_measure_is_the_same_for_all_networks():
    score = validated([[1, 0, 0], [0, 1, 0]], THREE)
    assert (score.criterion.score, score.note) == ("auc", "")
    assert list(score(RIGHT)) == list(score([[1, 0, 0]] * 2)) == ["auc", "accuracy"]


@pytest.mark.parametrize(
    ("truth", "by"),
    [
        ([[0, 0, 0], [0, 0, 0]], "nll"),
        ([[1, 1, 0], [1, 1, 0]], "nll"),
        ([[1, -1, 0], [1, -1, 0]], "nll"),
        ([[1, 1, -1], [1, 1, 0]], "nll"),
        ([[1, 0, 0], [0, 0, 0]], "auc"),
        ([[-1, -1, -1], [1, 0, 1], [1, 1, 1]], "auc"),
    ],
)
def test_findings_without_an_area_are_chosen_by_their_likelihood(truth, by):
    score = validated(truth, FINDINGS)
    assert score.criterion.score == by
    assert bool(score.note) == (by == "nll")
    right = np.where(np.array(truth) == 1, 0.9, 0.2) + 0.01 * np.arange(3)
    assert chosen(truth, FINDINGS, 1 - right, right, 0 * right + 0.5) == 1


def test_where_nothing_is_known_the_last_network_is_kept():
    unknown = [[-1, -1, -1]] * 2
    assert np.isnan(validated(unknown, FINDINGS)(RIGHT)["nll"])
    assert chosen(unknown, FINDINGS, RIGHT, WRONG, UNSURE) == 2


def test_a_tree_is_chosen_by_what_is_told():
    tree = ClassTree(NAMES, ("x", "y"), (0, 0, 1))
    plan = replace(THREE, tree=tree)
    assert validated([[1, 0, 0], [0, 1, 0]], plan).criterion.score == "nll", "both are x"
    assert validated([[1, 0, 0], [0, 0, 1]], plan).criterion.score == "auc"


@pytest.mark.parametrize(
    ("plan", "name", "value"), [(NUMBER, "mae", 5.0), (BOX, "corner_error", 0.5)], ids=str
)
def test_errors_are_errors_and_small_ones_are_good(plan, name, value):
    truth = np.zeros((4, len(plan.target)))
    assert validated(truth, plan)(truth + 0.5) == {name: pytest.approx(value)}
    assert chosen(truth, plan, truth + 0.5, truth - 0.1, truth + 0.2) == 1


def test_several_answers_are_chosen_by_their_mean_errors_as_minus():
    parts = (THREE.target, NUMBER.target)
    plan = replace(PLAN, target=Multitask(("kind", "age"), parts, (1.0, 1.0)))
    truth = np.array([[1, 0, 0, 0.5], [0, 1, 0, -0.5]])
    right = np.array([[0.8, 0.1, 0.1, 0.4], [0.1, 0.8, 0.1, -0.4]])
    old = right + np.array([0, 0, 0, 1])
    score = validated(truth, plan)
    assert score(right) == {
        "mean": pytest.approx((1 - 0.1) / 2),
        "kind: auc": 1.0,
        "kind: accuracy": 1.0,
        "age: mae": pytest.approx(1.0),
    }
    assert chosen(truth, plan, old, right, old) == 1
    alike = validated(truth[:1], plan)
    assert "of kind" in alike.note
    assert "kind: nll" in alike(right[:1])
