"""Boxes on their images: which are drawn, where they lie, and how they are told."""

import io

import numpy as np
import PIL.Image
import pytest

from keras_mia.data.datasets.case_target import Texts
from keras_mia.data.datasets.cases import Case
from keras_mia.data.image import Image
from keras_mia.data.io.image_io import read_image, write_image
from keras_mia.data.preprocess.image_cache import encoded_targets
from keras_mia.data.targets.box import Box
from keras_mia.tasks.kinds.pictures.boxes import BEST, WORST, box_map, box_pictures

CORNERS = ("low_0", "low_1", "high_0", "high_1")


def boxed(tmp_path, number):
    """Pictures of 30 rows and 60 columns with a bright box each, and its shares."""
    cases, shares = [], []
    for i in range(number):
        image = np.full((30, 60), 40, np.uint8)
        image[3 + i : 12 + i, 10 : 40 - i] = 220
        write_image(tmp_path / f"{i}.png", image)
        cases.append(Case(f"c{i}", {"image": (tmp_path / f"{i}.png",)}, Texts(""), f"p{i}"))
        shares.append([(3 + i) / 30, 10 / 60, (12 + i) / 30, (40 - i) / 60])
    return cases, np.array(shares)


def test_the_worst_and_the_best_boxes_are_drawn_once_each(tmp_path):
    cases, truth = boxed(tmp_path, 9)
    predictions = truth + np.linspace(0, 0.2, 9)[:, None]
    titles = [picture.title for picture in box_pictures(cases, predictions, truth)]
    assert len(titles) == len({title.split(": ")[1] for title in titles}) == WORST + 1 + BEST
    assert titles[0].startswith("Worst: c8, iou 0.")
    assert titles[-2] == "Best: c0, iou 1.000"
    assert len(box_pictures(cases[:2], predictions[:2], truth[:2], prefix="box: ")) == 2


def test_the_truth_is_drawn_around_what_it_is_of(tmp_path):
    cases, truth = boxed(tmp_path, 1)
    (picture,) = box_pictures(cases, np.clip(truth + 0.1, 0, 1), truth)
    assert [label for label, _ in picture.images][:3] == ["Image", "Truth", "Prediction"]
    drawn = np.asarray(PIL.Image.open(io.BytesIO(picture.images[1][1])).convert("RGB")).astype(int)
    orange = (drawn[..., 0] - drawn[..., 2]) > 100
    rows, columns = np.nonzero(orange)
    scale = drawn.shape[0] / 30
    ends = [rows.min() / scale, columns.min() / scale, rows.max() / scale, columns.max() / scale]
    np.testing.assert_allclose(ends, [3, 10, 12, 40], atol=0.5)


def test_a_box_of_no_size_is_a_voxel_within_the_image():
    assert box_map(np.array([1.0, 1.0, 1.0, 1.0]), (4, 5)).tolist()[3] == [0, 0, 0, 0, 1]
    assert box_map(np.array([-1.0, 0.2, 2.0, 0.2]), (2, 5)).sum() == 2


@pytest.mark.parametrize("orientation", ["as it lies", "flipped", "permuted"])
@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ((), "2 3 4 12 9 8"),
        (("x0", "y0", "z0", "x1", "y1", "z1"), "2; 3; 4; 12; 9; 8"),
        (("x", "y", "z", "w", "h", "d"), "2; 3; 4; 10; 6; 4"),
    ],
)
def test_a_told_box_is_that_of_the_file_again(tmp_path, orientation, columns, text):
    affine = np.diag([1.0, 1.0, 2.0, 1.0])
    if orientation == "flipped":
        affine[[0, 1], [0, 1]] = -1
    if orientation == "permuted":
        affine = affine[[1, 2, 0, 3]] * np.array([1, -1, 1, 1])
    write_image(tmp_path / "v.nii.gz", np.zeros((20, 16, 10), np.float32), affine)
    names = tuple(f"{end}_{axis}" for end in ("low", "high") for axis in range(3))
    target = Box(names, columns)
    case = Case("v", {"image": (tmp_path / "v.nii.gz",)}, Texts(text), "v")
    (shares,) = encoded_targets([case], target)
    corners = target.voxels(shares, read_image(case.images[0]))
    assert [float(value) for value in corners.values()] == pytest.approx(
        [float(part) for part in text.replace(";", "").split()], abs=0.01
    )
    assert next(iter(corners)) == (f"box {columns[0]}" if columns else "box low_0")


def test_a_picture_is_told_by_its_columns():
    target = Box(CORNERS, columns=("xmin", "ymin", "xmax", "ymax"))
    corners = target.voxels(np.array([0.1, 0.5, 0.2, 1.0]), Image(np.zeros((30, 60, 1))))
    assert corners == {
        "box xmin": "30.00",
        "box ymin": "3.00",
        "box xmax": "60.00",
        "box ymax": "6.00",
    }
