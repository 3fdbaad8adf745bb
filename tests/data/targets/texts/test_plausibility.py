"""Answers that are not what they seem: spellings, missing ones, numbers, boxes."""

from pathlib import Path

import numpy as np
import pytest

from keras_mia.core.files.text_files import write_csv
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_target import Texts
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.data.datasets.reading import read_cases
from keras_mia.data.fingerprint.survey import read_facts, survey
from keras_mia.data.io.image_io import write_image
from keras_mia.data.targets.inference import infer_target
from keras_mia.data.targets.texts.box_corners import box_fault, corners_of, in_axes
from keras_mia.data.targets.texts.kind_inference import kind_of
from keras_mia.data.targets.texts.plausibility import (
    joined_findings,
    missing_texts,
    outliers,
    spellings,
)
from keras_mia.doctor.diagnosis import diagnose, warnings


@pytest.fixture
def make(tmp_path):
    """Cases of small pictures of 30 rows and 50 columns, with these targets."""

    def cases(texts, splits=None, patients=None):
        made = []
        for i, text in enumerate(texts):
            file = tmp_path / f"{i}.png"
            if not file.exists():
                write_image(file, np.random.default_rng(i).integers(0, 255, (30, 50), np.uint8))
            patient = patients[i] if patients else f"p{i}"
            made.append(
                Case(
                    f"c{i}",
                    {"image": (file,)},
                    Texts(text),
                    patient,
                    splits[i] if splits else None,
                )
            )
        return Cases(tuple(made), str(tmp_path))

    return cases


def findings_of(cases, kind, **more):
    return [one for one in diagnose(cases, **more).findings if one.kind == kind]


@pytest.mark.parametrize(
    ("texts", "together"),
    [
        (["benign", "Benign", "benign ", "malignant"], ("Benign", "benign", "benign ")),
        (["left lung", "Left_Lung", "right lung"], ("Left_Lung", "left lung")),
        (["0", "1", "0.0", "2"], ("0", "0.0")),
        (["01", "1", "2"], ("01", "1")),
        (["grad\u00a0I", "grad I", "grad II"], ("grad I", "grad\u00a0I")),
        (["stra\u00dfe", "STRASSE", "weg"], ("STRASSE", "stra\u00dfe")),
    ],
)
def test_one_class_in_several_spellings(make, texts, together):
    assert spellings(texts) == [together]
    cases = make(texts * 12)
    (one,) = findings_of(cases, "one class in several spellings", kinds=["multiclass"])
    assert one.severity == "wrong"
    cases = survey(cases)
    assert any("several spellings" in line for line in warnings(cases, kinds=["multiclass"]))


def test_findings_in_several_spellings_are_found_too(make):
    (one,) = findings_of(
        make(["Mass|Fluid", "mass", "fluid?", "Fluid"] * 6), "one class in several spellings"
    )[:1]
    assert "'Fluid' (12 images) and 'fluid' (6 images)" in one.what
    assert '--labels "fluid=Fluid,' in one.remedy


def test_classes_that_differ_are_left_alone(make):
    assert spellings(["grade 1", "grade 2", "1", "-1", "1.5", "a", "b", "T1", "T1c"]) == []
    assert not findings_of(make(["ill", "well"] * 12), "one class in several spellings")


def test_texts_of_one_name_are_one_class():
    target = infer_target(["benign", "Benign", "malignant"], names={"Benign": "benign"})
    assert target.names == target.values == ("benign", "malignant")
    assert target.encode("Benign").tolist() == target.encode("benign").tolist() == [1, 0]
    assert "benign = benign or Benign" in target.describe()
    both = infer_target(["0", "1", "2"], names={"1": "ill", "2": "ill"})
    assert both.names == ("0", "ill")
    assert both.encode("2").tolist() == [0, 1]
    several = infer_target(["Mass|fluid", "mass?"], names={"mass": "Mass"})
    assert several.encode("mass?").tolist() == several.encode("Mass?").tolist()


@pytest.mark.parametrize("text", ["NA", "nan", "N/A", "n.a.", "unknown", "?", "null", "Missing"])
def test_missing_answers_among_classes_are_said(make, text):
    (one,) = findings_of(make(["ill", "well", "ill", "well", text] * 4), "missing target")
    assert one.severity == "wrong"
    assert f"{text!r} is the target of 4 images" in one.what
    named = make(["ill", "well", "ill", "well", text] * 4)
    assert not findings_of(named, "missing target", names={text: "unread"})


def test_what_is_an_answer_is_not_missing():
    assert missing_texts(["none", "No Finding", "negative", "+", "-", "normal", "0"]) == set()
    assert missing_texts(["ill", "-"]) == {"-"}


@pytest.mark.parametrize("text", ["NA", "nan", "inf", "unknown", "tall"])
def test_missing_answers_among_numbers_are_unusable(make, text):
    texts = [str(40 + (i * 7) % 45) for i in range(60)]
    texts[7] = text
    assert kind_of(texts) == "regression"
    (one,) = findings_of(make(texts), "unusable target")
    assert one.case == "c7"


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        ([str(40 + i) for i in range(24)], "regression"),
        ([str(i % 10) for i in range(100)], "multiclass"),
        ([str(i % 20) for i in range(400)], "multiclass"),
        (["0.5", "1.5", "NA"], "regression"),
        (["NA", "ill", "well"], "multiclass"),
        (["inf", "1.5", "2.5"] * 3, "multiclass"),
        (["3,15", "2,5", "4,0"], "regression"),
        (["(1, 2, 3, 4)", "[5 6 7 8]"], "box"),
    ],
)
def test_kinds_that_answers_look_like(found, kind):
    assert kind_of(found) == kind


def test_numbers_with_a_unit_are_refused_and_not_classes(make):
    ages = [f"{40 + i:03}Y" for i in range(24)]
    assert kind_of(ages) == "regression"
    (one,) = findings_of(make(ages), "unusable target")
    assert "without a unit" in one.remedy
    assert kind_of(["1a", "2b", "3c"] * 9) == "multiclass"


def test_numbers_that_are_all_one_are_refused():
    with pytest.raises(Problem, match="nothing to learn"):
        infer_target(["61.5"] * 5, "age")
    with pytest.raises(Problem, match="nothing to learn"):
        infer_target([("f", "61.5"), ("m", "61.5")], ["sex", "age"])


def test_decimal_commas_are_refused_and_not_classes(make):
    (one,) = findings_of(make(["0,05", "1,15", "2,25", "3,5"]), "unusable target")
    assert "with a point" in one.remedy
    with pytest.raises(Problem, match="with a point"):
        infer_target(["1,5", "2,5"])


@pytest.mark.parametrize(
    ("odd", "wrong"), [("999", True), ("-1", True), ("1e30", True), ("66", False), ("44", None)]
)
def test_numbers_of_absurd_size(make, odd, wrong):
    texts = [f"{40 + i % 7}.0" for i in range(30)]
    texts[3] = odd
    found = findings_of(make(texts), "odd number", kinds=["regression"])
    assert [one.severity for one in found] == (
        [] if wrong is None else ["wrong" if wrong else "note"]
    )


def test_a_far_number_among_equal_ones_is_found():
    assert [number for number, *_ in outliers([0.0] * 30 + [1e12])] == [30]
    assert outliers([0.0] * 30) == []


def test_classes_of_one_patient_are_said_by_training_too(make):
    texts = ["ill", "well"] * 12 + ["odd", "odd"]
    patients = [f"p{i}" for i in range(24)] + ["q", "q"]
    cases = make(texts, patients=patients)
    (one,) = findings_of(cases, "class of one patient")
    assert "Only one patient has odd, in 2 images" in one.what
    cases = survey(cases)
    assert any(line.startswith("Class of one patient") for line in warnings(cases))


# rows, columns: a box from row 5 to 25 and from column 10 to 45
BOX = {"x": (10, 45), "y": (5, 25)}
SPELLINGS = {
    "xmin ymin xmax ymax": "10 5 45 25",
    "ymin xmin ymax xmax": "5 10 25 45",
    "x0 y0 x1 y1": "10 5 45 25",
    "x1 y1 x2 y2": "10 5 45 25",
    "row0 col0 row1 col1": "5 10 25 45",
    "min_row min_col max_row max_col": "5 10 25 45",
    "x y w h": "10 5 35 20",
    "bbox_x bbox_y bbox_width bbox_height": "10 5 35 20",
    "cx cy w h": "27.5 15 35 20",
    "left top right bottom": "10 5 45 25",
    "XMin XMax YMin YMax": "10 45 5 25",
    "a b c d": None,
}


@pytest.mark.parametrize(("names", "numbers"), SPELLINGS.items())
def test_columns_say_what_the_numbers_of_a_box_are(names, numbers):
    corners = corners_of(tuple(names.split()))
    if numbers is None:
        assert corners is None
        return
    box = in_axes(list(map(float, numbers.split())), corners, 2)
    assert box.tolist() == [5, 10, 25, 45]
    assert corners_of((names,)) == corners or "bbox" in names


def test_in_volumes_x_is_the_first_axis():
    corners = corners_of(("xmin", "ymin", "zmin", "xmax", "ymax", "zmax"))
    assert in_axes([1, 2, 3, 4, 5, 6], corners, 3).tolist() == [1, 2, 3, 4, 5, 6]
    corners = corners_of(("z0", "y0", "x0", "z1", "y1", "x1"))
    assert in_axes([3, 2, 1, 6, 5, 4], corners, 3).tolist() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize(("names", "numbers"), [*SPELLINGS.items()][:-1])
def test_a_table_of_boxes_is_read_by_its_columns(make, tmp_path, together, names, numbers):
    make(["x"] * 4)
    columns = [names] if together else names.split()
    cells = [numbers] if together else numbers.split()
    if together and "bbox" in names:
        return
    rows = [{"image": f"{i}.png", **dict(zip(columns, cells, strict=True))} for i in range(4)]
    write_csv(tmp_path / "boxes.csv", rows)
    cases = read_cases(tmp_path / "boxes.csv", targets=["multiclass"], label_column=columns)
    target = infer_target([case.text for case in cases], columns)
    assert target.kind == "box"
    shares = target.encode(cases[0].text, "c", (30, 50))
    assert shares.tolist() == pytest.approx([5 / 30, 10 / 50, 25 / 30, 45 / 50])
    found = diagnose(cases, columns=columns)
    assert not [one for one in found.wrong if "box" in one.kind or "target" in one.kind]


def test_columns_of_a_box_without_a_meaning_are_refused():
    with pytest.raises(Problem, match="do not say which corners"):
        infer_target([("1", "2", "3", "4")], list("abcd"), kinds=["box"])
    two = infer_target([("1 2 3 4", "5 6 7 8")], ["liver", "spleen"], kinds=["box"])
    assert two.kind == "multitask"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("5 10 25 45", None),
        ("0 0 30 50", None),
        ("10 5 45 25", "box outside"),
        ("-1 10 25 45", "box outside"),
        ("25 10 5 45", "reversed box"),
        ("5 10 5 45", "box without size"),
        ("5 10 25", "unusable target"),
        ("5 10 25 nan", "unusable target"),
    ],
)
def test_boxes_that_cannot_be(make, text, kind):
    cases = make(["5 10 25 45"] * 5 + [text])
    found = [one.kind for one in diagnose(cases, kinds=["box"]).wrong if one.kind != "same image"]
    assert found == ([] if kind is None else [kind])
    target = infer_target(["5 10 25 45"], kinds=["box"])
    if kind is None:
        assert box_fault(np.array(list(map(float, text.split()))), (30, 50)) is None
        target.encode(text, "c", (30, 50))
    else:
        with pytest.raises(Problem, match="case_9"):
            target.encode(text, "case_9", (30, 50))


def test_transposed_boxes_are_recognized(make):
    found = findings_of(
        make(["10 5 45 25", "2 3 20 28", "12 1 48 29"]), "box outside", kinds=["box"]
    )
    assert len(found) == 2
    assert "rows and columns exchanged" in found[0].remedy
    mixed = make(["10 5 45 25", "2 3 20 48"])
    assert "exchanged" not in findings_of(mixed, "box outside", kinds=["box"])[0].remedy


def test_boxes_of_turned_volumes_are_checked_in_the_files_own_order(tmp_path):
    affine = np.diag([-1.0, -1.0, 2.0, 1.0])[[2, 0, 1, 3]]  # the file's first axis is the body's z
    file = tmp_path / "v.nii.gz"
    write_image(file, np.random.default_rng(0).normal(size=(40, 20, 10)).astype("f4"), affine)
    cases = Cases((Case("v", {"image": (file,)}, Texts("1 2 3 39 19 9"), "v"),), str(tmp_path))
    assert read_facts(cases[0]).space != (40, 20, 10)
    assert not findings_of(cases, "box outside", kinds=["box"])
    assert isinstance(cases[0].images[0], Path)


@pytest.mark.parametrize(
    ("texts", "pairs"),
    [
        (["True", "False", "1", "0"], [("0", "False"), ("1", "True")]),
        (["yes", "Y", "no", "NA"], [("Y", "yes")]),
        (["positive", "pos", "unknown", "negative"], [("pos", "positive")]),
        (["1", "no", "benign"], []),
        (["n", "t", "m"], []),
    ],
)
def test_yes_and_no_in_several_words(texts, pairs):
    assert spellings(texts) == pairs


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["Mass", "Mass;Effusion", "No Finding"], {"Mass;Effusion": ";"}),
        (["mass", "Mass, effusion", "well"], {"Mass, effusion": ","}),
        (["grade 1/2", "grade 3"], {}),
        (["left; right", "none"], {}),
        (["Mass", "Mass|Effusion"], {}),
    ],
)
def test_several_answers_in_one_are_found(texts, found):
    assert joined_findings(texts) == found


def test_dates_and_texts_are_no_classes():
    dates = [f"2020-01-{day:02}" for day in range(1, 25)]
    with pytest.raises(Problem, match=r"24 different targets for 24 images(.|\n)*a date, a text"):
        infer_target(dates)
    assert len(infer_target(dates * 3)) == 24


@pytest.mark.parametrize(
    ("numbers", "kind"),
    [
        ([0.1, 0.2, 0.5, 0.6], "box in shares"),
        ([0.0, 0.0, 1.0, 1.0], "box in shares"),
        ([0.2, 0.2, 1.5, 3.0], None),
    ],
)
def test_boxes_in_shares_of_the_sides(numbers, kind):
    found = box_fault(np.array(numbers), (32, 32))
    assert (found and found[0]) == kind
    texts = infer_target(["1 2 3 4", "2 3 4 5"], kinds=["box"])
    if kind:
        with pytest.raises(Problem, match=r"shares(.|\n)*multiply x by each image's width"):
            texts.encode(" ".join(map(str, numbers)), "a.png", (32, 32))
