"""What the doctor finds in images that are answered as a whole; and what it leaves alone."""

import shlex
import subprocess
import sys

import numpy as np
import PIL.Image
import pytest

from keras_mia.core.files.text_files import read_csv, write_csv
from keras_mia.data.datasets.case_target import Texts
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.data.datasets.reading import read_cases
from keras_mia.data.fingerprint.survey import survey
from keras_mia.data.io.image_io import write_image
from keras_mia.doctor.diagnosis import diagnose, warnings


def texture(seed, length=64):
    """A picture of blobs."""
    generator = np.random.default_rng(seed)
    rows, columns = np.indices((length, length))
    picture = np.zeros((length, length))
    for _ in range(20):
        row, column, width = *generator.uniform(0, length, 2), generator.uniform(2, 5)
        blob = np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * width**2))
        picture += generator.uniform(20, 90) * blob
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.fixture
def make(tmp_path):
    """Cases of pictures: `make({name: (array, target, split, patient)})`."""

    def cases(given):
        made = []
        for name, (array, target, split, patient) in given.items():
            file = tmp_path / (name if "." in name else f"{name}.png")
            write_image(file, array)
            made.append(Case(file.stem, {"image": (file,)}, Texts(target), patient or name, split))
        return Cases(tuple(made), str(tmp_path))

    return cases


def usual(number=40, split=None):
    return {f"c{i}": (texture(i), "ill" if i % 2 else "well", split, None) for i in range(number)}


def kinds(diagnosis, severity=None):
    return [(one.kind, one.case) for one in diagnosis.findings if severity in (None, one.severity)]


def test_each_of_several_answers_is_examined(make):
    given = {
        name: (array, (target, f"{900 if name == 'c3' else 40 + i % 7}"), *more)
        for i, (name, (array, target, *more)) in enumerate(usual().items())
    }
    diagnosis = diagnose(make(given), kinds=["multiclass", "regression"], columns=["health", "age"])
    assert kinds(diagnosis) == [("odd number", "c3")]
    assert {"ill", "well"} == {row["value"] for row in diagnosis.balance if "value" in row}
    assert "median" in diagnosis.describe()


def test_what_is_well_is_left_alone_and_the_balance_is_shown(make):
    diagnosis = diagnose(make(usual()))
    assert diagnosis.findings == ()
    assert [(row["value"], row["cases"], row["share"]) for row in diagnosis.balance] == [
        ("ill", 20, 0.5),
        ("well", 20, 0.5),
    ]
    named = diagnose(make(usual()), names={"ill": "pneumonia"})
    assert "pneumonia" in named.describe()


def test_images_that_are_odd(make, tmp_path):
    given = usual() | {
        "flat": (np.full((64, 64), 9, np.uint8), "ill", None, None),
        "rgb": (np.stack([texture(50)] * 3, -1), "ill", None, None),
        "deep": (texture(51).astype(np.uint16) * 200, "ill", None, None),
        "large": (texture(52, 160), "well", None, None),
        "broken": (texture(53), "well", None, None),
        "nan.npy": (np.where(texture(54) > 9, np.nan, 1.0), "well", None, None),
        "volume.npy": (np.stack([texture(55)] * 9, -1), "well", None, None),
    }
    cases = make(given)
    file = tmp_path / "broken.png"
    file.write_bytes(file.read_bytes()[:300])
    assert kinds(diagnose(cases)) == [
        ("unreadable file", "broken"),
        ("not a number", "nan"),
        ("constant image", "flat"),
        ("odd channels", "volume"),
        ("odd type", "deep"),
        ("odd size", "large"),
        *[("changed by reading", "")] * 2,
    ]


@pytest.mark.parametrize(
    ("targets", "lacking"),
    [
        (["mass", "fluid"], []),
        (["mass", "mass|fluid"], ["no image known to be without mass"]),
        (["mass", "mass?|fluid"], ["no image known to be without mass"]),
        (["fluid|mass?", "none"], ["no image of mass"]),
        (["none", "none"], ["no image of fluid, mass"]),
    ],
)
def test_findings_by_which_no_network_can_be_chosen(make, targets, lacking):
    given = {
        f"t{i}": (texture(i), "mass|fluid" if i % 2 else "none", "train", None) for i in range(24)
    }
    given |= {f"v{i}": (texture(90 + i), one, "validation", None) for i, one in enumerate(targets)}
    sentences = [one.what for one in diagnose(make(given)).wrong if one.kind == "untested class"]
    assert sentences == [f"The validation part has {one}." for one in lacking]


def test_a_corrupt_jpeg_is_named(make, tmp_path):
    cases = make(usual() | {"scan.jpg": (texture(70), "ill", None, None)})
    file = tmp_path / "scan.jpg"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    (one,) = diagnose(cases).wrong
    assert (one.kind, one.file) == ("unreadable file", str(file))


def test_equal_images_by_side_and_by_answer(make):
    given = usual(24, "train")
    for i in range(20):
        given[f"t{i}"] = (texture(100 + i), "ill" if i % 2 else "well", "test", None)
    given["across"] = (texture(0), "well", "test", None)
    given["within"] = (texture(2), "well", "train", None)
    given["other"] = (texture(4), "ill", "train", None)
    small = PIL.Image.fromarray(texture(6)).resize((50, 50), PIL.Image.Resampling.BICUBIC)
    given["near"] = (np.asarray(small), "well", "test", None)
    diagnosis = diagnose(make(given))
    assert kinds(diagnosis, "wrong") == [
        ("same image", "across"),
        ("two targets", "other"),
        ("similar images", "near"),
    ]
    assert kinds(diagnosis, "note") == [("same image", "within")]
    sentences = {one.case: one.what for one in diagnosis.findings}
    assert "in two parts of the split (train and test)" in sentences["across"]
    assert "It is ill, and the same as" in sentences["other"]


def test_without_a_split_copies_of_two_patients_may_come_apart(make):
    cases = make(
        usual() | {"a": (texture(3), "ill", None, "p"), "b": (texture(5), "ill", None, "c5")}
    )
    diagnosis = diagnose(cases)
    assert kinds(diagnosis, "wrong") == [("same image", "a")]
    assert kinds(diagnosis, "note") == [("same image", "b")]


def test_classes_that_are_few_or_not_in_a_part(make):
    given = usual(40, "train")
    for i in range(3):
        given[f"rare{i}"] = (texture(60 + i), "odd", "train", None)
    given["v"] = (texture(70), "new", "validation", None)
    given["t"] = (texture(71), "ill", "test", "c3")
    diagnosis = diagnose(make(given))
    assert kinds(diagnosis) == [
        ("untrained class", "v"),
        ("untested class", ""),
        ("untested class", ""),
        ("patient in several parts", "t"),
        ("rare class", ""),
    ]
    sentences = [one.what for one in diagnosis.findings]
    assert sentences[1] == "The validation part has no image of ill, odd, well."
    assert sentences[-1] == "odd has 3 images to learn from, the largest 20."
    assert [row["train"] for row in diagnosis.balance if row["value"] == "new"] == [0]


def test_findings_that_are_not_known(make):
    given = usual()
    for i in range(0, 40, 4):
        given[f"c{i}"] = (texture(i), "mass|fluid?", None, None)
    diagnosis = diagnose(make(given))
    assert ("unknown target", "") in kinds(diagnosis, "note")
    assert any(
        "fluid may or may not be in 10 of 40 images" in one.what for one in diagnosis.findings
    )


def test_numbers_that_are_far_from_all_others_or_none(make):
    given = {f"c{i}": (texture(i), f"{170 + 7.5 * (i % 5)}", None, None) for i in range(30)}
    given["far"] = (texture(40), "1.72", None, None)
    given["none"] = (texture(41), "tall", None, None)
    diagnosis = diagnose(make(given), kinds=["regression"])
    assert kinds(diagnosis) == [("unusable target", "none"), ("odd number", "far")]
    assert diagnosis.balance[0]["cases"] == 31
    assert diagnosis.balance[0]["median"] == "185"


def test_one_class_alone_is_said(make):
    one = {f"c{i}": (texture(i), "ill", None, None) for i in range(12)}
    assert kinds(diagnose(make(one))) == [("unusable target", "")]


def test_a_tree_with_an_empty_class_and_a_part_without_one(tmp_path):
    for part, names in (("train", ("a", "b")), ("test", ("a",))):
        for name in names:
            for i in range(10):
                path = tmp_path / part / name / f"{part}_{name}_{i}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                write_image(path, texture(hash_of(part, name, i)))
        (tmp_path / part / "c").mkdir()
    cases = read_cases(tmp_path, strict=False, targets=["label_map", "multiclass"])
    diagnosis = diagnose(cases)
    assert [(one.kind, one.file.removeprefix(str(tmp_path))) for one in diagnosis.wrong] == [
        ("empty class", "/test/c"),
        ("empty class", "/train/c"),
        ("untested class", "/test/b"),
        ("untested class", ""),
    ]


def hash_of(part, name, number):
    return 1000 * (part == "test") + 100 * (name == "b") + number


def test_what_is_meant_follows_from_the_data(tmp_path, make):
    cases = make(usual(4))
    rows = [{"image": f"c{i}.png", "label": "ill" if i else ""} for i in range(4)]
    write_csv(tmp_path / "predictions.csv", rows)
    with_texts = read_cases(
        tmp_path / "predictions.csv", strict=False, targets=["label_map", "multiclass"]
    )
    assert [case.text for case in with_texts] == ["ill"] * 3
    assert kinds(diagnose(with_texts))[0] == ("incomplete case", "")
    write_csv(tmp_path / "maps.csv", [{"image": "c0.png", "label": "c1.png"}])
    assert not read_cases(tmp_path / "maps.csv", targets=["label_map", "multiclass"]).has_texts
    arrays = np.stack([case.image().array[..., 0] for case in cases])
    np.savez(tmp_path / "set.npz", x_train=arrays, y_train=[0, 1, 0, 1])
    assert read_cases(tmp_path / "set.npz", targets=["label_map", "multiclass"]).has_texts


def test_warnings_before_training_are_what_is_wrong_and_read_no_file(make, monkeypatch):
    given = usual(24, "train")
    given["again"] = (texture(0), "well", "test", None)
    given["other"] = (texture(2), "ill", "test", None)
    given["within"] = (texture(4), "well", "train", None)
    cases = make(given)
    cases = survey(cases)
    monkeypatch.setattr(Case, "image", lambda case: pytest.fail("read again"))
    assert warnings(cases) == ("Same image (1): again.", "Two targets (1): other.")


def cases_of(make, targets):
    return make({f"c{i}": (texture(i), target, None, None) for i, target in enumerate(targets)})


def test_one_class_in_several_columns_is_found_and_the_command_makes_it_one(make, tmp_path):
    rows = [("1", "0", "0"), ("0", "1", "0"), ("0", "0", "1.0")]
    one_hot = [rows[i % 3] for i in range(30)]
    columns = ["MEL", "NV", "BCC"]
    diagnosis = diagnose(cases_of(make, one_hot), columns=columns)
    (wrong,) = (one for one in diagnosis.findings if one.severity == "wrong")
    assert wrong.kind == "one class in several columns"
    write_csv(tmp_path / "TABLE.csv", [dict(zip(columns, row, strict=True)) for row in rows])
    command = shlex.split(wrong.remedy.partition("for instance: ")[2])
    subprocess.run([sys.executable, *command[1:]], cwd=tmp_path, check=True)
    assert [row["label"] for row in read_csv(tmp_path / "labelled.csv")] == columns
    several = [*one_hot[:-1], ("1", "1", "0")]
    assert not diagnose(cases_of(make, several), columns=columns).wrong


def test_answers_joined_by_another_mark_are_found(make):
    diagnosis = diagnose(cases_of(make, ["Mass", "Mass;Effusion", "No Finding"] * 10))
    assert kinds(diagnosis, "wrong") == [("several targets in one", "")]


def test_the_remedy_of_a_missing_answer_names_it(make):
    (wrong,) = diagnose(cases_of(make, ["ill", "well", "n/a"] * 10)).wrong
    assert wrong.remedy.endswith('--labels "n/a=unread".')


def test_answers_of_images_that_cannot_be_read_are_not_called_none(make, tmp_path):
    cases = make(usual(4))
    for case in cases:
        case.images[0].write_bytes(b"")
    assert {kind for kind, _ in kinds(diagnose(cases))} == {"unreadable file"}
