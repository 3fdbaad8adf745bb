"""Degradations do what their definitions say."""

import numpy as np
import pytest

from keras_mia.data.augment.degradations import (
    DEGRADATIONS,
    Blur,
    Noise,
    Resolution,
    Undersampling,
    degrade,
    value_range,
)


@pytest.mark.parametrize("space", [(200,), (60, 60), (24, 24, 24)])
def test_noise_has_the_deviation_that_was_asked_for(space):
    image = np.random.default_rng(0).uniform(0, 1000, (*space, 1))
    noise = degrade(image, [Noise(0.1)], [1]) - image
    assert noise.std() == pytest.approx(0.1 * value_range(image), rel=0.15)
    assert abs(noise.mean()) < 4 * noise.std() / np.sqrt(noise.size)


def test_rician_noise_is_that_of_a_magnitude():
    nothing = np.zeros((64, 64, 1))
    nothing[:2] = 1000  # the range; where nothing is, magnitudes have Rayleigh's distribution
    found = degrade(nothing, [Noise(0.1, "rician")], [0])[2:]
    deviation = 0.1 * value_range(nothing)
    assert found.min() >= 0
    assert found.mean() == pytest.approx(deviation * np.sqrt(np.pi / 2), rel=0.05)


def test_a_blur_has_the_spread_that_was_asked_for():
    point = np.zeros((41, 41, 1))
    point[20, 20] = 1
    found = degrade(point, [Blur((2.0, 1.0))], [0])[..., 0]
    assert found.sum() == pytest.approx(1, abs=1e-5)
    offsets = np.arange(-20, 21)
    for axis, sigma in enumerate((2.0, 1.0)):
        profile = found.sum(1 - axis)
        assert np.sqrt((profile * offsets**2).sum()) == pytest.approx(sigma, rel=0.03)


@pytest.mark.parametrize("space", [(64,), (48, 33), (20, 21, 22)])
def test_a_lower_resolution_lacks_high_frequencies_and_keeps_the_place(space):
    axes = [np.linspace(0, 1, size) for size in space]
    smooth = sum(np.meshgrid(*axes, indexing="ij"))[..., None]
    inner = (slice(6, -6),) * len(space)
    kept = degrade(smooth, [Resolution(2)], [0])
    np.testing.assert_allclose(kept[inner], smooth[inner], atol=0.01)
    checks = (-1.0) ** np.indices(space).sum(0)[..., None]
    assert np.abs(degrade(checks, [Resolution(2)], [0])[inner]).max() < 0.3


@pytest.mark.parametrize("size", [31, 32, 100])
@pytest.mark.parametrize("acceleration", [1.0, 2.0, 3.0, 5.0])
def test_so_many_lines_are_measured_and_no_others(size, acceleration):
    sampling = Undersampling(acceleration, centre=0.1, axis=1)
    lines = sampling.lines(size, np.random.default_rng(0))
    assert lines[0]
    assert abs(lines.sum() - size / acceleration) <= 1.5
    assert (lines[1:] == lines[1:][::-1]).all()
    image = np.random.default_rng(1).normal(size=(6, size, 1))
    found = np.fft.fft(degrade(image, [sampling], [0]), axis=1)
    whole = np.fft.fft(image, axis=1)
    np.testing.assert_allclose(found[:, lines], whole[:, lines], atol=1e-4)
    np.testing.assert_allclose(found[:, ~lines], 0, atol=1e-4)


def test_the_same_seed_gives_the_same_image_and_another_another():
    image = np.random.default_rng(0).normal(size=(16, 16, 1))
    for kind in DEGRADATIONS.values():
        first, second = (degrade(image, [kind()], [3]) for _ in range(2))
        np.testing.assert_array_equal(first, second)
        assert first.dtype == np.float32
        assert first.shape == image.shape
    different = degrade(image, [Noise()], [4])
    assert (different != degrade(image, [Noise()], [3])).any()


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Noise, {"level": -1.0}),
        (Noise, {"kind": "salt"}),
        (Blur, {"sigma": -0.1}),
        (Resolution, {"factor": 0.5}),
        (Undersampling, {"acceleration": 0.5}),
        (Undersampling, {"centre": 2.0}),
    ],
)
def test_settings_that_make_no_sense_are_refused(kind, options):
    with pytest.raises(ValueError):
        kind(**options)
