"""Answers that are given one name are one class from the split to the scores."""

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_target import Texts
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.data.datasets.splits.limit import limited
from keras_mia.data.targets.hierarchy import ClassTree
from keras_mia.data.targets.inference import contents, infer_target
from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.doctor.targets.column import Column
from keras_mia.doctor.targets.table import target_balance
from keras_mia.tasks import classification
from keras_mia.tasks.segmentation.label_options import label_names
from keras_mia.tasks.target_names import target_names

MERGED = {"0": "x", "1": "x"}


def cases(texts, splits):
    pairs = enumerate(zip(texts, splits, strict=True))
    return Cases(
        tuple(Case(f"c{i}", {}, Texts(text), f"p{i}", part) for i, (text, part) in pairs), "data"
    )


@pytest.mark.parametrize("names", [MERGED, {"0": "1"}, {"1": "0"}])
def test_two_classes_of_one_name_are_one(names):
    made = infer_target(["0", "1", "2", "1"], names=names)
    assert len(made) == len(made.names) == len(set(made.names)) == 2
    assert made.encode("0").tolist() == made.encode("1").tolist() != made.encode("2").tolist()
    assert " = " in made.describe()
    assert " or " in made.describe()
    assert made.balanced_weights(["0", "1", "2", "1"]) == (0.6667, 2.0)


def test_merging_all_classes_is_said_by_their_name():
    with pytest.raises(Problem, match=r"found 1: x\.") as problem:
        infer_target(["0", "1"], names=MERGED)
    assert "--labels" in str(problem.value)


def test_a_spelling_that_only_the_test_has_is_merged_all_the_same():
    found = cases(["0", "2", "0", "1"], ["train", "train", "validation", "test"])
    made, _ = classification.target_of(found, names=MERGED)
    assert made.encode("1").tolist() == made.encode("0").tolist()
    assert Column(found.cases).target(MERGED) == made
    for names in ({"1": "y"}, {"7": "x"}, {"1": "x"}):
        with pytest.raises(Problem, match="No training case has the target"):
            classification.target_of(found, names=names)


def test_the_order_of_classes_is_that_of_all_folds():
    names = {"a": "z", "q": "z"}
    orders = {
        infer_target(train, names=names, others=test).names
        for train, test in ((["a", "m"], ["q"]), (["q", "m"], ["a"]), (["a", "q", "m"], []))
    }
    assert orders == {("z", "m")}


@pytest.mark.parametrize("text", ["0|1?", "1?|0", "0", "0|1"])
def test_of_findings_of_one_name_one_that_is_there_counts(text):
    made = infer_target(["0|1", "2", "1?"], kinds=["multilabel"], names=MERGED)
    assert made.encode(text).tolist() == [1, 0]
    assert made.labels(text) == ["0"]
    assert made.encode("0?|1?").tolist() == [-1, 0]
    assert made.labels("0?|1?") == ["0?"]


@pytest.mark.parametrize("name", ["a|b", "a?", "none", "No finding"])
def test_a_finding_has_no_name_that_would_be_read_as_another(name):
    with pytest.raises(Problem, match="cannot be called"):
        infer_target(["mass|air", "air"], names={"mass": name})


@pytest.mark.parametrize("names", [("grade 1|2", "grade 3"), ("ill?", "ill"), ("none", "a|b")])
def test_a_class_is_read_as_it_was_written(names):
    for index, name in enumerate(names):
        found = Multiclass(names, names).parse({"truth": name}, "truth")
        assert np.argmax(found) == index
        assert sum(found) == 1


def test_folds_are_balanced_by_merged_classes():
    assert contents(["0", "1", "2"], names=MERGED) == {"0": ("x",), "1": ("x",), "2": ("2",)}
    assert contents(["0|1", "1?|2"], names=MERGED) == {"0|1": ("x",), "1?|2": ("2",)}


def test_a_limit_draws_class_by_class():
    found = cases([str(i % 3) for i in range(30)], ["train"] * 30)
    texts = [case.text for case in found]
    kept = limited(found, 10, contents(texts, names=MERGED))
    assert sum(case.text == "2" for case in kept) == 5
    assert sum(case.text == "2" for case in limited(found, 9)) == 3


def test_the_doctor_counts_merged_classes():
    found = cases([*"0012", "0|1"], ["train"] * 5)
    rows = target_balance(Column(found.cases, kind="multilabel"), MERGED)
    assert [(row["name"], row["train"]) for row in rows] == [("x", 4), ("", 1)]


def test_a_tree_and_the_positive_class_know_the_merged_name(tmp_path):
    made = infer_target(["0", "1", "2"], names=MERGED)
    assert made.with_positive("x").names == ("2", "x")
    tree = tmp_path / "tree.csv"
    tree.write_text("fine,coarse\nx,benign\n2,malignant\n")
    assert ClassTree.read(tree, made.names).parents == (0, 1)
    tree.write_text("fine,coarse\n0,benign\n1,benign\n2,malignant\n")
    with pytest.raises(Problem, match=r"'0', which is none of x, 2"):
        ClassTree.read(tree, made.names)


@pytest.mark.parametrize("text", ["0=a,0=b", "0=a, 0 =a", "1=x,2=y,1=z"])
def test_an_answer_has_one_name(text):
    for read in (target_names, label_names):
        with pytest.raises(Problem, match="two names"):
            read(text)


def test_a_class_whose_name_holds_a_bar_keeps_its_truth():
    names = ("grade 1|2", "grade 3")
    made = Multiclass(names, names)
    assert [made.encode(name).argmax() for name in names] == [0, 1]
