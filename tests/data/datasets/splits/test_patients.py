"""Who the patient is: a key that was given, BIDS, or a note with the key that would do."""

import re
import shlex

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data import read_cases, write_image
from keras_mia.data.datasets.splits.patients import likely_pattern


def fill(root, *names):
    for number, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_image(path, np.full((6, 8), number, np.uint8))


def suggested(cases):
    """The option that a note offers, as a shell reads it."""
    (note,) = (note for note in cases.notes if note.startswith("Patients"))
    return shlex.split(note.partition("split: ")[2])[1], note


@pytest.mark.parametrize(
    ("names", "patients"),
    [
        (["01L", "01R", "02L", "02R"], ["01", "01", "02", "02"]),
        (["Image_01L", "Image_01R", "Image_02L"], ["01", "01", "02"]),
        (["12_left", "12_right", "7_left"], ["12", "12", "7"]),
        (["3 OD", "3 OS", "4 OD"], ["3", "3", "4"]),
        (["p012_slice_03", "p012_slice_04", "p013_slice_03"], ["p012", "p012", "p013"]),
        (["Patient 3_a", "Patient 3_b", "Patient 12_a"], ["Patient 3", "Patient 3", "Patient 12"]),
        (["map_p1_1", "map_p1_2", "map_p2_1"], ["p1", "p1", "p2"]),
        (["subject-7 1", "subject-7 2", "subject-8 1"], ["subject-7", "subject-7", "subject-8"]),
        (["person1_virus_2", "person1_virus_3", "person20_1"], ["person1", "person1", "person20"]),
        (["vol1_s03", "vol1_s04", "vol2_s03"], ["vol1", "vol1", "vol2"]),
        (["0013_001", "0013_002", "0016_001"], ["0013", "0013", "0016"]),
        (["CNV-1001-1", "CNV-1001-2", "CNV-1002-1"], ["CNV-1001", "CNV-1001", "CNV-1002"]),
        (["a7 (1)", "a7 (2)", "a8 (1)"], ["a7", "a7", "a8"]),
        (["TCGA-01-0007/1", "TCGA-01-0007/2", "TCGA-02-0001/1"], ["TCGA-01-0007"] * 2 + [None]),
    ],
    ids=str,
)
@pytest.mark.parametrize("below", ["{}", "ill/{}"])
def test_the_key_that_is_offered_finds_the_patients(tmp_path, names, patients, below):
    folder = tmp_path / "data"
    fill(folder, *(f"images/{below.format(name)}.png" for name in names))
    fill(folder, *(f"labels/{below.format(name)}.png" for name in names))
    pattern, note = suggested(read_cases(folder))
    patient_of = {case.images[0]: case.patient for case in read_cases(folder, patient=pattern)}
    count = int(re.search(r"finds (\d+) patients", note)[1])
    assert count == len(set(patient_of.values())) == len(set(patients)) < len(names)
    for name, patient in zip(names, patients, strict=True):
        if patient is not None:
            assert patient_of[folder / f"images/{below.format(name)}.png"] == patient


@pytest.mark.parametrize(
    "names",
    [
        ["1", "2", "3"],
        ["a", "b"],
        ["img_1", "img_2", "img_3"],
        ["benign (1)", "benign (2)"],
        ["p1", "p2", "p3"],
        ["p1_a", "x"],
        ["left", "right"],
    ],
    ids=str,
)
def test_no_key_is_offered_where_names_suggest_none(tmp_path, names):
    fill(tmp_path, *(f"images/{name}.png" for name in names))
    fill(tmp_path, *(f"labels/{name}.png" for name in names))
    (note,) = (note for note in read_cases(tmp_path).notes if note.startswith("Patients"))
    assert "finds" not in note


def test_a_key_that_does_not_fit_offers_one_that_does(tmp_path):
    for folder in ("images", "labels"):
        fill(tmp_path, *(f"{folder}/p{i}_{k}.png" for i in (1, 2) for k in "ab"))
    with pytest.raises(Problem, match=r"4 of 4 paths do not tell(.|\n)*--patient 'p\\d\+'"):
        read_cases(tmp_path, patient="visit-(.)")
    with pytest.raises(Problem, match="regular expression"):
        read_cases(tmp_path, patient="(")


def test_two_parts_of_many_files_are_no_patients():
    sites = [f"{site}_{i}.png" for site in ("MIDOG21", "TUPAC16") for i in range(20)]
    assert likely_pattern(sites) is None
