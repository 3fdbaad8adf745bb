"""Scales of intensities, of images and of the body in them; images on their source's grid again."""

import numpy as np
import pytest

from keras_mia.data.fingerprint.intensity import Intensity
from keras_mia.data.geometry.orientation import Orientation
from keras_mia.data.geometry.regridding import regrid
from keras_mia.data.preprocess.body_mask import air_around, body_mask
from keras_mia.data.preprocess.grid import Grid
from keras_mia.data.preprocess.normalize import SCHEMES, normalize, scale_of


def head(shape=(24, 20, 6), offset=0.0):
    """A bright ball with a dark hole and noise, in air."""
    generator = np.random.default_rng(0)
    distance = np.linalg.norm(np.indices(shape).T - np.array(shape) / 2, axis=-1).T
    array = generator.normal(0, 1, shape) + 100 * (distance < 7) - 100 * (distance < 1)
    return (array + offset)[..., None], distance < 7


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_scale_is_undone(scheme):
    array = np.random.default_rng(0).normal(50, 9, (6, 5, 2)).astype(np.float32)
    intensities = [Intensity(-1000, 1000, 40, 10)] * 2
    scale = scale_of(array, scheme, intensities)
    np.testing.assert_allclose(scale.undo(scale.apply(array)), array, rtol=1e-5)
    np.testing.assert_array_equal(normalize(array, scheme, intensities), scale.apply(array))


@pytest.mark.parametrize("offset", [0.0, -1000.0])
def test_the_body_is_found_with_its_holes_whatever_air_is(offset):
    array, truth = head(offset=offset)
    mask = body_mask(array)
    assert (mask == truth).mean() > 0.999
    assert air_around(array, mask)
    assert not air_around(array[8:16, 8:12], body_mask(array[8:16, 8:12]))
    normalized = normalize(array, "body")[mask]
    assert abs(normalized.mean()) < 1e-3
    assert abs(normalized.std() - 1) < 1e-3


def test_an_image_of_one_value_is_all_body():
    assert body_mask(np.zeros((3, 4, 1))).all()


def test_an_image_comes_back_onto_the_grid_it_was_cut_from():
    image = np.random.default_rng(0).normal(size=(5, 6, 4, 2)).astype(np.float32)
    orientation = Orientation((1, 0, 2), (True, False, False))
    box = ((1, 5), (0, 4), (0, 4))
    grid = Grid((5, 6, 4), None, orientation, box, (4, 4, 4), 2)
    prepared = grid.resample_image(grid.crop(image))
    assert prepared.shape == (4, 4, 4, 2)
    back = grid.restore_image([(0, prepared[:1]), (1, prepared[1:])], 2, outside=-7.0)
    np.testing.assert_allclose(grid.crop(back), grid.crop(image), rtol=1e-6)
    assert (back == -7).sum() == 2 * (5 * 6 * 4 - 4 * 4 * 4)


def test_a_volume_on_another_grid_is_interpolated_where_both_are():
    image = np.indices((8, 7, 6)).sum(0)[..., None].astype(np.float32)
    affine = np.array([[0, 2.0, 0, 5], [1.0, 0, 0, -3], [0, 0, 3.0, 1], [0, 0, 0, 1]])
    half = affine @ np.array([[0.5, 0, 0, 1], [0, 1, 0, 2], [0, 0, 1, 0], [0, 0, 0, 1]])
    moved = regrid(image, affine, (9, 4, 6), half)
    expected = 1 + np.arange(9) / 2
    np.testing.assert_allclose(moved[:, 0, 0, 0], expected + 2, atol=1e-4)
    assert regrid(image, affine, (1, 1, 1), np.eye(4) * 500).item() == image.min()
