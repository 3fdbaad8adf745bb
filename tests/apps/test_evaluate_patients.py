"""Whose the files are that `evaluate` judges: patients count, not files."""

from dataclasses import asdict

import numpy as np
import PIL.Image
import pytest

from keras_mia.core.files.text_files import read_csv, read_json, write_csv, write_json
from keras_mia.tasks.kinds.calibration import FILE, Calibration
from tests.image_plans import PLAN

FILES = [(patient, number) for patient in (1, 2, 3) for number in range(4)]


def label_maps(write_volume, folder, names, shift=0):
    for place, name in enumerate(names):
        label = np.zeros((8, 8, 4), np.uint8)
        start = 1 + shift * (place % 3)
        label[start : start + 4, 2:6, 1:3] = 1
        write_volume(folder / f"{name}.nii.gz", label, np.eye(4))


def judged(app, tmp_path, predictions, truths, write_volume, *more):
    label_maps(write_volume, tmp_path / "found", predictions, shift=1)
    label_maps(write_volume, tmp_path / "truth", truths)
    done = app(
        *("evaluate", "--prediction", tmp_path / "found", "--truth", tmp_path / "truth"),
        *("--output", tmp_path / "scores", *more),
    )
    return done


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [
        ("sub-{0}_run-{1}", (), "from sub-XX in the paths (BIDS)"),
        ("p{0}_{1}", ("--patient", r"p\d+"), r"by 'p\d+'"),
        ("scan{1}_of_{0}", ("--patient", r"of_(\d+)"), r"by 'of_(\d+)'"),
    ],
)
def test_files_of_one_patient_count_together(app, tmp_path, write_volume, name, more, said):
    """Three patients of four files each were twelve patients."""
    names = [name.format(*file) for file in FILES]
    done = judged(app, tmp_path, names, names, write_volume, *more)
    assert done.code == 0, done.err
    assert f"Patients: 3, {said}." in done.out
    assert "12 cases of 3 patients" in done.out
    metrics = read_json(tmp_path / "scores" / "metrics.json")
    assert (metrics["cases"], metrics["patients"]) == (12, 3)
    assert len({row["patient"] for row in read_csv(tmp_path / "scores" / "scores.csv")}) == 3


@pytest.mark.parametrize("more", [(), ("--patient", r"sub-\d+")])
def test_folders_of_patients_are_found_in_the_truth_too(app, tmp_path, write_volume, more):
    truths = [f"sub-{patient}/{patient}_{number}" for patient, number in FILES]
    done = judged(app, tmp_path, truths, truths, write_volume, *more)
    assert done.code == 0, done.err
    assert "12 cases of 3 patients" in done.out


@pytest.mark.parametrize(
    ("header", "more", "patients"),
    [
        ("image,label,patient", (), 3),
        ("image,label,who", ("--patient-column", "who"), 3),
        ("image,label,who", ("--patient", r"scan\d_(\d)"), 4),
        ("image,label,who", (), 12),
    ],
)
def test_a_table_tells_the_patients(app, tmp_path, write_volume, header, more, patients):
    names = [f"scan{patient}_{number}" for patient, number in FILES]
    for folder in ("found", "images", "labels"):
        label_maps(write_volume, tmp_path / folder, names, shift=folder == "found")
    rows = [f"images/{name}.nii.gz,labels/{name}.nii.gz,{name[4]}" for name in names]
    (tmp_path / "table.csv").write_text("\n".join([header, *rows]) + "\n")
    done = app(
        *("evaluate", "--prediction", tmp_path / "found", "--truth", tmp_path / "table.csv"),
        *("--output", tmp_path / "scores", *more),
    )
    assert done.code == 0, done.err
    assert read_json(tmp_path / "scores" / "metrics.json")["patients"] == patients
    assert "Patients:" in done.out


def test_it_says_what_it_took_and_what_would_find_patients(app, tmp_path, write_volume):
    names = [f"p{patient}_slice_{number}" for patient, number in FILES]
    done = judged(app, tmp_path, names, names, write_volume)
    assert done.code == 0, done.err
    assert "each file is taken as a patient of its own" in done.out
    assert "finds 3 patients in 12 files" in done.out
    assert "both sides of the split" not in done.out


def test_an_expression_that_does_not_match_is_a_problem(app, tmp_path, write_volume):
    names = [f"p{patient}_{number}" for patient, number in FILES]
    done = judged(app, tmp_path, names, names, write_volume, "--patient", "x[0-9]+")
    assert done.code == 2
    assert "do not tell their patient" in done.err
    wrong = judged(app, tmp_path, names, names, write_volume, "--patient", "(")
    assert wrong.code == 2
    assert "regular expression" in wrong.err
    column = judged(app, tmp_path, names, names, write_volume, "--patient-column", "who")
    assert column.code == 2
    assert "Only a table has columns" in column.err


def answers(tmp_path, header, row):
    """A run that answers, twelve answers by it, and a table of the truth."""
    run = tmp_path / "run"
    PLAN.write(run / "plan.json")
    write_json(run / FILE, asdict(Calibration(1.0, (0.5,))))
    write_json(run / "run.json", {"format": 1, "task": "classification"})
    ill = [number % 3 == 0 for number in range(12)]
    told = [
        {
            "case": f"i{number}",
            "prediction": "ill" if one else "well",
            "p well": 0.2 if one else 0.7,
            "p ill": 0.8 if one else 0.3,
        }
        for number, one in enumerate(ill)
    ]
    write_csv(tmp_path / "predictions.csv", told)
    (tmp_path / "images").mkdir()
    for number in range(12):
        PIL.Image.new("L", (4, 4)).save(tmp_path / "images" / f"i{number}.png")
    lines = [header, *(row(number, int(one)) for number, one in enumerate(ill))]
    (tmp_path / "truth.csv").write_text("\n".join(lines) + "\n")
    return ("evaluate", "--run", run, "--prediction", tmp_path / "predictions.csv")


@pytest.mark.parametrize(
    ("header", "more", "said"),
    [
        ("image,label,patient", (), "3, from"),
        ("image,label,Who", ("--patient-column", "Who"), "3, from"),
        ("image,label,other", ("--patient", r"i(\d)"), r"10, by 'i(\d)'"),
        ("image,label,other", (), "each file is taken as a patient of its own"),
    ],
)
def test_answers_count_by_patients_too(app, tmp_path, header, more, said):
    command = answers(tmp_path, header, lambda i, ill: f"images/i{i}.png,{ill},p{i % 3}")
    done = app(*command, "--truth", tmp_path / "truth.csv", "--output", tmp_path / "to", *more)
    assert done.code == 0, done.err
    assert f"Patients: {said}" in done.out
    metrics = read_json(tmp_path / "to" / "metrics.json")
    assert metrics["cases"] == 12
    assert metrics["patients"] == {"3": 3, "1": 10, "e": 12}[said[0]]


def test_patients_of_a_run_are_not_told_twice(app, tmp_path):
    command = answers(tmp_path, "image,label", lambda i, ill: f"images/i{i}.png,{ill}")
    done = app(*command[:3], "--patient", "p[0-9]+")
    assert done.code == 2
    assert "The run says who the patients of its test cases are" in done.err
