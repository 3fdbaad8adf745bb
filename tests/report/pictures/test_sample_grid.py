"""Samples of a network side by side."""

import numpy as np

from keras_mia.report.pictures.sample_grid import GAP, sample_grid, sample_tile


def test_gray_levels_are_scaled_by_the_range_and_cut_at_its_ends():
    image = np.array([[-1.0, 0.0], [0.5, 2.0]])[..., None]
    tile = sample_tile(image, (0, 1))
    assert tile[..., 0].tolist() == [[0, 0], [128, 255]]
    assert (tile == tile[..., :1]).all()
    assert (sample_tile(image, (3, 3)) == 0).all()


def test_three_channels_are_colours_and_two_are_not():
    image = np.arange(12.0).reshape(2, 2, 3)
    assert sample_tile(image, (0, 255)).tolist() == image.tolist()
    assert (sample_tile(image[..., 1:], (0, 255)) == image[..., 1:2]).all()


def test_of_a_volume_the_middle_slice_is_drawn_with_the_front_up():
    volume = np.zeros((2, 3, 5, 1))
    volume[0, 2, 2] = 1  # far left, in front
    assert sample_tile(volume, (0, 1), in_ras=True)[..., 0].tolist()[0] == [255, 0]
    assert sample_tile(volume, (0, 1))[..., 0].tolist() == [[0, 0, 255], [0, 0, 0]]


def test_rows_are_filled_one_after_the_other():
    tiles = [np.full((3, 4, 3), number, np.uint8) for number in range(5)]
    grid = sample_grid(tiles, columns=2)
    assert grid.shape == (3 * 3 + 2 * GAP, 2 * 4 + GAP, 3)
    assert grid[3 + GAP, 4 + GAP, 0] == 3
    assert (grid[3 : 3 + GAP] == 255).all()
    assert (grid[-1, 4:] == 255).all()
