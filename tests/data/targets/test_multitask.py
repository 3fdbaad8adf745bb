"""Several answers to each image: read, told apart and put together."""

import numpy as np
import pytest

from keras_mia.core.files.text_files import write_csv
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_list import read_case_list, write_cases
from keras_mia.data.datasets.case_target import Texts
from keras_mia.data.datasets.cases import Case
from keras_mia.data.datasets.reading import read_cases
from keras_mia.data.fingerprint.survey import read_facts
from keras_mia.data.io.image_io import write_image
from keras_mia.data.preprocess.image_cache import encoded_targets
from keras_mia.data.targets.inference import infer_target
from keras_mia.data.targets.kinds import KINDS
from keras_mia.tasks.classification.planning import make_plan as make_image_plan

COLUMNS = ("sex", "age in years", "findings")
TEXTS = [("f", "50.5", "Mass|Fluid"), ("m", "70.5", "none"), ("m", "60.5", "Mass")]


def test_each_column_is_an_answer_of_its_own_kind():
    target = infer_target(TEXTS, COLUMNS)
    assert [part.kind for part in target.parts] == ["multiclass", "regression", "multilabel"]
    assert target.parts[1].mean == pytest.approx(60.5)
    assert target.head_names == ("sex", "age_in_years", "findings")
    assert (
        infer_target([("f", "1"), ("m", "2")], ["sex", "site"], kinds=["multiclass"]).parts[1].kind
        == "multiclass"
    )


def test_a_table_with_several_columns_of_answers_becomes_one_vector_a_case(tmp_path):
    rows = []
    for number, text in enumerate(TEXTS):
        path = tmp_path / f"{number}.png"
        write_image(path, np.full((6, 8), number, np.uint8))
        rows.append({"image": path.name} | dict(zip(COLUMNS, text, strict=True)))
    write_csv(tmp_path / "cases.csv", rows)
    cases = read_cases(tmp_path / "cases.csv", targets=["multiclass"], label_column=COLUMNS)
    assert [case.text for case in cases] == TEXTS
    plan = make_image_plan([read_facts(case) for case in cases], infer_target(TEXTS, COLUMNS))
    plan.write(tmp_path / "plan.json")
    assert type(plan).read(tmp_path / "plan.json").target == plan.target
    numbers = encoded_targets(cases.cases[:1], plan.target)[0]
    sex, age, findings = plan.target.split(numbers)
    np.testing.assert_array_equal(sex, [1, 0])
    np.testing.assert_allclose(age, [-1.2247], atol=1e-3)
    np.testing.assert_array_equal(findings, [1, 1])
    assert plan.shapes()[1] == (5,)


def test_a_box_beside_a_class_is_stated_in_voxels(tmp_path):
    write_image(tmp_path / "0.png", np.zeros((6, 8), np.uint8))
    case = Case("0", {"image": (tmp_path / "0.png",)}, Texts(("f", "0 2 3 4")), "0", "train")
    plan = make_image_plan(
        [read_facts(case)], infer_target([case.text, ("m", "0 0 6 8")], ["sex", "box"])
    )
    np.testing.assert_allclose(encoded_targets([case], plan.target)[0], [1, 0, 0, 0.25, 0.5, 0.5])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"columns": ("sex", "sex")}, "named twice"),
        ({"columns": ("sex", "age")}, "2 targets were expected"),
        ({"columns": COLUMNS, "weights": (1.0, 2.0)}, "2 were given for 3"),
        ({"columns": COLUMNS, "kinds": ("multiclass", "regression")}, "2 were given for 3"),
        ({"columns": COLUMNS, "names": {"f": "female"}}, "3 columns"),
        ({"columns": "label", "weights": (1.0,)}, "one target to each image"),
    ],
)
def test_what_does_not_fit_says_so(given, message):
    with pytest.raises(Problem, match=message):
        infer_target(TEXTS, **given)


def test_a_text_may_hold_any_mark(tmp_path):
    write_image(tmp_path / "0.png", np.zeros((6, 8), np.uint8))
    row = {"image": "0.png", "sex": "f", "note": "small; round"}
    write_csv(tmp_path / "cases.csv", [row])
    cases = read_cases(tmp_path / "cases.csv", targets=KINDS, label_column=("sex", "note"))
    assert cases[0].text == ("f", "small; round")
    write_cases(tmp_path / "kept.csv", cases)
    assert read_case_list(tmp_path / "kept.csv")[0].target == cases[0].target
