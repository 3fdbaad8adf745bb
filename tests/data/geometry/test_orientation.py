"""Volumes in RAS order and back."""

import itertools

import nibabel as nib
import numpy as np
import pytest
from nibabel.orientations import axcodes2ornt, inv_ornt_aff, ornt_transform

from keras_mia.data.geometry.orientation import Orientation, tilt

CODES = [
    "".join(code)
    for order in itertools.permutations(["RL", "AP", "SI"])
    for code in itertools.product(*order)
]


def oriented(code: str, space=(3, 4, 5)) -> tuple[np.ndarray, np.ndarray]:
    """A volume stored in the order `code`, cut from one RAS volume with an oblique affine."""
    ras = np.arange(np.prod(space), dtype=np.int16).reshape(space)
    rotation = np.array([[0.98, -0.17, 0.05], [0.17, 0.98, 0.02], [-0.05, -0.01, 0.99]])
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = rotation * [1.0, 1.5, 3.0], [-10, 20, 5]
    change = ornt_transform(axcodes2ornt("RAS"), axcodes2ornt(code))
    stored = nib.orientations.apply_orientation(ras, change)
    return stored, affine @ inv_ornt_aff(change, space)


@pytest.mark.parametrize("code", CODES)
def test_every_orientation_is_brought_to_ras_and_back(code):
    expected, expected_affine = oriented("RAS")
    array, affine = oriented(code)
    orientation = Orientation.to_ras(affine)
    upright = orientation.apply(array)
    assert np.array_equal(upright, expected)
    found = orientation.apply_to_affine(affine, array.shape)
    np.testing.assert_allclose(found, expected_affine, atol=1e-12)
    assert np.array_equal(orientation.undo(upright), array)
    assert orientation.permute(array.shape) == upright.shape


@pytest.mark.parametrize("angle", [0, 12, 40])
def test_tilt_is_the_angle_of_a_turn(angle):
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    affine = np.diag([0, 0, 0, 1.0])
    affine[:3, :3] = np.array([[0, 0, 1], [cos, sin, 0], [-sin, cos, 0]]) * [1, 2, 8]
    assert tilt(affine, Orientation.to_ras(affine)) == pytest.approx(angle, abs=1e-4)


def test_orientation_leaves_channels_in_place():
    array, affine = oriented("SPL")
    channels = np.stack([array, -array], axis=-1)
    orientation = Orientation.to_ras(affine)
    upright = orientation.apply(channels)
    assert np.array_equal(upright[..., 1], -upright[..., 0])
    assert np.array_equal(orientation.undo(upright), channels)


def test_an_orientation_of_none_is_the_identity():
    array = np.arange(6).reshape(2, 3)
    assert np.array_equal(Orientation.none(2).apply(array), array)
