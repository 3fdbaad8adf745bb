"""Many images in one picture, and pictures as files."""

import io

import numpy as np
import pytest
from PIL import Image

from keras_mia.report.pictures.grid import (
    FILM_BYTES,
    GROUND,
    film_frames,
    image_files,
    in_a_grid,
    sample_grid,
    sample_tile,
)


def opened(file):
    return np.asarray(Image.open(io.BytesIO(file)))


def test_images_are_in_reading_order_with_gaps():
    images = np.arange(5.0)[:, None, None, None] * np.ones((5, 4, 6, 1))
    picture = sample_grid(images, 3, low=0.0, high=4.0, gap=1)
    assert picture.shape == (9, 20, 1)
    assert picture.dtype == np.uint8
    assert [picture[0, 0, 0], picture[0, 7, 0], picture[0, 14, 0]] == [0, 64, 128]
    assert [picture[5, 0, 0], picture[5, 7, 0]] == [191, 255]
    assert (picture[4] == GROUND).all()
    assert (picture[5:, 14:] == GROUND).all()


def test_values_beyond_the_range_are_cut_off_and_colours_stay():
    images = np.stack([np.full((2, 2, 3), (-9.0, 0.0, 9.0)), np.full((2, 2, 3), np.nan)])
    picture = sample_grid(images, 8, low=-1.0, high=1.0, gap=0)
    assert picture[0, 0].tolist() == [0, 128, 255]
    assert picture[0, 2].tolist() == [0, 0, 0]
    assert picture.shape == (2, 4, 3)


def test_a_pixel_becomes_a_square():
    images = np.random.default_rng(0).random((3, 2, 2, 1))
    small = sample_grid(images, 3, low=0.0, high=1.0, gap=0)
    large = sample_grid(images, 3, low=0.0, high=1.0, gap=0, enlarge=3)
    assert np.array_equal(large[1::3, 1::3], small)
    assert large.shape == (6, 18, 1)


def test_a_volume_is_shown_by_its_middle_planes():
    volume = np.random.default_rng(0).random((1, 4, 6, 3, 1))
    picture = sample_grid(volume, 1, low=0.0, high=1.0, gap=2)
    assert picture.shape == (6, 6 + 2 + 3 + 2 + 3, 1)
    expected = (255 * volume[0].astype(np.float32) + 0.5).astype(np.uint8)
    assert np.array_equal(picture[1:5, :6], expected[:, :, 1])
    assert np.array_equal(picture[1:5, 8:11], expected[:, 3])
    assert np.array_equal(picture[:, 13:], expected[2])
    assert not picture[0, :13].any()
    large = sample_grid(volume, 1, low=0.0, high=1.0, gap=2, enlarge=3)
    assert large.shape == (18, 18 + 2 + 9 + 2 + 9, 1)


@pytest.mark.parametrize(
    ("shape", "options"),
    [
        ((0, 4, 4, 1), {}),
        ((3, 4), {}),
        ((3, 4, 4, 1), {"columns": 0}),
        ((3, 4, 4, 1), {"low": 1.0}),
        ((3, 4, 4, 1), {"enlarge": 0}),
    ],
)
def test_what_is_no_grid_is_refused(shape, options):
    with pytest.raises(ValueError):
        sample_grid(np.zeros(shape), **{"columns": 2, "low": 0.0, "high": 1.0} | options)


def test_channels_that_are_no_colours_are_gray():
    image = np.arange(8.0).reshape(2, 2, 2)
    assert sample_tile(image, low=0, high=255)[..., 0].tolist() == [[0, 2], [4, 6]]
    colored = np.arange(12.0).reshape(2, 2, 3)
    assert sample_tile(colored, low=0, high=255).tolist() == colored.tolist()


def test_of_a_volume_in_the_body_the_front_and_the_head_are_up():
    volume = np.zeros((2, 3, 5, 1))
    volume[1, 2, 4] = 1  # right, front, top
    volume[1, 2, 2] = 1
    volume[1, 1, 4] = 1
    tile = sample_tile(volume, low=0, high=1, gap=0, in_ras=True)[..., 0]
    assert tile.shape == (5, 2 + 2 + 3)
    assert tile[1:4, :2].tolist() == [[0, 255], [0, 0], [0, 0]]
    assert tile[:, 2:4].tolist() == [[0, 255], *[[0, 0]] * 4]
    assert tile[:, 4:].tolist() == [[0, 255, 255], [0] * 3, [0, 0, 255], [0] * 3, [0] * 3]


def test_a_signal_is_a_line_whose_steps_are_joined():
    tile = sample_tile(np.array([[0.0], [1.0], [1.0], [0.5]]), low=0, high=1)[..., 0]
    assert tile[:, 0].tolist() == [255] * 47 + [0]
    assert (tile[:, 1] == 0).all()
    assert tile[:, 2].tolist() == [0] + [255] * 47
    assert (tile[:, 3] == 0).sum() == 24


def test_a_grid_is_about_square_unless_columns_are_given():
    tiles = [np.full((3, 4, 3), number, np.uint8) for number in range(5)]
    assert in_a_grid(tiles).shape == (2 * 3 + 2, 3 * 4 + 2 * 2, 3)
    assert in_a_grid(tiles, 2)[3 + 2, 4 + 2, 0] == 3
    with pytest.raises(ValueError):
        in_a_grid([])


def test_files_hold_the_images_enlarged():
    images = np.random.default_rng(0).random((2, 28, 20, 1))
    files = image_files(images, low=0.0, high=1.0)
    assert [opened(file).shape for file in files] == [(112, 80)] * 2
    assert opened(files[0])[2, 2] == int(255 * images[0, 0, 0, 0] + 0.5)
    assert opened(image_files(np.zeros((1, 300, 9, 3)), low=0, high=1)[0]).shape == (300, 9, 3)
    assert image_files(images[:0], low=0.0, high=1.0) == []


def test_a_film_keeps_its_first_and_last_frame_and_stays_small():
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    frames = film_frames([f"Epoch {k}" for k in range(1, 61)], [noise] * 60)
    captions = [caption for caption, _ in frames]
    assert len(frames) == 24
    assert (captions[0], captions[-1]) == ("Epoch 1", "Epoch 60")
    assert sum(len(file) for _, file in frames) <= FILM_BYTES
    assert film_frames([], []) == []
    with pytest.raises(ValueError, match="captions"):
        film_frames(["a"], [])
