"""Two kinds of images without pairs: what is refused, and who trains."""

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data import read_cases, write_image
from keras_mia.tasks.translation.cases.unpaired import examine_unpaired, split_unpaired


def fill(root, counts, space=(8, 8), channels=None):
    random = np.random.default_rng(0)
    for kind, count in counts.items():
        for number in range(count):
            shape = (*space, *((channels[kind],) if channels else ()))
            array = random.integers(0, 255, shape, np.uint8)
            write_image(root / kind / f"{kind}{number}.png", array)
    return root


def read(root, kinds=("A", "B")):
    return read_cases(root, targets=("multiclass", "image"), unpaired=kinds)


def test_each_kind_is_split_by_itself(tmp_path):
    cases = examine_unpaired(read(fill(tmp_path, {"A": 20, "B": 5})), ("A", "B"))
    made = split_unpaired(cases, (2, 5))
    counts = {
        part: [sum(case.text == kind for case in made.of(part)) for kind in "AB"]
        for part in ("train", "validation", "test")
    }
    assert counts["test"] == [4, 1]
    assert counts["validation"][1] == 1
    assert [sum(column) for column in zip(*counts.values(), strict=True)] == [20, 5]
    assert made.fold == "2/5"
    tested = set()
    for fold in range(1, 6):
        tested |= {case.name for case in split_unpaired(cases, (fold, 5)).test}
    assert len(tested) == 25


def test_patients_of_both_kinds_stay_together(tmp_path):
    fill(tmp_path, {"A": 10, "B": 10})
    for path in (tmp_path / "B").iterdir():
        path.rename(path.with_name(path.name.replace("B", "A")))
    cases = examine_unpaired(read(tmp_path), ("A", "B"))
    for fold in range(1, 6):
        made = split_unpaired(cases, (fold, 5))
        parts = [{case.patient for case in made.of(part)} for part in ("train", "test")]
        assert not parts[0] & parts[1]
        assert {case.text for case in made.test} == {"A", "B"}


def test_two_of_a_kind_are_enough(tmp_path):
    cases = examine_unpaired(read(fill(tmp_path, {"A": 2, "B": 2}, (64, 64))), ("A", "B"))
    made = split_unpaired(cases, (1, 5))
    for part in ("train", "validation", "test"):
        assert {case.text for case in made.of(part)} == {"A", "B"}


def test_a_domain_of_one_image(tmp_path):
    with pytest.raises(Problem, match="Of B there are images of 1 patient"):
        examine_unpaired(read(fill(tmp_path, {"A": 5, "B": 1})), ("A", "B"))


def test_the_same_image_in_both(tmp_path):
    fill(tmp_path, {"A": 4, "B": 4})
    (tmp_path / "B" / "copy.png").write_bytes((tmp_path / "A" / "A2.png").read_bytes())
    with pytest.raises(Problem, match="1 image of both kinds") as error:
        examine_unpaired(read(tmp_path), ("A", "B"))
    assert "A2.png" in str(error.value)
    assert "copy.png" in str(error.value)


def test_kinds_with_other_channels(tmp_path):
    fill(tmp_path, {"A": 3, "B": 3}, channels={"A": 1, "B": 3})
    with pytest.raises(Problem, match="other channels: A 1, B 3"):
        examine_unpaired(read(tmp_path), ("A", "B"))


def test_kinds_of_other_rank(tmp_path):
    fill(tmp_path, {"A": 3})
    for number in range(3):
        array = np.random.default_rng(number).normal(size=(6, 6, 6)).astype(np.float32)
        write_image(tmp_path / "B" / f"{number}.nii.gz", array)
    with pytest.raises(Problem, match="other axes: A 2, B 3"):
        examine_unpaired(read(tmp_path), ("A", "B"))


def test_kinds_that_a_table_does_not_have(tmp_path):
    fill(tmp_path, {"A": 3, "B": 3, "C": 3})
    files = sorted(path for path in tmp_path.rglob("*.png"))
    rows = [f"{path.relative_to(tmp_path)},{path.parent.name.lower()}" for path in files]
    (tmp_path / "t.csv").write_text("\n".join(["image,label", *rows]))
    cases = read(tmp_path / "t.csv")
    made = examine_unpaired(cases, ("A", "B"))
    assert {case.text for case in made} == {"A", "B"}
    assert any("3 images of other kinds" in note for note in made.notes)
    with pytest.raises(Problem, match="No image is of D; kinds are a, b, c"):
        examine_unpaired(cases, ("A", "D"))


@pytest.mark.parametrize(
    ("names", "patients"),
    [
        (("1.png", "2.png", "3.png"), {"1", "2", "3"}),
        (("p1/0.png", "p1/1.png", "p2/0.png"), {"p1", "p2"}),
        (("p1/{}.png", "p2/{}.png", "p3/{}.png"), {"p1", "p2", "p3"}),
    ],
    ids=["files", "slices in folders of patients", "files named after kinds"],
)
def test_one_name_in_both_kinds_is_one_patient(tmp_path, names, patients):
    random = np.random.default_rng(0)
    for kind in "AB":
        for name in names:
            array = random.integers(0, 255, (8, 8), np.uint8)
            write_image(tmp_path / kind / name.format(kind), array)
    made = examine_unpaired(read(tmp_path), ("A", "B"))
    assert {case.patient for case in made} == patients
    assert any("in both kinds" in note for note in made.notes)


def test_patients_that_are_told_stay_as_they_are(tmp_path):
    random = np.random.default_rng(0)
    for kind in "AB":
        for patient in range(3):
            for run in range(2):
                path = tmp_path / kind / f"sub-{kind}{patient}" / f"run{run}.png"
                write_image(path, random.integers(0, 255, (8, 8), np.uint8))
    made = examine_unpaired(read(tmp_path), ("A", "B"))
    assert {case.patient for case in made} == {f"sub-{kind}{n}" for kind in "AB" for n in range(3)}


def test_an_authors_split_keeps_files_of_one_name(tmp_path):
    for folder in ("trainA", "trainB", "testA", "testB"):
        for number in range(3):
            seed = len(folder) * 100 + ord(folder[-1]) * 7 + number
            array = np.random.default_rng(seed).integers(0, 255, (8, 8), np.uint8)
            write_image(tmp_path / folder / f"{number}.png", array)
    made = split_unpaired(examine_unpaired(read(tmp_path), ("A", "B")), (1, 5))
    assert len(made.test) == 6
