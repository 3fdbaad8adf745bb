"""Volumes without label maps are parted between slices, and each part is an image of its own."""

from pathlib import Path

import numpy as np

from keras_mia.data.datasets.cases import Case, Slab
from keras_mia.data.datasets.splits.spatial import divided, part_of
from keras_mia.data.image import Image
from keras_mia.data.io.image_io import write_image


def test_a_part_lies_where_it_lay_in_the_whole():
    array = np.arange(5 * 4 * 10.0).reshape(5, 4, 10, 1)
    affine = np.array([[0, 2.0, 0, 5], [1.0, 0, 0, -3], [0, 0, 3.0, 1], [0, 0, 0, 1]])
    part = part_of(Image(array, affine), Slab(2, 0.8, 1.0))
    np.testing.assert_array_equal(part.array, array[:, :, 8:])
    np.testing.assert_array_equal(part.affine @ [1, 1, 0, 1], affine @ [1, 1, 8, 1])
    assert part_of(Image(array, affine), Path("mask.nii")).space == (5, 4, 10)


def test_thick_slices_are_parted_between_slices(tmp_path):
    array = np.random.default_rng(0).normal(size=(40, 30, 10)).astype(np.float32)
    write_image(tmp_path / "a.nii.gz", array[..., None], np.diag([1.0, 1.0, 6.0, 1.0]))
    case = Case("a", {"image": (tmp_path / "a.nii.gz",)}, None, "a")
    division, parts = divided(case, None, test=False)
    assert division.axis == 2
    spaces = [part_of(case.image(), part.region).space for part in parts]
    assert sorted(space[2] for space in spaces) == [1, 9]
