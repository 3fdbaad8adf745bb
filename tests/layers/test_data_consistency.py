"""Measured lines of k-space put back, against Fourier transforms written out."""

import keras
import numpy as np
import pytest

from keras_mia.core.k_space import line_filter
from keras_mia.layers.data_consistency import DataConsistency


def symmetric(size, seed=0):
    frequency = np.abs(np.round(np.fft.fftfreq(size) * size))
    return np.isin(frequency, np.random.default_rng(seed).permutation(size // 2 + 1)[: size // 4])


@pytest.mark.parametrize("size", [8, 9, 32])
def test_the_filter_is_that_of_the_fourier_transform(size):
    lines, signal = symmetric(size), np.random.default_rng(1).normal(size=size)
    expected = np.fft.ifft(np.fft.fft(signal) * lines)
    assert abs(expected.imag).max() < 1e-12
    np.testing.assert_allclose(line_filter(lines) @ signal, expected.real, atol=1e-12)


@pytest.mark.parametrize(("space", "axis"), [((16,), 0), ((12, 10), 1), ((6, 14, 8), 1)])
def test_measured_lines_are_kept_and_others_predicted(space, axis):
    generator = np.random.default_rng(2)
    truth, guess = generator.normal(size=(2, 3, *space, 2)).astype("float32")
    lines = symmetric(space[axis])
    layer = DataConsistency(lines, axis)
    found, measured, predicted = (
        np.fft.fft(image, axis=1 + axis)
        for image in (keras.ops.convert_to_numpy(layer([guess, truth])), truth, guess)
    )
    for expected, where in ((measured, lines), (predicted, ~lines)):
        index = (slice(None),) * (1 + axis) + (where,)
        np.testing.assert_allclose(found[index], expected[index], atol=1e-4)


def test_it_is_saved_with_its_lines(tmp_path):
    lines = symmetric(8)
    image, zero_filled = keras.Input((8, 6, 1)), keras.Input((8, 6, 1))
    model = keras.Model([image, zero_filled], DataConsistency(lines)([image, zero_filled]))
    model.save(tmp_path / "a.keras")
    again = keras.models.load_model(tmp_path / "a.keras")
    inputs = [np.random.default_rng(i).normal(size=(1, 8, 6, 1)).astype("float32") for i in (0, 1)]
    np.testing.assert_array_equal(model(inputs), again(inputs))


def test_lines_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="minus its frequency"):
        DataConsistency([True, True, False, False])
    with pytest.raises(ValueError, match="do not fit"):
        DataConsistency([True, False])([np.zeros((1, 3, 1)), np.zeros((1, 3, 1))])
