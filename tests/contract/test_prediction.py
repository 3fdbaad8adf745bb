"""What everything promises that gives predictions, or cleans them."""

import keras
import numpy as np
import pytest

from tests.contract.prediction import CLEANERS, PREDICTORS

every_predictor = pytest.mark.parametrize("row", PREDICTORS, ids=lambda row: row.name)
every_cleaner = pytest.mark.parametrize("clean", CLEANERS, ids=lambda clean: clean.__name__)


def network(dtype="float32"):
    """The probabilities of a voxel depend on that voxel alone."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((8, 12, 2))
    outputs = keras.layers.Conv2D(3, 1, dtype=dtype)(inputs)
    return keras.Model(inputs, keras.layers.Softmax(dtype="float32")(outputs))


def image(*space):
    return np.random.default_rng(0).normal(size=(*space, 2)).astype("float32")


@every_predictor
def test_probabilities_are_those_of_the_network_on_the_image_s_own_grid(row):
    model, x = network(), image(8, 12)
    result = row.make(model)(x)
    assert result.shape == (8, 12, 3)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, model(x[None])[0], atol=1e-6)
    np.testing.assert_allclose(result.sum(-1), 1, rtol=1e-5)


@every_predictor
def test_a_repeat_is_equal_and_nothing_is_changed(row):
    model, x = network(), image(8, 12)
    before, weights = x.copy(), model.get_weights()
    predict = row.make(model)
    np.testing.assert_array_equal(predict(x), predict(x))
    np.testing.assert_array_equal(x, before)
    for weight, same in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(weight, same)


@every_predictor
def test_other_channels_are_refused(row):
    with pytest.raises((ValueError, TypeError)):
        row.make(network())(image(8, 12)[..., :1])


@pytest.mark.parametrize("row", PREDICTORS[1:], ids=lambda row: row.name)
@pytest.mark.parametrize("space", [(20, 31), (5, 7), (8, 40)])
def test_windows_cover_images_of_any_size(row, space):
    model, x = network(), image(*space)
    kernel, bias = model.get_weights()
    logits = x @ kernel[0, 0] + bias
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    expected = powers / powers.sum(-1, keepdims=True)
    np.testing.assert_allclose(row.make(model)(x), expected, atol=1e-5)


@every_cleaner
@pytest.mark.parametrize("dtype", ["uint8", "int16", "int64"])
def test_labels_stay_labels_of_the_same_grid(clean, dtype):
    labels = np.random.default_rng(0).integers(0, 3, (6, 7, 5)).astype(dtype)
    before = labels.copy()
    result = clean(labels)
    assert result.shape == labels.shape
    assert result.dtype == labels.dtype
    assert set(np.unique(result)) <= set(np.unique(labels))
    np.testing.assert_array_equal(labels, before)
    np.testing.assert_array_equal(clean(result), result)


@every_cleaner
def test_background_alone_stays_as_it_is(clean):
    labels = np.zeros((6, 7), int)
    np.testing.assert_array_equal(clean(labels), labels)
