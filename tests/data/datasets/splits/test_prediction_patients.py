"""Who the patients of predictions are."""

from pathlib import Path

import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_target import LabelMapFile
from keras_mia.data.datasets.cases import Case
from keras_mia.data.datasets.splits.prediction_patients import patients_of_predictions

PREDICTIONS, TRUTH = Path("/predictions"), Path("/truth")


def pairs(predictions, truths, patients=None):
    names = [Path(path).stem for path in predictions]
    owners = patients or names
    return [
        (PREDICTIONS / predicted, Case(name, {}, LabelMapFile(TRUTH / true), owner))
        for predicted, true, name, owner in zip(predictions, truths, names, owners, strict=True)
    ]


def taken(*made, **options):
    cases, notes = patients_of_predictions(pairs(*made), PREDICTIONS, TRUTH, **options)
    return [case.patient for case in cases], notes


@pytest.mark.parametrize("pattern", [None, r"sub-\w+"])
def test_a_patient_in_the_path_of_the_truth_alone(pattern):
    flat, deep = ["1.png", "2.png", "3.png"], ["sub-a/1.png", "sub-a/2.png", "sub-b/3.png"]
    assert taken(flat, deep, pattern=pattern)[0] == ["sub-a", "sub-a", "sub-b"]
    assert taken(deep, flat, pattern=pattern)[0] == ["sub-a", "sub-a", "sub-b"]


def test_a_data_set_or_the_run_knows_its_patients_but_what_is_asked_for_goes_first():
    files = ["x1.png", "x2.png", "y3.png"]
    owners = ["p", "p", "q"]
    assert taken(files, files, owners)[0] == owners
    assert "from the data set" in taken(files, files, owners)[1][0]
    of_run = {"x1": "m", "x2": "m", "y3": "n", "z": "o"}
    assert taken(files, files, of_run=of_run) == (
        ["m", "m", "n"],
        ["Patients: 2, as the run has them."],
    )
    del of_run["y3"]
    assert taken(files, files, of_run=of_run)[0] == ["x1", "x2", "y3"]
    assert taken(files, files, owners, pattern="[xy]")[0] == ["x", "x", "y"]


def test_the_cases_stay_what_they_are():
    (case,), _ = patients_of_predictions(pairs(["1.png"], ["1.png"]), PREDICTIONS, TRUTH)
    assert (case.name, case.images, case.target) == ("1", (), LabelMapFile(TRUTH / "1.png"))


def test_an_expression_that_matches_some():
    with pytest.raises(Problem, match="1 of 2 paths"):
        taken(["p1.png", "2.png"], ["p1.png", "2.png"], pattern=r"p\d")
