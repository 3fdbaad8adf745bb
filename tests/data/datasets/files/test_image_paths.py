"""A folder means the same in every command: links, DICOM, label maps beside images."""

import os

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data import read_cases, read_inputs, write_image
from keras_mia.data.io.file_walk import walk


def fill(root, *names):
    for number, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_image(path, np.full((6, 5), number, np.uint8))


def notes(cases):
    return "\n".join(cases.notes)


def link(at, to, folder=False):
    at.parent.mkdir(parents=True, exist_ok=True)
    at.symlink_to(to, target_is_directory=folder)


@pytest.mark.parametrize("kind", ["files", "classes", "folders in classes", "the data"])
def test_links_are_followed(tmp_path, kind):
    archive, data = tmp_path / "archive", tmp_path / "data"
    fill(archive, *(f"{name}/{i}.png" for name in ("ill", "well") for i in range(2)))
    for name in ("ill", "well"):
        if kind == "files":
            for i in range(2):
                link(data / name / f"{i}.png", archive / name / f"{i}.png")
        elif kind == "classes":
            link(data / name, archive / name, folder=True)
        elif kind == "folders in classes":
            link(data / name / "site", archive / name, folder=True)
    if kind == "the data":
        link(data, archive, folder=True)
    assert len(read_cases(data, targets=["multiclass"])) == 4
    assert len(read_inputs(data)) == 4


@pytest.mark.parametrize("labels", ["folder", "files"])
def test_links_to_images_and_label_maps(tmp_path, labels):
    fill(tmp_path, "far/images/a.png", "far/labels/a.png")
    link(tmp_path / "data" / "images", tmp_path / "far" / "images", folder=True)
    if labels == "folder":
        link(tmp_path / "data" / "labels", tmp_path / "far" / "labels", folder=True)
    else:
        link(tmp_path / "data" / "labels" / "a.png", tmp_path / "far" / "labels" / "a.png")
    assert read_cases(tmp_path / "data")[0].label().space == (6, 5)


def test_links_in_circles_and_links_to_nothing(tmp_path):
    fill(tmp_path, "ill/1.png", "well/1.png")
    link(tmp_path / "ill" / "up", tmp_path, folder=True)
    link(tmp_path / "ill" / "here", tmp_path / "ill", folder=True)
    link(tmp_path / "well" / "a", tmp_path / "well" / "b")
    link(tmp_path / "well" / "b", tmp_path / "well" / "a")
    cases = read_cases(tmp_path, targets=["multiclass"])
    assert [case.text for case in cases] == ["ill", "well"]
    assert "Links that lead nowhere, left out (2): well/a, well/b." in notes(cases)
    link(tmp_path / "well" / "2.png", tmp_path / "gone.png")
    cases = read_cases(tmp_path, targets=["multiclass"])
    with pytest.raises(Problem, match="link leads nowhere"):
        next(case for case in cases if case.name.endswith("2")).image()


def test_a_folder_is_entered_once(tmp_path):
    fill(tmp_path, "a/1.png")
    for name in "bcd":
        link(tmp_path / name, tmp_path / "a", folder=True)
    assert walk(tmp_path) == [tmp_path / "a" / "1.png"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_named(tmp_path):
    (tmp_path / "a").mkdir(mode=0)
    with pytest.raises(Problem, match="cannot be read"):
        walk(tmp_path)


def test_hidden_files_and_litter_are_no_images(tmp_path):
    fill(tmp_path, "x/ill/1.png", "x/well/1.png", "x/ill/._1.png", "__MACOSX/x/ill/1.png")
    fill(tmp_path, "x/ill/.ipynb_checkpoints/1.png")
    for name in (".DS_Store", "Thumbs.db", "desktop.ini"):
        (tmp_path / "x" / "ill" / name).write_bytes(b"x")
    cases = read_cases(tmp_path, targets=["multiclass"])
    assert len(cases) == len(read_inputs(tmp_path)) == 2
    assert "left out" not in notes(cases)


@pytest.mark.parametrize("form", ["{}_mask", "{}_seg", "{}-label", "{}_gt", "mask_{}", "{}_mask_1"])
def test_a_label_map_beside_an_image_is_none_of_a_class(tmp_path, form):
    for name in ("benign", "malignant"):
        for i in (1, 2):
            fill(tmp_path, f"{name}/{name} ({i}).png", f"{name}/{form.format(f'{name} ({i})')}.png")
    cases = read_cases(tmp_path, targets=["multiclass"])
    assert [case.images[0].stem for case in cases] == [
        f"{name} ({i})" for name in ("benign", "malignant") for i in (1, 2)
    ]
    assert "Label maps that are not used, left out (4)" in notes(cases)
    assert [case.images for case in read_inputs(tmp_path)] == [case.images for case in cases]
    maps = read_cases(tmp_path)
    assert [case.images for case in maps] == [case.images for case in cases]
    assert all(c.target.path.stem != c.images[0].stem for c in maps)
    assert len(read_cases(tmp_path, targets=["label_map", "multiclass"], strict=False)) == 4


def test_a_class_whose_images_are_called_masks_keeps_them(tmp_path):
    fill(tmp_path, "mask worn/mask_1.png", "mask worn/mask_2.png", "none/1.png")
    assert len(read_cases(tmp_path, targets=["multiclass"])) == 3


@pytest.mark.parametrize("names", ["p01 p02 p03", "Patient 1|Patient 2", "00012345 00012346"])
def test_folders_of_patients_are_no_classes_unless_it_is_said(tmp_path, names):
    names = names.split("|") if "|" in names else names.split()
    fill(tmp_path, *(f"{name}/{i}.png" for name in names for i in range(2)))
    with pytest.raises(Problem) as caught:
        read_cases(tmp_path, targets=["multiclass"])
    assert f"{len(names)} patients" in caught.value.what
    assert "--kind multiclass" in caught.value.remedy
    assert (
        f"image,label,patient\n    {names[0]}/0.png,CLASS,{names[0]}"
        in caught.value.remedy.replace('"', "")
    )
    assert len(read_cases(tmp_path, targets=["multiclass"], folders_are_classes=True)) == 2 * len(
        names
    )


@pytest.mark.parametrize("names", ["0 1 2", "grade1 grade2", "HP SSA", "C50 C51"])
def test_classes_of_numbers_and_codes_stay_classes(tmp_path, names):
    fill(tmp_path, *(f"{name}/{i}.png" for name in names.split() for i in range(2)))
    assert {case.text for case in read_cases(tmp_path, targets=["multiclass"])} == set(
        names.split()
    )


@pytest.mark.parametrize(
    ("train", "validation", "test"),
    [("Train", "VAL", "Test"), ("TRAINING", "dev", "holdout"), ("train_set", "valid", "testing")],
)
def test_parts_of_a_split_in_other_spellings(tmp_path, train, validation, test):
    for part in (train, validation, test):
        fill(tmp_path, f"a/{part}/ill/1.png", f"a/{part}/well/1.png")
        fill(tmp_path, f"b/{part}/images/1.png", f"b/{part}/masks/1.png")
    for cases in (read_cases(tmp_path / "a", targets=["multiclass"]), read_cases(tmp_path / "b")):
        each = len(cases) // 3
        assert [len(cases.train), len(cases.validation), len(cases.test)] == [each] * 3


def test_two_folders_of_one_part_are_named(tmp_path):
    for part in ("val", "dev", "train"):
        fill(tmp_path, f"{part}/ill/1.png", f"{part}/well/1.png")
    with pytest.raises(Problem, match="dev, val"):
        read_cases(tmp_path, targets=["multiclass"])


@pytest.mark.parametrize("form", ["{0}/{0}.png {0}/{0}_mask.png", "p{0}/image.png p{0}/label.png"])
def test_doctor_takes_label_maps_where_names_tell_them(tmp_path, form):
    for part in ("train", "test"):
        fill(tmp_path, *form.format(part).split())
    cases = read_cases(tmp_path, targets=["label_map", "multiclass"], strict=False)
    assert [case.images for case in cases] == [case.images for case in read_cases(tmp_path)]


def test_patients_beside_another_folder_are_no_classes(tmp_path):
    names = [f"sub-{q:02}/anat/sub-{q:02}_T1w.png" for q in range(4)]
    fill(tmp_path, *names, "derivatives/manual/sub-00/anat/sub-00_desc-lesion_mask.png")
    with pytest.raises(Problem, match=r"look like 4 patients(.|\n)*image,label,patient"):
        read_cases(tmp_path, targets=["multiclass"])


def test_an_image_without_label_map_makes_no_classes_of_images_and_label_maps(tmp_path):
    """As in ISIC 2017, where pictures of superpixels lie among the images."""
    names = [f"Training_Input/ISIC_{q}.png" for q in range(4)]
    names += [f"Training_GroundTruth/ISIC_{q}_segmentation.png" for q in range(4)]
    fill(tmp_path, *names)
    assert len(read_cases(tmp_path)) == 4
    fill(tmp_path, "Training_Input/ISIC_0_superpixels.png")
    with pytest.raises(Problem, match="look like images with label maps"):
        read_cases(tmp_path, targets=["multiclass"])
    with pytest.raises(Problem, match=r"label map(.|\n)*ISIC_0_superpixels"):
        read_cases(tmp_path)


@pytest.mark.parametrize("table", [True, False])
def test_folders_of_images_in_several_sizes_are_no_classes(tmp_path, table):
    fill(tmp_path, *(f"images_{size}/{i}.png" for size in (64, 1024) for i in range(3)))
    if table:
        (tmp_path / "labels.csv").write_text("image,label\n")
    with pytest.raises(Problem, match="named as images are") as caught:
        read_cases(tmp_path, targets=["multiclass"])
    assert ("labels.csv" if table else "image,label") in caught.value.remedy
    assert len(read_cases(tmp_path, targets=["multiclass"], folders_are_classes=True)) == 6
