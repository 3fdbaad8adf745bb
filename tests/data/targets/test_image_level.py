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
    asked = infer_target(["10", "9", "9", "1"])
    assert asked.kind == "multiclass"
    assert asked.names == ("1", "9", "10")
    assert asked.encode("9").tolist() == [0, 1, 0]


def test_names_are_shown_in_place_of_what_the_data_say():
    asked = infer_target(["0", "1"], names={"1": "pneumonia"})
    assert asked.names == ("0", "pneumonia")
    assert asked.encode("1").tolist() == [0, 1]
    assert "pneumonia = 1" in asked.describe()
    with pytest.raises(Problem, match="2"):
        infer_target(["0", "1"], names={"2": "x"})


def test_the_positive_one_of_two_classes_is_the_second():
    asked = infer_target(["0", "1"], names={"0": "ill", "1": "well"})
    chosen = asked.with_positive("ill")
    assert chosen.names == ("well", "ill")
    assert chosen.encode("0").tolist() == [0, 1], "names and values stay together"
    assert chosen.with_positive("ill") == chosen
    with pytest.raises(Problem, match=r"no class 'sick': they are ill, well[\s\S]*--positive sick"):
        asked.with_positive("sick")
    for found, said in (
        (["a", "b", "c"], "3 classes"),
        (["a|b", "a"], "several findings"),
        (["1.5", "2.5"], "a number"),
    ):
        with pytest.raises(Problem, match=said):
            infer_target(found).with_positive("a")


def test_several_findings_one_of_them_not_known():
    asked = infer_target(["Mass|Fluid", "No Finding", "Fluid"])
    assert asked.kind == "multilabel"
    assert asked.names == ("Fluid", "Mass")
    assert asked.encode("No Finding").tolist() == [0, 0]
    assert asked.encode("Mass|Fluid?").tolist() == [-1, 1]
    assert findings("none") == []


def test_a_number_is_standardized_by_the_training_cases():
    asked = infer_target(["1.5", "2.5", "3.5"])
    assert asked.kind == "regression"
    assert asked.encode("2.5")[0] == pytest.approx(0)
    values = [asked.encode(text)[0] for text in ("1.5", "2.5", "3.5")]
    assert np.std(values) == pytest.approx(1, abs=1e-6)


def test_a_box_becomes_shares_of_the_sides():
    asked = infer_target(["2 4 6 8"])
    assert asked.kind == "box"
    assert asked.names == ("low_0", "low_1", "high_0", "high_1")
    assert asked.encode("2 4 6 8", space=(10, 16)).tolist() == pytest.approx([0.2, 0.25, 0.6, 0.5])


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
    ("asked", "answer"),
    [
        (Multiclass(("a", "b"), ("a", "b")), "c"),
        (Multilabel(("a",), ("a",)), "a|c"),
        (Regression(), "two"),
        (Regression(), "nan"),
        (Box(("low_0", "high_0")), "1 2 3"),
    ],
)
def test_an_answer_that_does_not_fit_names_the_case(asked, answer):
    with pytest.raises(Problem) as problem:
        asked.encode(answer, "case_07", (4,))
    assert "case_07" in str(problem.value)


def test_one_class_alone_is_refused():
    with pytest.raises(Problem, match="2 to 1000"):
        infer_target(["a", "a"])
