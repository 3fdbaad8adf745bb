"""Features of texture see what is blurred or noisy, wherever it lies."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, gaussian_gradient_magnitude, gaussian_laplace

from keras_mia.metrics import kernel_distance, texture_features


def noise(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def test_they_are_the_means_of_derivatives_over_cells():
    image = noise(35, 40, 2)
    found = texture_features(image, data_range=4.0, cell=10)
    assert found.shape == (3 * 4, 14)
    for channel in range(2):
        values = image[..., channel] / 4
        for row in range(3):
            for column in range(4):
                cell = np.s_[10 * row : 10 * row + 10, 10 * column : 10 * column + 10]
                expected = [values[cell].mean()]
                for scale in (0.7, 1.4, 2.8):
                    slope = gaussian_gradient_magnitude(values, scale, mode="nearest")
                    bend = abs(gaussian_laplace(values, scale, mode="nearest"))
                    expected += [np.log(1e-3 + one[cell].mean()) for one in (slope, bend)]
                part = found[4 * row + column, 7 * channel : 7 * channel + 7]
                np.testing.assert_allclose(part, expected, rtol=1e-10)


def test_a_volume_is_its_slices():
    volume = noise(3, 32, 32, 1)
    whole = texture_features(volume, data_range=1.0)
    parts = [texture_features(one, data_range=1.0) for one in volume]
    np.testing.assert_array_equal(whole, np.concatenate(parts))


def test_cells_outside_of_the_mask_do_not_count():
    image, mask = noise(32, 32, 1), np.zeros((32, 32), bool)
    mask[:16, :8], mask[16:, 16:] = True, True  # half of one cell, and the whole of another
    found = texture_features(image, data_range=1.0, mask=mask)
    everything = texture_features(image, data_range=1.0)
    np.testing.assert_array_equal(found, everything[[0, 3]])
    nothing = texture_features(image, data_range=1.0, mask=np.zeros((32, 32), bool))
    assert nothing.shape == (0, 7)


def test_a_small_image_is_one_cell():
    assert texture_features(noise(5, 40, 1), data_range=1.0).shape == (2, 7)


def test_the_scale_of_values_is_that_of_the_range():
    image = noise(32, 32, 1)
    one, other = (texture_features(k * image, data_range=k) for k in (1.0, 7.0))
    np.testing.assert_allclose(one, other)


def test_blurred_images_are_farther_than_others_of_one_kind():
    real, same, other = (noise(256, 256, 1, seed=seed) for seed in range(3))
    images = real, same, gaussian_filter(other, (0.6, 0.6, 0))
    features = [texture_features(one, data_range=6.0) for one in images]
    mean, deviation = features[0].mean(0), features[0].std(0)
    real, same, blurred = ((one - mean) / deviation for one in features)
    assert abs(kernel_distance(real, same)) < 0.1 * kernel_distance(real, blurred)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"data_range": 0.0}, "above 0"),
        ({"data_range": 1.0, "cell": 0}, "above 0"),
        ({"data_range": 1.0, "mask": np.ones((3, 3))}, "mask has shape"),
    ],
)
def test_what_means_nothing_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        texture_features(noise(8, 8, 1), **options)
