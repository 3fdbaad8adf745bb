"""Two kinds of images without pairs, in a folder each."""

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data import read_cases, write_image


def fill(root, *names):
    for number, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        array = np.zeros((6, 8, 3) if name.endswith("nii.gz") else (6, 8), np.uint8)
        array.flat[number] = 1
        write_image(root / name, array)


def read(root, *kinds):
    return read_cases(root, targets=("multiclass", "image"), unpaired=kinds or ("A", "B"))


def texts(cases, root):
    return {case.images[0].relative_to(root).as_posix(): case.text for case in cases}


@pytest.mark.parametrize("kinds", [("A", "B"), ("a", "b"), ("B", "A")])
def test_a_folder_of_each(tmp_path, kinds):
    fill(tmp_path, "A/1.png", "A/2.png", "B/x.png", "C/y.png")
    cases = read(tmp_path, *kinds)
    first, second = kinds if kinds[0].upper() == "A" else kinds[::-1]
    wanted = {"A/1.png": first, "A/2.png": first, "B/x.png": second}
    assert texts(cases, tmp_path) == wanted
    counts = {first: 2, second: 1}
    listed = ", ".join(f"{kind} ({counts[kind]})" for kind in kinds)
    assert f"Two kinds of images without pairs: {listed}." in cases.notes
    assert len({case.patient for case in cases}) == 3


@pytest.mark.parametrize(
    "name",
    ["{split}/{kind}/{n}.png", "{split}{kind}/{n}.png", "{split}_{kind}/{n}.png"],
)
def test_the_authors_split(tmp_path, name):
    files = [
        name.format(split=split, kind=kind, n=f"{split}{kind}{n}")
        for split in ("train", "val", "test")
        for kind in "AB"
        for n in range(2)
    ]
    fill(tmp_path, *files)
    cases = read(tmp_path)
    assert len(cases) == 12
    for part, short in (("train", "train"), ("validation", "val"), ("test", "test")):
        assert {case.text for case in cases.of(part)} == {"A", "B"}
        assert all(short in case.images[0].as_posix() for case in cases.of(part))


def test_one_name_in_both_is_no_pair(tmp_path):
    fill(tmp_path, "A/1.png", "A/2.png", "B/1.png", "B/3.png")
    cases = read(tmp_path)
    assert len(cases) == 4
    assert len({case.name for case in cases}) == 4


def test_folders_at_top_beside_folders_of_parts(tmp_path):
    fill(tmp_path, "A/1.png", "B/2.png", "test/A/3.png", "test/B/4.png")
    with pytest.raises(Problem, match="parts of a split, and some are not"):
        read(tmp_path)


def test_names_are_composed_alike(tmp_path):
    fill(tmp_path, "gesu\u0308nd/1.png", "krank/2.png")
    assert {case.text for case in read(tmp_path, "krank", "ges\u00fcnd")} == {
        "krank",
        "ges\u00fcnd",
    }


def test_patients_of_bids_stay_theirs(tmp_path):
    fill(tmp_path, "A/sub-1_ses-1.nii.gz", "A/sub-1_ses-2.nii.gz", "B/sub-1_ses-1.nii.gz")
    assert {case.patient for case in read(tmp_path)} == {"sub-1"}


def test_volumes_in_folders_of_patients(tmp_path):
    fill(tmp_path, "A/p1/scan.nii.gz", "A/p2/scan.nii.gz", "B/p3/scan.nii.gz")
    assert sorted(case.text for case in read(tmp_path)) == ["A", "A", "B"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("A/1.png", "A/2.png"), "a folder of A, and none of B"),
        (("B/1.png", "C/2.png"), "a folder of B, and none of A"),
    ],
)
def test_a_kind_that_is_lacking(tmp_path, names, message):
    fill(tmp_path, *names)
    with pytest.raises(Problem, match=message):
        read(tmp_path)


def test_an_empty_folder(tmp_path):
    fill(tmp_path, "A/1.png")
    (tmp_path / "B").mkdir()
    with pytest.raises(Problem, match="folder of B holds no image"):
        read(tmp_path)


def test_series_of_patients_stay_pairs(tmp_path):
    fill(tmp_path, *(f"p{n}/{series}.png" for n in range(3) for series in ("T2", "FLAIR")))
    cases = read(tmp_path, "T2", "FLAIR")
    assert len(cases) == 3
    assert all(case.target_image_files for case in cases)
    assert "From T2 to FLAIR, as the options say." in cases.notes


@pytest.mark.parametrize("column", ["label", "target_image"])
def test_a_table_of_kinds_or_of_pairs(tmp_path, column):
    fill(tmp_path, "1.png", "2.png", "3.png")
    cells = ("A", "B", "A") if column == "label" else ("2.png", "3.png", "1.png")
    rows = [f"{n}.png,{cell}" for n, cell in enumerate(cells, 1)]
    (tmp_path / "t.csv").write_text("\n".join([f"image,{column}", *rows]))
    cases = read(tmp_path / "t.csv")
    assert len(cases) == 3
    assert cases.has_texts == (column == "label")
