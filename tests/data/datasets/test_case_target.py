"""An image that is to be made, put on the grid of that which it is made from."""

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_target import FILLED_UP, RESAMPLED, ImageFile
from keras_mia.data.image import Image
from keras_mia.data.io.image_io import read_image, write_image

LINE = np.arange(6.0, dtype=np.float32).reshape(6, 1, 1) * np.ones((1, 4, 4), np.float32)


def moved(by, voxel=1.0):
    affine = np.diag([voxel, 1.0, 1.0, 1.0])
    affine[0, 3] = by
    return affine


def target(folder, affine, array=LINE):
    write_image(folder / "target.nii.gz", array, affine)
    return ImageFile(folder / "target.nii.gz")


def test_on_one_grid_it_is_as_it_is(tmp_path):
    image = target(tmp_path, moved(0)).read(Image(LINE[..., None], moved(0)))
    assert image.remarks == read_image(tmp_path / "target.nii.gz").remarks
    np.testing.assert_array_equal(image.array[..., 0], LINE)


def test_on_another_grid_it_is_resampled_and_said(tmp_path):
    like = Image(np.zeros((9, 4, 4, 1)), moved(1.0, 0.5))
    image = target(tmp_path, moved(0)).read(like)
    assert image.space == like.space
    np.testing.assert_allclose(image.array[:, 2, 2, 0], np.arange(1, 5.5, 0.5))
    assert image.remarks[-1] == RESAMPLED


def test_what_it_does_not_reach_is_said(tmp_path):
    like = Image(np.zeros((100, 4, 4, 1)), moved(-0.9) @ np.diag([0.06, 1, 1, 1]))
    image = target(tmp_path, moved(-0.5)).read(like)
    assert image.array[0, 0, 0, 0] == 0
    assert image.remarks[-2:] == (RESAMPLED, FILLED_UP)


def test_what_it_does_not_reach_by_far_is_refused(tmp_path):
    with pytest.raises(Problem, match="shows 50 % of what its image shows"):
        target(tmp_path, moved(3)).read(Image(LINE[..., None], moved(0)))


@pytest.mark.parametrize(
    ("like", "message"),
    [
        (Image(LINE[..., None], moved(40)), "no voxel in common"),
        (Image(np.zeros((5, 4, 4, 1))), "share one grid; these have 5 x 4 x 4 and 6 x 4 x 4"),
        (Image(np.zeros((6, 4, 1))), "An image of 2 axes has a target of 3"),
    ],
)
def test_what_cannot_be_put_there_is_refused(tmp_path, like, message):
    with pytest.raises(Problem, match=rf"{message}[\s\S]*target\.nii"):
        target(tmp_path, moved(0)).read(like)
