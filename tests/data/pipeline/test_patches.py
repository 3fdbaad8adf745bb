"""Where patches lie."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_mia.data.pipeline.patches import (
    extract,
    foreground_start,
    gaussian_weight,
    grid,
    uniform_start,
)

shapes = st.lists(st.tuples(st.integers(1, 20), st.integers(1, 20)), min_size=1, max_size=3)


@given(shapes, st.floats(0, 0.9))
def test_the_grid_covers_every_voxel_and_stays_inside(pairs, overlap):
    space, window = zip(*pairs, strict=True)
    window = tuple(min(pair) for pair in pairs)
    covered = np.zeros(space, bool)
    for start in grid(space, window, overlap):
        assert all(0 <= a <= n - w for a, w, n in zip(start, window, space, strict=True))
        covered[tuple(slice(a, a + w) for a, w in zip(start, window, strict=True))] = True
    assert covered.all()


def test_neighbouring_windows_overlap_at_least_as_asked():
    starts = [start for (start,) in grid((101,), (20,), 0.5)]
    assert max(np.diff(starts)) <= 10
    assert (starts[0], starts[-1]) == (0, 81)


def test_a_window_larger_than_the_image_starts_at_its_border():
    assert grid((5, 4), (8, 4)) == [(0, 0)]


def test_an_overlap_of_one_is_refused():
    with pytest.raises(ValueError, match="overlap"):
        grid((5,), (2,), 1.0)


@pytest.mark.parametrize("window", [(1,), (7, 8), (160, 16, 33)])
def test_the_weight_is_positive_symmetric_and_largest_in_the_middle(window):
    weight = gaussian_weight(window)
    assert weight.shape == window
    assert weight.dtype == np.float32
    assert weight.min() > 0
    assert weight.max() == 1
    np.testing.assert_array_equal(weight, np.flip(weight))
    assert weight[tuple(length // 2 for length in window)] == 1


@given(shapes, st.integers(0, 1000))
def test_starts_lie_inside_or_centre_a_smaller_image(pairs, seed):
    space, window = zip(*pairs, strict=True)
    generator = np.random.default_rng(seed)
    points = np.stack([generator.integers(0, n, 5) for n in space], 1)
    for start in (
        uniform_start(generator, space, window),
        foreground_start(generator, points, space, window),
    ):
        for at, length, size in zip(start, window, space, strict=True):
            if size >= length:
                assert 0 <= at <= size - length
            else:
                assert abs((at + length / 2) - size / 2) <= 0.5


@given(shapes, st.integers(0, 1000))
def test_a_foreground_patch_holds_its_voxel(pairs, seed):
    space, window = zip(*pairs, strict=True)
    generator = np.random.default_rng(seed)
    point = np.array([generator.integers(0, n) for n in space])
    start = foreground_start(generator, point[None], space, window)
    assert all(a <= p < a + w for a, p, w in zip(start, point, window, strict=True))


def test_windows_touch_the_borders_more_often_than_by_even_chance():
    generator = np.random.default_rng(0)
    starts = [uniform_start(generator, (100,), (40,))[0] for _ in range(2000)]
    assert 0.1 < np.mean(np.array(starts) == 0) < 0.16
    assert 0.1 < np.mean(np.array(starts) == 60) < 0.16
    assert len(set(starts)) == 61


def test_uniform_starts_reach_both_ends():
    generator = np.random.default_rng(0)
    assert {uniform_start(generator, (6,), (4,))[0] for _ in range(50)} == {0, 1, 2}


def test_without_foreground_the_window_lies_anywhere():
    generator = np.random.default_rng(0)
    found = {foreground_start(generator, np.empty((0, 1)), (6,), (4,))[0] for _ in range(50)}
    assert found == {0, 1, 2}


@given(st.integers(-12, 12), st.integers(-12, 12), st.integers(1, 9), st.integers(1, 9))
def test_extract_equals_padding_and_slicing(row, column, height, width):
    array = np.arange(6 * 5 * 2, dtype=np.int16).reshape(6, 5, 2)
    padded = np.pad(array, ((15, 25), (15, 25), (0, 0)), constant_values=-7)
    expected = padded[row + 15 : row + 15 + height, column + 15 : column + 15 + width]
    patch = extract(array, (row, column), (height, width), fill=-7)
    np.testing.assert_array_equal(patch, expected)
    assert patch.dtype == np.int16


def test_extract_reads_a_memory_map_and_copies(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(12.0).reshape(3, 4))
    patch = extract(np.load(tmp_path / "a.npy", mmap_mode="r"), (1, 1), (2, 2))
    assert not isinstance(patch, np.memmap)
    patch[:] = 0
    assert np.load(tmp_path / "a.npy")[1, 1] == 5
