"""Resampling of voxel grids."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_mia.data.geometry.affines import resampled_affine
from keras_mia.data.geometry.nonzero_box import nonzero_box
from keras_mia.data.geometry.resampling import resample, resample_labels, resampled_space


def test_resampled_space_keeps_the_extent_and_ignores_rounding():
    assert resampled_space((100, 51, 30), (1.0, 1.0, 5.0), (1.004, 2.0, 1.0)) == (100, 26, 150)
    assert resampled_space((1, 2), (1.0, 1.0), (9.0, 9.0)) == (1, 1)


@given(st.integers(1, 40), st.integers(1, 40))
def test_a_constant_stays_constant(old, new):
    assert np.allclose(resample(np.full((old, 2), 3.0), (new,)), 3.0)


@given(st.integers(4, 40), st.integers(4, 60))
@settings(deadline=None)
def test_a_ramp_stays_a_ramp_in_mm(old, new):
    ramp = np.arange(old) + 0.5
    position = (np.arange(new) + 0.5) * old / new
    inside = (position > 0.5) & (position < old - 0.5)
    found = resample(ramp, (new,), smooth=False)
    np.testing.assert_allclose(found[inside], position[inside], rtol=1e-5)


def test_resampling_is_separable_and_equals_scipy():
    from scipy.ndimage import map_coordinates

    array = np.random.default_rng(0).normal(size=(7, 9, 5)).astype(np.float32)
    new = (10, 6, 13)
    positions = [(np.arange(n) + 0.5) * o / n - 0.5 for n, o in zip(new, array.shape, strict=True)]
    grid = np.meshgrid(*positions, indexing="ij")
    expected = map_coordinates(array, grid, order=1, mode="nearest")
    np.testing.assert_allclose(resample(array, new, smooth=False), expected, atol=1e-5)


def test_shrinking_smooths_first():
    stripes = np.tile([0.0, 1.0], 32)
    assert np.ptp(resample(stripes, (16,))[2:-2]) < 0.2
    spike = np.zeros(64)
    spike[31] = 1
    assert resample(spike, (16,)).max() > 0


def test_affine_of_a_resampled_grid_keeps_the_outer_edges():
    affine = np.array([[0, 2.0, 0, 5], [1, 0, 0, -3], [0, 0, 4.0, 7], [0, 0, 0, 1]])
    space, new = (9, 7, 5), (4, 14, 11)
    moved = resampled_affine(affine, space, new)
    for end in itertools.product((0, 1), repeat=3):
        before = affine @ [*(e * n - 0.5 for e, n in zip(end, space, strict=True)), 1]
        after = moved @ [*(e * n - 0.5 for e, n in zip(end, new, strict=True)), 1]
        np.testing.assert_allclose(after, before, atol=1e-12)


@given(
    st.integers(0, 10**6), st.tuples(*[st.integers(2, 9)] * 3), st.tuples(*[st.integers(1, 9)] * 3)
)
@settings(max_examples=40, deadline=None)
def test_labels_equal_linear_one_hot_and_argmax(seed, space, new):
    labels = np.random.default_rng(seed).choice([0, 3, 255], size=space).astype(np.uint8)
    found = resample_labels(labels, new)
    values = np.array([0, 3, 255])
    support = resample((labels[..., None] == values).astype(np.float32), new, smooth=False)
    chosen = np.take_along_axis(support, np.searchsorted(values, found)[..., None], -1)[..., 0]
    np.testing.assert_allclose(chosen, support.max(axis=-1), atol=1e-5)
    assert found.dtype == np.uint8
    assert found.shape == new


def test_labels_of_many_rows_go_slab_by_slab(monkeypatch):
    labels = np.random.default_rng(1).integers(0, 4, (20, 6)).astype(np.uint8)
    whole = resample_labels(labels, (33, 9))
    monkeypatch.setattr("keras_mia.data.geometry.resampling.SLAB", 18)
    assert np.array_equal(resample_labels(labels, (33, 9)), whole)


def test_box_of_what_is_not_zero():
    image = np.zeros((6, 7, 8, 2))
    image[2, 3, 4, 0] = image[4, 3, 6, 1] = -1
    assert nonzero_box(image) == ((2, 5), (3, 4), (4, 7))
    assert nonzero_box(np.zeros((2, 3, 1))) == ((0, 2), (0, 3))


@pytest.mark.parametrize("space", [(7,), (6, 9), (5, 1, 8), (4, 5, 6, 2)])
def test_resampling_in_slabs_is_that_of_the_whole(monkeypatch, space):
    array = np.random.default_rng(0).normal(size=space).astype(np.float32)
    new = [5, 11, 3][: min(3, len(space))]
    whole = resample(array, new)
    monkeypatch.setattr("keras_mia.data.geometry.resampling.SLAB", 3)
    np.testing.assert_array_equal(resample(array, new), whole)
