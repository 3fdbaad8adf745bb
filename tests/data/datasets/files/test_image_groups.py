"""Label maps beside images, several masks of an image, observers, and a folder a case."""

import shutil

import numpy as np
import PIL.Image
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data import read_cases, read_inputs, write_image
from keras_mia.data.datasets.case_list import read_case_list, write_cases
from keras_mia.data.datasets.case_target import LabelMapFile
from keras_mia.data.datasets.mask_files import Masks


def fill(root, *names):
    """Pictures of 6 x 8 and volumes of 6 x 8 x 2, each with another voxel set."""
    for number, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        space = (6, 8) if path.suffix in (".png", ".jpg") else (6, 8, 2)
        array = np.zeros(space, np.uint8)
        array.flat[number] = 1
        write_image(path, array)


def relative(path, root):
    return path.relative_to(root).as_posix()


def target(case, root):
    if isinstance(case.target, Masks):
        return [relative(path, root) for path in case.target.files]
    return relative(case.target.path, root)


def pairs(cases, root):
    return {relative(case.images[0], root): target(case, root) for case in cases}


@pytest.mark.parametrize(
    ("image", "label"),
    [
        ("x{}_image.nrrd", "x{}_label.nrrd"),
        ("{}.png", "{}_mask.png"),
        ("img_{:03}.png", "mask_{:03}.png"),
        ("img{}.png", "mask{}.png"),
        ("volume-{}.nii.gz", "segmentation-{}.nii.gz"),
        ("ISIC_{:07}.jpg", "ISIC_{:07}_segmentation.png"),
        ("case {}.mha", "case {}.seg.mha"),
        ("{}.png", "{}_ground_truth.png"),
        ("p{}/image.nii.gz", "p{}/label.nii.gz"),
        ("p{}/CT.nii.gz", "p{}/segmentation.nii.gz"),
        ("p{0}/p{0}_scan.nii.gz", "p{0}/p{0}_gt.nii.gz"),
        ("X_Data/{}.png", "X_GroundTruth/{}_mask.png"),
        ("lung images/{}.png", "lung masks/{}.png"),
        ("volumes/volume-{}.nii.gz", "segmentations/segmentation-{}.nii.gz"),
        ("images/{}.png", "1stHO/{}_1stHO.png"),
    ],
)
def test_pairs_by_names(tmp_path, image, label):
    expected = {image.format(i): label.format(i) for i in (1, 2, 10)}
    fill(tmp_path, *expected, *expected.values())
    cases = read_cases(tmp_path)
    assert pairs(cases, tmp_path) == expected
    assert {relative(case.images[0], tmp_path) for case in read_inputs(tmp_path)} == set(expected)
    with pytest.raises(Problem) as caught:  # never a class
        read_cases(tmp_path, targets=["multiclass"])
    assert "A folder a class" not in str(caught.value)


def test_parts_of_a_split_above(tmp_path):
    for part in ("train", "val", "test"):
        fill(tmp_path, f"{part}/{part}.png", f"{part}/{part}_mask.png")
    cases = read_cases(tmp_path)
    assert [len(cases.train), len(cases.validation), len(cases.test)] == [1, 1, 1]
    with pytest.raises(Problem, match="parts of a split, not classes"):
        read_cases(tmp_path, targets=["multiclass"])


@pytest.mark.parametrize("folders", [("images/", "labels/"), ("", "")])
def test_the_first_of_two_observers(tmp_path, folders):
    images, labels = folders
    for eye in ("01L", "01R", "02L"):
        fill(tmp_path, f"{images}Image_{eye}.jpg")
        fill(tmp_path, *(f"{labels}Image_{eye}_{who}.png" for who in ("1stHO", "2ndHO")))
    cases = read_cases(tmp_path)
    assert [case.target.path.name for case in cases] == [
        f"Image_{eye}_1stHO.png" for eye in ("01L", "01R", "02L")
    ]
    assert any("other observers are left out (3)" in note for note in cases.notes)
    assert any("--patient '(\\d+)[LR]' finds 2 patients in 3 files" in n for n in cases.notes)


STRUCTURES = ("Heart", "Left_Lung", "Right_Lung")


@pytest.mark.parametrize(
    "form",
    [
        ("images/{}.png", "masks/{}__{}.png"),
        ("{}.png", "{}__{}.png"),
        ("{}.png", "{}_{}_mask.png"),
        ("{}.png", "{}_mask_{}.png"),
        ("img/{}_image.png", "img/{}_seg_{}.png"),
    ],
)
def test_masks_of_several_structures_are_joined(tmp_path, form):
    image, mask = form
    for name in ("X1", "X2"):
        fill(tmp_path, image.format(name), *(mask.format(name, one) for one in STRUCTURES))
    cases = read_cases(tmp_path)
    assert dict(cases.names) == {0: "background", 1: "heart", 2: "left lung", 3: "right lung"}
    assert [case.target.values for case in cases] == [(1, 2, 3)] * 2
    assert cases[0].label().array.ravel()[:5].tolist() == [0, 1, 2, 3, 0]
    assert any("1 heart, 2 left lung, 3 right lung" in note for note in cases.notes)
    assert len(read_inputs(tmp_path, structures=True)) == 2
    write_cases(tmp_path / "cases.csv", cases)
    assert read_case_list(tmp_path / "cases.csv")[0].target == cases[0].target


def test_a_structure_that_some_images_lack_is_said(tmp_path):
    fill(tmp_path, "images/a.png", "images/b.png", "masks/a_disc.png", "masks/a_cup.png")
    fill(tmp_path, "masks/b_disc.png")
    cases = read_cases(tmp_path)
    assert [case.target.values for case in cases] == [(1, 2), (2,)]
    assert "1 image without a mask of cup: taken as absent." in cases.notes


def mask(root, name, rows):
    array = np.zeros((6, 8), np.uint8)
    array[rows] = 255
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    write_image(root / name, array)


def test_masks_that_lie_in_one_another_or_overlap(tmp_path):
    fill(tmp_path, "images/a.png", "images/b.png")
    for name in "ab":
        mask(tmp_path, f"masks/{name}_disc.png", slice(0, 4))
        mask(tmp_path, f"masks/{name}_cup.png", slice(1, 2))
    label = read_cases(tmp_path)[0].label().array[:, 0, 0]
    assert label.tolist() == [2, 1, 2, 2, 0, 0]
    mask(tmp_path, "masks/b_cup.png", slice(3, 6))
    with pytest.raises(Problem, match=r"8 voxels are in two masks(.|\n)*b_(cup|disc)\.png"):
        read_cases(tmp_path)[1].label()


def test_numbered_masks_are_merged(tmp_path):
    for name, numbers in (("a", (1, 2)), ("b", (1,))):
        fill(tmp_path, f"{name}.png", *(f"{name}_mask_{i}.png" for i in numbers))
    cases = read_cases(tmp_path)
    assert cases[0].label().array.ravel()[:4].tolist() == [0, 1, 1, 0]
    assert "The masks of an image are merged (1 image with several)." in cases.notes


def pasted(problem, root):
    """The table that a message tells the user to write."""
    lines = problem.remedy.partition("It begins:\n")[2].splitlines()[:2]
    (root / "cases.csv").write_text("\n".join(line.strip() for line in lines) + "\n")
    return root / "cases.csv"


@pytest.mark.parametrize(
    "names",
    [
        ("images/a.png", "masks/a.png", "masks/a_left.png", "images/b.png", "masks/b_left.png"),
        ("images/aa.png", "images/bb.png", "masks/x.png", "masks/y.png"),
        ("images/a.png", "labels/a.png", "annotations/a.png"),
        ("images/a, 1.png", "images/b.png", "masks/x.png", "masks/y.png"),
    ],
)
def test_what_is_not_clear_is_answered_by_a_table_to_paste(tmp_path, names):
    fill(tmp_path, *names)
    with pytest.raises(Problem) as caught:
        read_cases(tmp_path)
    assert len(str(caught.value).split()) < 75
    (case,) = read_cases(pasted(caught.value, tmp_path))
    assert case.images[0].parent.name == "images"
    assert case.label().space == (6, 8)


def test_a_table_to_paste_of_images_alone(tmp_path):
    fill(tmp_path, "foo/a.png", "foo/b.png", "bar/c.png")
    with pytest.raises(Problem, match=r"2 in foo(.|\n)*keras-mia classify --data") as caught:
        read_cases(tmp_path)
    assert "bar/c.png,LABELMAP.png" in caught.value.remedy
    shutil.rmtree(tmp_path / "bar")
    with pytest.raises(Problem, match="of which class") as caught:
        read_cases(tmp_path, targets=["multiclass"])
    (case,) = read_cases(pasted(caught.value, tmp_path), targets=["multiclass"])
    assert case.text == "CLASS"


def test_images_that_are_named_alike_are_no_masks(tmp_path):
    """`p1_post` is an image too: it does not look like a mask."""
    rng = np.random.default_rng(0)
    for name in ("p1", "p1_post", "p2", "p2_post"):
        write_image(tmp_path / f"{name}.png", rng.integers(0, 255, (6, 8)).astype(np.uint8))
    assert len(read_inputs(tmp_path, structures=True)) == 4
    with pytest.raises(Problem, match="names do not tell which are label maps"):
        read_cases(tmp_path)


def test_a_table_joins_masks(tmp_path):
    fill(tmp_path, "a.png", "m1.png", "m2.png")
    (tmp_path / "cases.csv").write_text("image,label\na.png,m1.png;m2.png\n")
    (case,) = read_cases(tmp_path / "cases.csv")
    assert case.label().array.ravel()[:4].tolist() == [0, 1, 2, 0]


def test_blurred_masks_and_masks_of_several_labels(tmp_path):
    fill(tmp_path, "images/a.png")
    rng = np.random.default_rng(0)
    for name, rows in (("left", slice(0, 2)), ("right", slice(4, 6))):
        array = rng.integers(0, 9, (6, 8))
        array[rows] = rng.integers(247, 256, (2, 8))
        (tmp_path / "masks").mkdir(exist_ok=True)
        write_image(tmp_path / "masks" / f"a_{name}.png", array.astype(np.uint8))
    label = read_cases(tmp_path)[0].label().array[..., 0]
    assert label.tolist() == [[1] * 8] * 2 + [[0] * 8] * 2 + [[2] * 8] * 2
    write_image(tmp_path / "masks" / "a_left.png", np.arange(48).reshape(6, 8).astype(np.uint8))
    with pytest.raises(Problem, match=r"holds 0 and one other value(.|\n)*a_left\.png"):
        read_cases(tmp_path)[0].label()


def test_two_structures_with_one_mask(tmp_path):
    fill(tmp_path, "images/a.png")
    for name in ("left", "right"):
        mask(tmp_path, f"masks/a_{name}.png", slice(0, 2))
    with pytest.raises(Problem, match="16 voxels are in two masks"):
        read_cases(tmp_path)[0].label()


@pytest.mark.parametrize(
    ("folders", "names"),
    [
        (("leftMask", "rightMask"), {0: "background", 1: "left", 2: "right"}),
        (("lung", "heart"), {0: "background", 1: "heart", 2: "lung"}),
        (("observer1", "observer2"), {}),
    ],
)
def test_folders_of_structures_or_observers(tmp_path, folders, names):
    fill(tmp_path, "CXR_png/1_0.png", "CXR_png/2_1.png")
    fill(tmp_path, *(f"ManualMask/{one}/{i}.png" for one in folders for i in ("1_0", "2_1")))
    cases = read_cases(tmp_path)
    assert dict(cases.names) == names
    expected = {Masks} if names else {LabelMapFile}
    assert {type(case.target) for case in cases} == expected
    if not names:
        assert all(case.target.path.parent.name == "observer1" for case in cases)
    assert len(read_inputs(tmp_path)) == 2


def test_folders_of_masks_below_classes_hold_no_images(tmp_path):
    for name in ("COVID", "Normal"):
        fill(tmp_path, *(f"{name}/{kind}/{i}.png" for kind in ("images", "masks") for i in (1, 2)))
    assert [case.text for case in read_cases(tmp_path, targets=["multiclass"])] == ["COVID"] * 2 + [
        "Normal"
    ] * 2
    assert len(read_cases(tmp_path)) == len(read_inputs(tmp_path)) == 4


def test_a_label_map_of_an_image_that_is_missing_is_no_part_of_another(tmp_path):
    fill(tmp_path, "IMG_1.png", "IMG_1_mask.png", "IMG_1_2_mask.png", "benign.png")
    fill(tmp_path, "benign_mask.png", "benign (3)_mask.png")
    with pytest.raises(Problem, match="2 of 4 images have no label map") as caught:
        read_cases(tmp_path)
    assert "IMG_1_2_mask.png" in str(caught.value)
    cases = read_cases(tmp_path, strict=False)
    assert {case.name: case.target.path.name for case in cases} == {
        "IMG_1": "IMG_1_mask.png",
        "benign": "benign_mask.png",
    }


@pytest.mark.parametrize(
    "names",
    [
        ("a.png", "a.jpg", "a.jpg.png"),
        ("a.png", "A.png", "a.PNG"),
        ("a b.png", "a_b.png", "a-b.png"),
        ("x.png", "x_image.png", "x.jpg"),
        ("FLAIR/x.png", "FLAIR/x.jpg", "T2/x.png"),
        ("a.tar.png", "a.tar.jpg", "a_tar.png", "a.png"),
        ("s.nii", "s.nii.gz", "s.mha"),
    ],
)
def test_images_whose_names_tell_one_case_are_all_kept(tmp_path, names):
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        if name.startswith("s."):
            write_image(tmp_path / name, np.zeros((4, 5, 3), np.uint8))
        else:
            PIL.Image.new("L", (4, 5)).save(tmp_path / name)
    cases = read_inputs(tmp_path)
    assert sorted(path for case in cases for path in case.images) == sorted(
        tmp_path / name for name in names
    )
    assert len({case.name for case in cases}) == len(names)
    assert len(cases.notes) == 1


def test_a_mask_of_images_with_one_name_is_no_image(tmp_path):
    for name in ("a.png", "a.bmp", "a_mask.png"):
        PIL.Image.new("L", (4, 5)).save(tmp_path / name)
    assert len(read_inputs(tmp_path)) == 2
