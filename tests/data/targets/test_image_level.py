"""Answers in words as numbers, and back."""

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.targets.box import Box
from keras_mia.data.targets.inference import infer_target
from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.data.targets.multilabel import Multilabel, findings
from keras_mia.data.targets.regression import Regression


def test_classes_are_sorted_as_people_count():
    target = infer_target(["10", "9", "9", "1"])
    assert target.kind == "multiclass"
    assert target.names == ("1", "9", "10")
    assert target.encode("9").tolist() == [0, 1, 0]


def test_names_are_shown_in_place_of_what_the_data_say():
    target = infer_target(["0", "1"], names={"1": "pneumonia"})
    assert target.names == ("0", "pneumonia")
    assert target.encode("1").tolist() == [0, 1]
    assert "pneumonia = 1" in target.describe()
    with pytest.raises(Problem, match="2"):
        infer_target(["0", "1"], names={"2": "x"})


def test_the_positive_one_of_two_classes_is_the_second():
    target = infer_target(["0", "1"], names={"0": "ill", "1": "well"})
    chosen = target.with_positive("ill")
    assert chosen.names == ("well", "ill")
    assert chosen.encode("0").tolist() == [0, 1], "names and values stay together"
    assert chosen.with_positive("ill") == chosen
    with pytest.raises(Problem, match=r"no class 'sick': they are ill, well[\s\S]*--positive sick"):
        target.with_positive("sick")
    for found, message in (
        (["a", "b", "c"], "3 classes"),
        (["a|b", "a"], "several findings"),
        (["1.5", "2.5"], "a number"),
    ):
        with pytest.raises(Problem, match=message):
            infer_target(found).with_positive("a")


def test_several_findings_one_of_them_not_known():
    target = infer_target(["Mass|Fluid", "No Finding", "Fluid"])
    assert target.kind == "multilabel"
    assert target.names == ("Fluid", "Mass")
    assert target.encode("No Finding").tolist() == [0, 0]
    assert target.encode("Mass|Fluid?").tolist() == [-1, 1]
    assert findings("none") == []


def test_a_number_is_standardized_by_the_training_cases():
    target = infer_target(["1.5", "2.5", "3.5"])
    assert target.kind == "regression"
    assert target.encode("2.5")[0] == pytest.approx(0)
    values = [target.encode(text)[0] for text in ("1.5", "2.5", "3.5")]
    assert np.std(values) == pytest.approx(1, abs=1e-6)


def test_a_box_becomes_shares_of_the_sides():
    target = infer_target(["2 4 6 8"])
    assert target.kind == "box"
    assert target.names == ("low_0", "low_1", "high_0", "high_1")
    assert target.encode("2 4 6 8", space=(10, 16)).tolist() == pytest.approx([0.2, 0.25, 0.6, 0.5])


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (["a", "b"], "multiclass"),
        (["1", "2"], "multiclass"),
        (["0.5", "1"], "regression"),
        (["a|b"], "multilabel"),
    ],
)
def test_what_kind_answers_look_like(found, kind):
    assert infer_target(found).kind == kind


@pytest.mark.parametrize(
    ("target", "text"),
    [
        (Multiclass(("a", "b"), ("a", "b")), "c"),
        (Multilabel(("a",), ("a",)), "a|c"),
        (Regression(), "two"),
        (Regression(), "nan"),
        (Box(("low_0", "high_0")), "1 2 3"),
    ],
)
def test_an_answer_that_does_not_fit_names_the_case(target, text):
    with pytest.raises(Problem) as problem:
        target.encode(text, "case_07", (4,))
    assert "case_07" in str(problem.value)


def test_one_class_alone_is_refused():
    with pytest.raises(Problem, match="2 to 1000"):
        infer_target(["a", "a"])
