"""Surface distances against scikit-image and slow, obvious code, and their laws."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage
from skimage.metrics import hausdorff_distance

from keras_mia.metrics.segmentation import surface
from keras_mia.metrics.segmentation.surface import surface_distances, surface_of


def blob(shape, centre, radius):
    grid = np.indices(shape)
    return sum((grid[i] - centre[i]) ** 2 for i in range(len(shape))) <= radius**2


def slow_surface(mask):
    return mask & ~ndimage.binary_erosion(mask)


def slow_distances(truth, guess, spacing):
    truth, guess = slow_surface(truth), slow_surface(guess)
    to_truth = ndimage.distance_transform_edt(~truth, sampling=spacing)
    to_guess = ndimage.distance_transform_edt(~guess, sampling=spacing)
    return to_guess[truth], to_truth[guess]


@st.composite
def pairs(draw):
    shape = draw(arrays.array_shapes(min_dims=1, max_dims=3, max_side=7))
    masks = [draw(arrays.arrays(bool, shape)) for _ in range(2)]
    spacing = draw(st.lists(st.floats(0.2, 5), min_size=len(shape), max_size=len(shape)))
    return *masks, spacing


@settings(max_examples=100, deadline=None)
@given(pairs())
def test_distances_are_those_of_a_distance_transform(pair):
    truth, guess, spacing = pair
    result = surface_distances(truth, guess, spacing)
    np.testing.assert_array_equal(surface_of(truth), slow_surface(truth))
    if truth.any() and guess.any():
        for mine, slow in zip(result, slow_distances(truth, guess, spacing), strict=True):
            np.testing.assert_allclose(mine, slow, atol=1e-9)
    else:
        assert not result.from_truth.size
        assert math.isnan(surface.hd95_mm(result))


@pytest.mark.parametrize("spacing", [(1, 1, 1), (0.3, 2, 1), (3, 0.5, 0.5)])
@pytest.mark.parametrize("centre", [(10, 11, 9), (10, 20, 30), (14, 34, 34)])
def test_near_and_far_surfaces(centre, spacing):
    truth, guess = blob((24, 44, 44), (9, 9, 9), 7), blob((24, 44, 44), centre, 8)
    result = surface_distances(truth, guess, spacing)
    for mine, slow in zip(result, slow_distances(truth, guess, spacing), strict=True):
        np.testing.assert_allclose(mine, slow, atol=1e-9)


def test_a_long_way_along_fine_voxels():
    truth, guess = np.zeros((2, 400, 9), bool)
    truth[[0, 390], 1], guess[350, 1], guess[5, 6] = True, True, True
    for spacing in ((0.01, 1.0), (0.01, 0.4)):
        result = surface_distances(truth, guess, spacing)
        for mine, slow in zip(result, slow_distances(truth, guess, spacing), strict=True):
            np.testing.assert_allclose(mine, slow, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(pairs(), st.integers(0, 3))
def test_moving_both_changes_nothing_and_order_neither(pair, shift):
    truth, guess, spacing = pair
    moved = [np.pad(mask, [(shift + 1, 1)] * mask.ndim) for mask in (truth, guess)]
    for name in ("hausdorff_mm", "hd95_mm", "mean_surface_distance_mm"):
        measure = getattr(surface, name)
        value = measure(surface_distances(truth, guess, spacing))
        assert measure(surface_distances(*moved, spacing)) == pytest.approx(value, nan_ok=True)
        assert measure(surface_distances(guess, truth, spacing)) == pytest.approx(
            value, nan_ok=True
        )


def test_hausdorff_is_that_of_scikit_image():
    truth, guess = blob((30, 30, 30), (14, 15, 13), 8), blob((30, 30, 30), (16, 14, 15), 6)
    result = surface.hausdorff_mm(surface_distances(truth, guess))
    expected = hausdorff_distance(slow_surface(truth), slow_surface(guess))
    assert result == pytest.approx(expected)


@pytest.mark.parametrize("shape", [(20,), (20, 22), (20, 22, 18)])
def test_a_shift_is_its_length_in_mm(shape):
    spacing = (2.5, 1.0, 0.7)[: len(shape)]
    truth = blob(shape, [8] * len(shape), 4)
    distances = surface_distances(truth, np.roll(truth, 3, axis=0), spacing)
    assert surface.hausdorff_mm(distances) == pytest.approx(7.5)
    assert surface.hd95_mm(distances) <= 7.5
    assert surface.surface_dice(distances, 7.5) == 1
    assert surface.surface_dice(distances, 0.1) < 1


def test_by_hand():
    truth, guess = np.zeros((2, 1, 9), bool)
    truth[0, 0], guess[0, [0, 4]] = True, True
    distances = surface_distances(truth, guess, (1, 0.5))
    np.testing.assert_allclose(distances.from_truth, [0])
    np.testing.assert_allclose(distances.from_prediction, [0, 2])
    assert surface.hausdorff_mm(distances) == 2
    assert surface.hd95_mm(distances) == pytest.approx(1.9)
    assert surface.mean_surface_distance_mm(distances) == pytest.approx(2 / 3)
    assert surface.surface_dice(distances, 1) == pytest.approx(2 / 3)


def test_what_does_not_fit_is_told():
    mask = np.ones((3, 3))
    with pytest.raises(ValueError, match="do not fit"):
        surface_distances(mask, mask[1:])
    with pytest.raises(ValueError, match="do not fit"):
        surface_distances(mask, mask, (1, 1, 1))
