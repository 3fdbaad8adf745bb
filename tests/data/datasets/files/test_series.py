"""Series of one patient's scans are channels or a choice, and never classes."""

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data import read_cases, read_inputs, write_image
from keras_mia.data.datasets.files.series import series_name

PATIENTS, CLASSES = ("p1", "p2", "p3"), ("ill", "well")


def fill(root, *names, extra_slices=None):
    for number, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        space = (
            (6, 8, 2)
            if extra_slices is None
            else (6, 8, 2 + extra_slices[number % len(extra_slices)])
        )
        array = np.zeros(space, np.uint8)
        array.flat[number % 90] = 1
        write_image(path, array)


def files(cases, root):
    return [[path.relative_to(root).as_posix() for path in case.images] for case in cases]


@pytest.mark.parametrize(
    "form", ["{}/{}/{}.nii.gz", "{}/{}_{}.nii.gz", "{0}/{1}/{2}/scan.nii.gz", "{}/{}-{}-ax.nii.gz"]
)
def test_series_below_classes_are_channels_or_a_choice(tmp_path, form):
    for name in CLASSES:
        fill(tmp_path, *(form.format(name, p, s) for p in PATIENTS for s in ("FLAIR", "T2")))
    cases = read_cases(tmp_path, targets=["multiclass"])
    assert [case.text for case in cases] == ["ill"] * 3 + ["well"] * 3
    assert files(cases, tmp_path)[0] == [form.format("ill", "p1", s) for s in ("FLAIR", "T2")]
    assert cases[0].image().array.shape[-1] == 2
    assert any("channels of one image: flair, t2" in note for note in cases.notes)
    chosen = read_cases(tmp_path, targets=["multiclass"], series=("T2",))
    assert files(chosen, tmp_path)[0] == [form.format("ill", "p1", "T2")]
    assert any("left out: flair (6)" in note for note in chosen.notes)
    both = read_cases(tmp_path, targets=["multiclass"], series=("t2", "flair"))
    assert files(both, tmp_path)[0] == [form.format("ill", "p1", s) for s in ("T2", "FLAIR")]
    with pytest.raises(Problem, match=r"6 images of no series DWI(.|\n)*--series"):
        read_cases(tmp_path, targets=["multiclass"], series=("DWI",))


def test_series_on_grids_of_their_own_are_to_be_chosen(tmp_path):
    names = [f"{c}/{p}/{s}.nii.gz" for c in CLASSES for p in PATIENTS for s in ("FLAIR", "T2")]
    fill(tmp_path, *names, extra_slices=(0, 1))
    with pytest.raises(Problem, match=r"cannot be channels(.|\n)*--series flair"):
        read_cases(tmp_path, targets=["multiclass"])
    assert len(read_cases(tmp_path, targets=["multiclass"], series=("flair",))) == 6
    fill(tmp_path, *names)
    (tmp_path / names[-1]).unlink()
    with pytest.raises(Problem, match="1 of 6 have others"):
        read_cases(tmp_path, targets=["multiclass"])


@pytest.mark.parametrize("form", ["{0}/{0}_{1}.nii.gz", "{0}/{1}.nii.gz", "images/{0}_{1}.nii.gz"])
def test_series_with_label_maps(tmp_path, form):
    fill(tmp_path, *(form.format(p, s) for p in PATIENTS for s in ("flair", "t1", "t1ce")))
    if form.startswith("images"):
        fill(tmp_path, *(f"labels/{p}.nii.gz" for p in PATIENTS))
    else:
        fill(tmp_path, *(form.format(p, "seg") for p in PATIENTS))
    cases = read_cases(tmp_path)
    assert [case.name for case in cases] == list(PATIENTS)
    assert [len(case.images) for case in cases] == [3] * 3
    (first, *_) = read_cases(tmp_path, series=("t1",))
    assert files([first], tmp_path) == [[form.format("p1", "t1")]]


def test_folders_of_series_are_no_classes(tmp_path):
    fill(tmp_path, *(f"{s}/im{i}.nii.gz" for s in ("FLAIR", "T2") for i in (1, 2)))
    with pytest.raises(Problem, match=r"series of scans(.|\n)*--kind multiclass(.|\n)*image,label"):
        read_cases(tmp_path, targets=["multiclass"])
    assert len(read_cases(tmp_path, targets=["multiclass"], folders_are_classes=True)) == 4


def test_predict_takes_what_was_trained_on(tmp_path):
    fill(tmp_path, *(f"{p}/{s}.nii.gz" for p in PATIENTS for s in ("FLAIR", "T2")))
    with pytest.raises(Problem, match=r"takes 1 file(.|\n)*--series flair"):
        read_inputs(tmp_path)
    cases = read_inputs(tmp_path, trained=("t2",))
    assert files(cases, tmp_path) == [[f"{p}/T2.nii.gz"] for p in PATIENTS]
    assert "These series were trained on." in cases.notes
    assert "Taken of each patient's series: t2; left out: flair (3)." in cases.notes
    assert files(read_inputs(tmp_path, series=("FLAIR",), trained=("t2",)), tmp_path) == [
        [f"{p}/FLAIR.nii.gz"] for p in PATIENTS
    ]
    assert [len(case.images) for case in read_inputs(tmp_path, channels=2)] == [2] * 3
    with pytest.raises(Problem, match="takes 2 files an image, not 1"):
        read_inputs(tmp_path, channels=2, series=("T2",))


def test_another_series_than_that_of_training_is_said(tmp_path):
    fill(tmp_path, "p1_t1.nii.gz", "p2_t1.nii.gz")
    notes = read_inputs(tmp_path, trained=("flair",)).notes
    assert "Warning: the network was trained on flair, images are named t1 (2)." in notes
    assert not any("Warning" in note for note in read_inputs(tmp_path, trained=("t1",)).notes)


def test_names_of_series(tmp_path):
    for name, series in {
        "a/p1_T1ce.nii.gz": "t1ce",
        "a/FLAIR/scan.nii.gz": "flair",
        "a/37980-T2reg-88079": "t2reg",
        "a/first.png": "",
    }.items():
        assert series_name(tmp_path / name) == series


def test_one_name_with_and_without_a_word_of_series_is_two_images(tmp_path):
    names = ("ill/CT_1", "ill/1", "ill/pt_2", "well/3")
    fill(tmp_path, *(f"{name}.nii.gz" for name in names))
    assert len(read_cases(tmp_path, targets=["multiclass"])) == 4


def test_a_kind_of_series_may_be_written_together_with_more(tmp_path):
    fill(tmp_path, "p1_T2reg.nii.gz", "p1_T2flair.nii.gz", "p2_T2tse.nii.gz", "p2_FLAIRreg.nii.gz")
    cases = read_cases(tmp_path, targets=(), series=["T2"])
    assert files(cases, tmp_path) == [["p1_T2reg.nii.gz"], ["p2_T2tse.nii.gz"]]
    with pytest.raises(Problem, match=r"1 image of no series FLAIR(.|\n)*There are flairreg"):
        read_cases(tmp_path, targets=(), series=["FLAIR"])
