"""`read_cases(targets=())`: images alone, for families that learn from nothing else."""

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data import read_cases, write_image


def fill(root, *names):
    for number, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        write_image(root / name, np.full((6, 8), number, np.uint8))


def names(cases):
    assert all(case.target is None for case in cases)
    assert cases.fit(())
    assert not cases.fit(["label_map", "multiclass"])
    return [case.name for case in cases]


def note(cases, start):
    return [text for text in cases.notes if text.startswith(start)]


def test_a_folder_of_images_at_any_depth(tmp_path):
    fill(tmp_path, "a.png", "more/b.png", "more/still/c.png", "cats/d.png", "dogs/d.png")
    cases = read_cases(tmp_path, targets=())
    assert names(cases) == ["a", "b", "c", "cats_d", "dogs_d"]
    assert {case.split for case in cases} == {None}
    assert len({case.patient for case in cases}) == 5


def test_patients_are_folders(tmp_path):
    fill(tmp_path, *(f"sub-{patient}/{i}.png" for patient in ("01", "02") for i in range(3)))
    cases = read_cases(tmp_path, targets=())
    assert {case.patient for case in cases} == {"sub-01", "sub-02"}
    fill(tmp_path / "other", *(f"p{patient}/{i}.png" for patient in (1, 2) for i in range(3)))
    cases = read_cases(tmp_path / "other", targets=(), patient="^p[0-9]")
    assert {case.patient for case in cases} == {"p1", "p2"}


def test_folders_of_a_split_are_the_authors(tmp_path):
    fill(tmp_path, "train/x/a.png", "train/b.png", "val/c.png", "test/d.png")
    cases = read_cases(tmp_path, targets=())
    assert [case.split for case in cases] == ["train", "train", "validation", "test"]
    assert note(cases, "Split by the authors: 2 train, 1 validation, 1 test.")


@pytest.mark.parametrize(
    "labels",
    [
        ["a_mask.png", "b_mask.png"],
        ["a_mask.png", "of_nothing_mask.png"],
        ["a_mask_1.png", "a_mask_2.png", "b_seg.png"],
        ["masks/a.png", "masks/b.png"],
        ["1st_manual/a.png", "fov/b.png"],
        ["a_left_lung.png", "b_left_lung.png"],
    ],
)
def test_label_maps_are_no_images(tmp_path, labels):
    fill(tmp_path, "a.png", "b.png", *labels)
    cases = read_cases(tmp_path, targets=())
    assert names(cases) == ["a", "b"]


def test_what_is_left_out_is_said(tmp_path):
    fill(tmp_path, "a.png", "masks/a.png")
    assert note(read_cases(tmp_path, targets=()), "Label maps that are not used, left out (1)")


def test_files_that_are_all_named_as_label_maps_are_images(tmp_path):
    fill(tmp_path, "target_1.png", "target_2.png")
    assert names(read_cases(tmp_path, targets=())) == ["target_1", "target_2"]


@pytest.mark.parametrize("layout", ["imagesTr", "images"])
def test_folders_of_a_segmentation(tmp_path, layout):
    fill(tmp_path, f"{layout}/x_1.png", f"{layout}/x_2.png")
    fill(tmp_path, *(f"{layout.replace('image', 'label')}/x_{i}.png" for i in (1, 2)))
    assert names(read_cases(tmp_path, targets=())) == ["x_1", "x_2"]


def test_channels_of_nnunet_are_one_image(tmp_path):
    fill(tmp_path, *(f"imagesTr/{name}_000{channel}.png" for name in "ab" for channel in (0, 1)))
    fill(tmp_path, "labelsTr/a.png", "labelsTr/b.png")
    cases = read_cases(tmp_path, targets=())
    assert names(cases) == ["a", "b"]
    assert [len(case.images) for case in cases] == [2, 2]
    (tmp_path / "dataset.json").write_text('{"training": 3, "labels": "none"}')
    assert len(read_cases(tmp_path, targets=())) == 4


def test_a_table_with_images_alone(tmp_path):
    fill(tmp_path, "a.png", "b.png")
    table = tmp_path / "list.csv"
    table.write_text("image\na.png\nb.png\n")
    assert names(read_cases(table, targets=())) == ["a", "b"]
    table.write_text("image,patient,split\na.png,p,train\nb.png,q,test\n")
    cases = read_cases(table, targets=())
    assert [(case.patient, case.split) for case in cases] == [("p", "train"), ("q", "test")]
    table.write_text("image,label\na.png,\nb.png,gone.png\n")
    assert names(read_cases(table, targets=())) == ["a", "b"]
    with pytest.raises(Problem, match="no column of labels"):
        read_cases(table, targets=(), label_column="label")
    table.write_text("file\na.png\n")
    with pytest.raises(Problem, match="has no column 'image'"):
        read_cases(table, targets=())


def test_a_folder_of_dicom_series(tmp_path):
    pytest.importorskip("pydicom")
    from tests.dicom_files import oblique, write_series

    volume = np.arange(60, dtype=np.int16).reshape(4, 5, 3)
    for patient in ("one", "two"):
        write_series(tmp_path / patient / "scan", volume, oblique())
    cases = read_cases(tmp_path, targets=())
    assert names(cases) == ["one_scan", "two_scan"]
    assert [case.images for case in cases] == [
        (tmp_path / patient / "scan",) for patient in ("one", "two")
    ]
    assert cases[0].image().space == (4, 5, 3)


def test_arrays_and_samples(tmp_path):
    np.savez(tmp_path / "set.npz", train_images=np.zeros((3, 4, 5)), test_images=np.ones((2, 4, 5)))
    cases = read_cases(tmp_path / "set.npz", targets=())
    assert names(cases) == ["test_0", "test_1", "train_0", "train_1", "train_2"]
    assert cases[0].split == "test"
    with pytest.raises(Problem, match=r"train_images, but no train_labels"):
        read_cases(tmp_path / "set.npz", targets=["multiclass"])
    assert len(names(read_cases("sample:digits", targets=()))) == 28


def test_no_image_is_a_problem(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(Problem, match="No image was found; the folder holds notes"):
        read_cases(tmp_path, targets=())


def test_a_kind_that_no_form_holds_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="colour"):
        read_cases(tmp_path, targets=["colour"])
