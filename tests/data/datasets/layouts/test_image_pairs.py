"""Images beside those that are to be made of them, as data sets have them."""

import os

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data import read_cases, write_image
from keras_mia.data.datasets.case_list import read_case_list, write_cases


def fill(root, *names):
    for number, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        array = np.zeros((6, 8, 3) if name.endswith("nii.gz") else (6, 8), np.uint8)
        array.flat[number] = 1
        write_image(root / name, array)


def pairs(cases, root):
    return {
        case.name: (
            *(path.relative_to(root).as_posix() for path in case.images),
            case.target.path.relative_to(root).as_posix(),
        )
        for case in cases
    }


def read(root, *series):
    return read_cases(root, targets=["image"], series=series)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("A/{}", "B/{}"),
        ("input/{}", "target/{}"),
        ("Source/{}", "Target/{}"),
        ("noisy_images/{}", "clean_images/{}"),
        ("lowDose/{}", "fullDose/{}"),
        ("low_res/{}", "high_res/{}"),
        ("MR/{}", "CT/{}"),
        ("T1/IXI{}-T1", "T2/IXI{}-T2"),
        ("A/left_{}", "B/right_00{}"),
        ("MR/{}/scan", "CT/{}/other"),
        ("{}_noisy", "{}_clean"),
        ("p{}/mr", "p{}/ct"),
        ("p{}/T2reg", "p{}/flair"),
        ("{}-A", "{}-B"),
        ("p{}/input/1", "p{}/target/1"),
        ("A/T{}/x", "B/T{}/x"),
        ("MR/{}_mr", "CT/{}_ct"),
    ],
)
def test_pairs_by_names(tmp_path, source, target):
    names = [f"{one.format(number)}.png" for number in (1, 2, 3) for one in (source, target)]
    fill(tmp_path, *names)
    cases = read(tmp_path)
    assert sorted(pairs(cases, tmp_path).values()) == sorted(
        zip(names[::2], names[1::2], strict=True)
    )
    assert all(case.split is None for case in cases)
    assert any(note.startswith("From ") for note in cases.notes)
    assert not any("left out" in note for note in cases.notes)


@pytest.mark.parametrize("form", ["{split}/{side}/{n}", "{side}/{split}/{n}", "{split}{side}/{n}"])
def test_parts_of_a_split(tmp_path, form):
    for split in ("train", "val", "test"):
        fill(
            tmp_path,
            *(f"{form.format(split=split, side=side, n=n)}.png" for side in "AB" for n in "12"),
        )
    cases = read(tmp_path)
    assert [len(cases.of(split)) for split in ("train", "validation", "test")] == [2, 2, 2]
    assert len({case.name for case in cases}) == 6
    for case in cases:
        assert str(case.images[0]).replace("A", "B") == str(case.target)


def test_names_of_the_user_say_the_direction(tmp_path):
    fill(tmp_path, "A/1.png", "B/1.png")
    cases = read(tmp_path, "B", "A")
    assert pairs(cases, tmp_path) == {"1": ("B/1.png", "A/1.png")}
    assert "From B to A, as the options say." in cases.notes
    fill(tmp_path / "x", "pre/p1_pre.png", "post/p1_post.png", "pre/p2_pre.png", "post/p2_post.png")
    cases = read(tmp_path / "x", "post", "pre")
    assert pairs(cases, tmp_path / "x")["p1_post"] == ("post/p1_post.png", "pre/p1_pre.png")


def test_two_volumes_of_each_patient_whose_names_tell_nothing(tmp_path):
    fill(tmp_path, *(f"p{n}/{one}.nii.gz" for n in (1, 2) for one in ("scan2", "scan10")))
    cases = read(tmp_path)
    assert pairs(cases, tmp_path)["p1"] == ("p1/scan2.nii.gz", "p1/scan10.nii.gz")
    assert "From scan2 to scan10 (the other way round: --series scan10 scan2)." in cases.notes
    cases = read(tmp_path, "scan10", "scan2")
    assert pairs(cases, tmp_path)["p2"] == ("p2/scan10.nii.gz", "p2/scan2.nii.gz")


def test_names_of_one_letter(tmp_path):
    fill(tmp_path, *(f"p{n}/{one}.png" for n in (1, 2) for one in "ab"))
    assert pairs(read(tmp_path), tmp_path)["p1"] == ("p1/a.png", "p1/b.png")
    assert pairs(read(tmp_path, "b", "a"), tmp_path)["p2"] == ("p2/b.png", "p2/a.png")


def test_several_kinds_of_scans_are_a_choice(tmp_path):
    names = [f"p{n}/p{n}_{one}.nii.gz" for n in (1, 2) for one in ("t1", "t1ce", "flair", "seg")]
    fill(tmp_path, *names)
    with pytest.raises(Problem, match=r"T1, t1ce, FLAIR; names do not tell(.|\n)*--series T1 t1ce"):
        read(tmp_path)
    cases = read(tmp_path, "T1", "FLAIR")
    assert pairs(cases, tmp_path)["p1"] == ("p1/p1_t1.nii.gz", "p1/p1_flair.nii.gz")
    cases = read(tmp_path, "flair", "t1", "t1ce")
    assert pairs(cases, tmp_path)["p2"] == tuple(
        f"p2/p2_{one}.nii.gz" for one in ("flair", "t1", "t1ce")
    )
    with pytest.raises(Problem, match="No image is called DWI"):
        read(tmp_path, "t1", "DWI")
    with pytest.raises(Problem, match=r"two are named(.|\n)*--series t1"):
        read(tmp_path, "t1")


def test_masks_beside_pairs_are_left_out(tmp_path):
    fill(tmp_path, *(f"p{n}/{one}.nii.gz" for n in (1, 2) for one in ("mr", "ct", "mask")))
    cases = read(tmp_path)
    assert pairs(cases, tmp_path)["p1"] == ("p1/mr.nii.gz", "p1/ct.nii.gz")
    assert any(
        note.startswith("Label maps that are not used, left out (2)") for note in cases.notes
    )


def test_names_that_do_not_match_are_listed(tmp_path):
    fill(tmp_path, *(f"A/a{n}x.png" for n in range(8)), *(f"B/b{n + 50}y.png" for n in range(7)))
    with pytest.raises(Problem) as caught:
        read(tmp_path)
    text = str(caught.value)
    assert "8 images of A with no partner in B (A/a0x.png, A/a1x.png, A/a2x.png, A/a3x.png," in text
    assert "A/a4x.png and 3 more), and 7 images of B" in text
    assert "alike" in text
    fill(tmp_path / "x", "A/1.png", "A/2.png", "B/1.png", "B/3.png")
    with pytest.raises(Problem, match=r"1 image of A .*A/2\.png.* and 1 image of B .*B/3\.png"):
        read(tmp_path / "x")
    some = read_cases(tmp_path / "x", targets=["image"], strict=False)
    assert list(pairs(some, tmp_path / "x")) == ["1"]
    assert len(some.incomplete[0].files) == 2


def test_one_side_or_one_image_only(tmp_path):
    fill(tmp_path, "train/A/1.png", "train/A/2.png", "val/A/1.png", "val/B/1.png")
    with pytest.raises(Problem, match="2 images of A with no partner in B"):
        read(tmp_path)
    fill(tmp_path / "x", "A/1.png", "A/2.png")
    (tmp_path / "x" / "B").mkdir()
    with pytest.raises(Problem, match=r"2 in A(.|\n)*names do not tell which is made from which"):
        read(tmp_path / "x")
    fill(tmp_path / "y", "1.png")
    with pytest.raises(Problem, match=r"add one to 1\.png"):
        read(tmp_path / "y")


def test_test_images_without_targets_are_left_out(tmp_path):
    fill(tmp_path, "train/A/1.png", "train/B/1.png", "test/A/1.png", "test/A/2.png")
    cases = read(tmp_path)
    assert len(cases) == 1
    assert "Test images without a target are left out (2)." in cases.notes


def test_a_file_that_is_its_own_target(tmp_path):
    fill(tmp_path, "A/1.png", "A/2.png", "B/1.png")
    os.symlink(tmp_path / "A" / "2.png", tmp_path / "B" / "2.png")
    with pytest.raises(Problem, match=r"own target, by a link(.|\n)*A/2\.png"):
        read(tmp_path)
    path = tmp_path / "pairs.csv"
    path.write_text("image,target_image\nA/1.png,B/1.png\nA/2.png,B/2.png\n")
    with pytest.raises(Problem, match="Line 3 names its image as a target image too"):
        read(path)


def test_several_images_of_one_name(tmp_path):
    fill(tmp_path, "A/1.png", "A/1.npy", "B/1.png", "B/2.png")
    with pytest.raises(Problem, match=r"not clear which belong together(.|\n)*image,target_image"):
        read(tmp_path)


def test_a_table_of_pairs(tmp_path):
    fill(tmp_path, "a.png", "b.png", "a2.png", "b2.png")
    path = tmp_path / "pairs.csv"
    path.write_text("image,target_image,split,patient\na.png,a2.png,train,p\nb.png,b2.png,test,q\n")
    for targets in (["image"], ["label_map", "multiclass", "image"]):
        cases = read_cases(path, targets=targets)
        assert pairs(cases, tmp_path) == {"a": ("a.png", "a2.png"), "b": ("b.png", "b2.png")}
        assert [(case.patient, case.split) for case in cases] == [("p", "train"), ("q", "test")]
    write_cases(tmp_path / "cases.csv", cases)
    assert read_case_list(tmp_path / "cases.csv").cases == cases.cases
    path.write_text("image,target_image\na.png,a2.png\na.png,b2.png\n")
    with pytest.raises(Problem, match="1 image listed twice, with different targets"):
        read(path)
    path.write_text("image,target_image\na.png,a2.png\nb.png,\n")
    with pytest.raises(Problem, match="1 image without a target image"):
        read(path)


def test_other_families_do_not_see_pairs(tmp_path):
    fill(tmp_path, "A/1.png", "A/2.png", "B/1.png", "B/2.png")
    kinds = ["label_map", "multiclass", "image"]
    assert {case.text for case in read_cases(tmp_path, targets=kinds)} == {"A", "B"}
    fill(tmp_path / "x", "images/1.png", "masks/1.png")
    assert read_cases(tmp_path / "x", targets=kinds).fit(["label_map"])
    fill(tmp_path / "y", "p1_noisy.png", "p1_clean.png", "p2_noisy.png", "p2_clean.png")
    assert read_cases(tmp_path / "y", targets=kinds).fit(["image"])


@pytest.mark.parametrize("series", [("T2", "FLAIR"), ("FLAIR", "T2"), ()])
def test_two_dicom_series_of_a_patient(data, series):
    cases = read(data / "dicom_brain_mr", *series)
    assert [(case.name, case.patient) for case in cases] == [("PGBM-003",) * 2, ("PGBM-006",) * 2]
    from_t2 = series != ("FLAIR", "T2")
    for case in cases:
        assert ("T2reg" in str(case.images[0])) == from_t2
        assert ("FLAIRreg" in str(case.target)) == from_t2
    image = cases[1].image()
    target = cases[1].target_image(image)
    assert target.space == image.space
    assert np.corrcoef(image.array[::4, ::4].ravel(), target.array[::4, ::4].ravel())[0, 1] > 0.5


@pytest.mark.parametrize("form", ["{patient}/{series}/{file}", "{patient}/{series}{file}"])
def test_series_that_only_headers_tell(data, tmp_path, form):
    for patient in ("p1", "p2"):
        for series, folder in enumerate(sorted((data / "dicom_brain_mr" / "PGBM-006").iterdir())):
            for file in folder.iterdir():
                path = tmp_path / form.format(patient=patient, series=series, file=file.name)
                path.parent.mkdir(parents=True, exist_ok=True)
                os.symlink(file, path)
    for series in (("T2", "FLAIR"), ()):
        cases = read(tmp_path, *series)
        assert len(cases) == 2
        maxima = [(case.image().array.max(), case.target_image().array.max()) for case in cases]
        assert maxima == [(5347, 4032)] * 2
