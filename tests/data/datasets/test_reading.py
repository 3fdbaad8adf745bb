"""Every layout is found, and what is missing is named."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data import read_cases, read_inputs, write_image


def fill(root, *paths, values=(0, 1)):
    for path in paths:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        write_image(target, np.resize(np.array(values, np.uint8), (6, 8)))


def text(cases):
    return "\n".join(cases.notes)


def pairs(cases, root):
    return {
        case.images[0].relative_to(root).as_posix(): case.target.path.relative_to(root).as_posix()
        for case in cases
    }


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (["images/a.png", "images/b.png"], ["labels/a.png", "labels/b.png"]),
        (["image/a.png", "image/b.png"], ["mask/a_mask.png", "mask/b_mask.png"]),
        (["imgs/img_1.png", "imgs/img_10.png"], ["gt/gt01.png", "gt/gt10.png"]),
        (
            ["images/21_training.png", "images/3_training.png"],
            ["1st_manual/21_manual1.gif", "1st_manual/03_manual1.gif"],
        ),
        (
            ["train_images/p/1.png", "train_images/q/1.png"],
            ["train_masks/p/1.png", "train_masks/q/1.png"],
        ),
        (["images/only.png"], ["annotations/other.png"]),
        (["one_below/images/a.png"], ["one_below/labels/a.png"]),
    ],
)
def test_two_folders(tmp_path, images, labels):
    fill(tmp_path, *images, *labels)
    cases = read_cases(tmp_path)
    assert pairs(cases, tmp_path) == dict(zip(images, labels, strict=True))
    assert {case.split for case in cases} == {None}
    assert len({case.name for case in cases}) == len(images)
    assert f"{len(images)} case" in text(cases)


@pytest.mark.parametrize("form", ["{split}/{role}/{name}", "{role}/{split}/{name}"])
def test_split_folders(tmp_path, form):
    for split in ("training", "valid", "testing"):
        for role in ("images", "masks"):
            fill(tmp_path, *(form.format(split=split, role=role, name=f"{i}.png") for i in (1, 2)))
    cases = read_cases(tmp_path)
    assert [len(cases.train), len(cases.validation), len(cases.test)] == [2, 2, 2]
    assert len({case.name for case in cases}) == 6
    assert len({case.patient for case in cases}) == 6


def test_test_images_without_labels_are_left_out_and_said_so(tmp_path):
    fill(tmp_path, "train/image/1.png", "train/label/1.png", "test/2.png")
    cases = read_cases(tmp_path)
    assert [case.split for case in cases] == [None]
    assert "without labels are left out: test" in text(cases)


def test_training_image_without_label_is_named(tmp_path):
    fill(tmp_path, "images/a.png", "images/b.png", "labels/a.png")
    with pytest.raises(Problem, match=r"1 of 2 images have no label map(.|\n)*b\.png"):
        read_cases(tmp_path)


def test_ambiguous_folders_are_named(tmp_path):
    fill(tmp_path, "images/a.png", "labels/a.png", "annotations/a.png")
    with pytest.raises(Problem, match="annotations, labels"):
        read_cases(tmp_path)


def test_region_and_second_observer(tmp_path):
    fill(tmp_path, "images/01_test.png", "1st_manual/01_manual1.gif")
    fill(tmp_path, "2nd_manual/01_manual2.gif", "mask/01_test_mask.gif")
    cases = read_cases(tmp_path)
    assert cases[0].target.path.name == "01_manual1.gif"
    assert cases[0].region.name == "01_test_mask.gif"
    assert "2nd_manual is left out" in text(cases)
    assert "not used" not in text(cases)
    np.testing.assert_array_equal(cases[0].region_mask(), cases[0].label().array[..., 0] != 0)


def test_folder_a_case_with_instances(tmp_path):
    fill(tmp_path, "stage1_train/x/images/x.png", "stage1_train/x/masks/1.png")
    fill(tmp_path, "stage1_train/y/images/y.png")
    fill(tmp_path, "stage1_train/y/masks/1.png", "stage1_train/y/masks/2.png", values=(255, 0))
    cases = read_cases(tmp_path)
    assert [case.name for case in cases] == ["x", "y"]
    assert all(case.target.path.name == "masks" for case in cases)
    assert [np.unique(case.label().array).tolist() for case in cases] == [[0, 1]] * 2
    assert "merged" in text(cases)


def test_folder_a_case_with_one_mask_keeps_its_values(tmp_path):
    for name in "xy":
        fill(tmp_path, f"{name}/image/a.png", f"{name}/mask/b.png", values=(0, 3, 5))
    cases = read_cases(tmp_path)
    assert [case.name for case in cases] == ["x", "y"]
    assert np.unique(cases[0].label().array).tolist() == [0, 3, 5]


def test_folder_a_patient_with_many_slices(tmp_path):
    for name in ("p1", "p2"):
        for i in range(3):
            fill(tmp_path, f"{name}/images/{i}.png", f"{name}/masks/{i}.png")
    cases = read_cases(tmp_path, patient=r"^(p\d)/")
    assert [case.name for case in cases][:2] == ["p1_0", "p1_1"]
    assert {case.patient for case in cases} == {"p1", "p2"}


def test_folder_of_instances_an_image(tmp_path):
    fill(tmp_path, "images/a.png", "images/b.png")
    fill(tmp_path, "masks/a/1.png", "masks/a/2.png", "masks/b/1.png")
    assert pairs(read_cases(tmp_path), tmp_path) == {
        "images/a.png": "masks/a",
        "images/b.png": "masks/b",
    }


def nnunet(root, names=("a", "b"), channels=2, labels=None):
    for name in names:
        for channel in range(channels):
            fill(root, f"imagesTr/{name}_{channel:04}.png")
        fill(root, f"labelsTr/{name}.png")
    about = {
        "channel_names": {str(i): kind for i, kind in enumerate(["T1", "FLAIR"][:channels])},
        "labels": labels or {"background": 0, "tumour": 1, "ignore": 2},
    }
    (root / "dataset.json").write_text(json.dumps(about))


def test_nnunet_groups_channels(tmp_path):
    nnunet(tmp_path)
    fill(tmp_path, "imagesTs/c_0000.png", "imagesTs/c_0001.png")
    (tmp_path / "imagesTr" / "._a_0000.png").write_bytes(b"left by a Mac")
    cases = read_cases(tmp_path)
    assert [case.name for case in cases] == ["a", "b"]
    assert [path.name for path in cases[0].images] == ["a_0000.png", "a_0001.png"]
    assert cases.names == {0: "background", 1: "tumour", 2: "ignore"}
    assert cases.modality == "MR"
    assert "imagesTs has no labels" in text(cases)
    assert cases[0].image().array.shape == (6, 8, 2)
    fill(tmp_path, "labelsTs/c.png")
    assert [case.split for case in read_cases(tmp_path)] == ["train", "train", "test"]


def test_nnunet_missing_channel_and_label(tmp_path):
    nnunet(tmp_path)
    (tmp_path / "imagesTr" / "b_0001.png").unlink()
    with pytest.raises(Problem, match=r"2 channels(.|\n)*where:  b"):
        read_cases(tmp_path)
    (tmp_path / "labelsTr" / "b.png").unlink()
    with pytest.raises(Problem, match=r"no label map(.|\n)*b_0000\.png"):
        read_cases(tmp_path)


def test_files_listed_in_dataset_json(tmp_path):
    fill(tmp_path, "far/a.png", "data/a_label.png")
    about = {
        "labels": {"bone": 1},
        "dataset": {"a": {"images": ["../far/a.png"], "label": "a_label.png"}},
    }
    (tmp_path / "data" / "dataset.json").write_text(json.dumps(about))
    cases = read_cases(tmp_path / "data")
    assert cases[0].image().space == (6, 8)
    assert "lie outside" in text(cases)


def test_channels_on_two_grids_are_a_problem(tmp_path):
    nnunet(tmp_path)
    write_image(tmp_path / "imagesTr" / "a_0001.png", np.zeros((6, 9), np.uint8))
    with pytest.raises(Problem, match=r"6 x 8 and 6 x 9(.|\n)*a_0001"):
        read_cases(tmp_path)[0].image()


def table(root, *lines):
    (root / "cases.csv").write_text("\n".join(lines) + "\n")
    return root / "cases.csv"


def test_table(tmp_path):
    fill(tmp_path, "i/a.png", "i/b.png", "l/a.png", "l/b.png", "r.png")
    path = table(
        tmp_path,
        "scan,truth,region,split,patient",
        "i/a.png,l/a.png,r.png,training,Ann",
        "i/b.png,l/b.png,,test,Bob",
    )
    cases = read_cases(path, image_column="scan", label_column="truth")
    assert [case.patient for case in cases] == ["Ann", "Bob"]
    assert [case.split for case in cases] == ["train", "test"]
    assert cases[0].region.name == "r.png"
    assert cases[1].region is None
    with pytest.raises(Problem, match="no column 'image', it has scan, truth"):
        read_cases(path)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["image,label", "a.png,gone.png"], r"gone\.png"),
        (["image,label", "a.png,"], "without a label map"),
        (["image,label,split", "a.png,b.png,exam"], "'exam'"),
        (["image,label,patient", "a.png,b.png,x", "b.png,a.png,"], "Some rows have a patient"),
        (["image,label", "a.png,b.png", "a.png,c.png"], "listed twice, with different"),
        (["image,label", "a.png,a.png"], "Line 2 names its image as a label map"),
        (["image,label"], "no rows"),
    ],
)
def test_wrong_tables(tmp_path, lines, message):
    fill(tmp_path, "a.png", "b.png", "c.png")
    with pytest.raises(Problem, match=message):
        read_cases(table(tmp_path, *lines))


def test_patients_by_bids_and_by_pattern(tmp_path):
    for visit in ("sub-01/ses-1", "sub-01/ses-2", "sub-02/ses-1"):
        fill(tmp_path, f"images/{visit}/t1.png", f"labels/{visit}/t1.png")
    cases = read_cases(tmp_path)
    assert sorted(case.patient for case in cases) == ["sub-01", "sub-01", "sub-02"]
    assert "BIDS" in text(cases)
    cases = read_cases(tmp_path, patient=r"ses-\d")
    assert {case.patient for case in cases} == {"ses-1", "ses-2"}
    with pytest.raises(Problem, match="do not tell"):
        read_cases(tmp_path, patient="visit-(.)")
    with pytest.raises(Problem, match="regular expression"):
        read_cases(tmp_path, patient="(")


def test_without_a_key_each_file_is_a_patient_and_it_says_so(tmp_path):
    fill(tmp_path, "images/10.png", "images/9.png", "labels/9.png", "labels/10.png")
    cases = read_cases(tmp_path)
    assert [case.name for case in cases] == ["9", "10"]
    assert "patient of its own" in text(cases)


def test_nothing_to_read(tmp_path):
    fill(tmp_path, "a.png")
    with pytest.raises(Problem, match=r"1 in it(.|\n)*image,label\n    a\.png,"):
        read_cases(tmp_path)
    with pytest.raises(Problem, match="single file"):
        read_cases(tmp_path / "a.png")
    with pytest.raises(Problem, match="no such file"):
        read_cases(tmp_path / "gone")
    with pytest.raises(Problem, match="no sample 'cats'"):
        read_cases("sample:cats")


def test_inputs(tmp_path):
    fill(tmp_path, "b_0000.png", "b_0001.png", "a_0000.png", "a_0001.png")
    (tmp_path / "notes.txt").write_text("not an image")
    assert [case.name for case in read_inputs(tmp_path)] == ["a_0000", "a_0001", "b_0000", "b_0001"]
    cases = read_inputs(tmp_path, channels=2)
    assert [case.name for case in cases] == ["a", "b"]
    assert [len(case.images) for case in cases] == [2, 2]
    assert read_inputs(tmp_path / "a_0001.png")[0].target is None
    with pytest.raises(Problem, match="3 channels"):
        read_inputs(tmp_path, channels=3)
    with pytest.raises(Problem, match="No image"):
        read_inputs(tmp_path / "notes.txt")


@pytest.mark.parametrize("name", ["histology", "digits", "mni152"])
def test_samples(tmp_path, monkeypatch, name):
    if name == "mni152":
        pytest.importorskip("nilearn")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cases = read_cases(f"sample:{name}")
    assert tmp_path in cases[0].images[0].parents
    image, label = cases[0].image(), cases[0].label()
    assert image.space == label.space
    assert set(np.unique(label.array)) == set(cases.names)
    assert not list((tmp_path / "keras_mia" / "samples").glob(".*"))
    if name == "mni152":
        assert image.space == (99, 117, 95)
        np.testing.assert_allclose(image.affine[:3, 3], [-98, -134, -72])


def test_sample_without_its_package_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, "nilearn", None)
    with pytest.raises(Problem, match=r"pip install keras_mia\[demo\]"):
        read_cases("sample:mni152")


@pytest.mark.parametrize(
    ("name", "count", "splits", "region", "values"),
    [
        ("drive", 40, {"train", "test"}, True, [0, 255]),
        ("dsb2018_nuclei", 74, {None}, False, [0, 1]),
        ("isbi2012_membrane", 30, {None}, False, [0, 255]),
        ("msd_hippocampus", 132, {None}, False, [0, 1, 2]),
    ],
)
def test_real_data(data, name, count, splits, region, values):
    cases = read_cases(data / name)
    assert len(cases) == count
    assert {case.split for case in cases} == splits
    assert all((case.region is not None) == region for case in cases)
    for case in (cases[0], cases[-1]):
        assert case.image().space == case.label().space
        assert np.unique(case.label().array).tolist() == values


def test_reading_needs_no_tensorflow():
    import subprocess

    code = (
        "import sys, keras_mia.data as d; d.read_cases; d.split; d.classes_of;"
        "sys.exit('tensorflow' in sys.modules)"
    )
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
