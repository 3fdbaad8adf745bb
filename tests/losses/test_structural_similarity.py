"""The loss of structural similarity, against scikit-image."""

import keras
import numpy as np
import pytest
from skimage.metrics import structural_similarity

from keras_mia.losses.structural_similarity import StructuralSimilarity


@pytest.mark.parametrize("space", [(32,), (24, 20), (16, 15, 14)])
@pytest.mark.parametrize("sigma", [1.5, 0.8])
def test_it_is_one_less_the_similarity_of_scikit_image(space, sigma):
    generator = np.random.default_rng(1)
    truth = generator.normal(size=(2, *space, 2)).astype("float32")
    guess = truth + 0.3 * generator.normal(size=truth.shape).astype("float32")
    expected = [
        1
        - structural_similarity(
            one.astype(float),
            other.astype(float),
            data_range=5.0,
            gaussian_weights=True,
            sigma=sigma,
            use_sample_covariance=False,
            channel_axis=-1,
        )
        for one, other in zip(truth, guess, strict=True)
    ]
    loss = StructuralSimilarity(5.0, sigma, reduction=None)
    found = keras.ops.convert_to_numpy(loss(truth, guess))
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_a_thin_axis_is_left_out_of_the_window():
    generator = np.random.default_rng(2)
    truth, guess = generator.normal(size=(2, 1, 16, 16, 3, 1)).astype("float32")
    loss = StructuralSimilarity(5.0)
    slices = [float(loss(truth[..., z, :], guess[..., z, :])) for z in range(3)]
    assert float(loss(truth, guess)) == pytest.approx(np.mean(slices), abs=1e-5)


def test_what_is_too_small_or_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="smaller than the window"):
        StructuralSimilarity(1.0)(np.zeros((1, 5, 5, 1)), np.zeros((1, 5, 5, 1)))
    for options in ({"data_range": 0.0}, {"data_range": 1.0, "sigma": -1.0}):
        with pytest.raises(ValueError, match="above 0"):
            StructuralSimilarity(**options)


def test_a_network_that_is_trained_by_it_comes_nearer():
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(3)
    truth = generator.normal(size=(4, 16, 16, 1)).astype("float32")
    model = keras.Sequential([keras.layers.Input((16, 16, 1)), keras.layers.Conv2D(1, 1)])
    model.compile("adam", loss=StructuralSimilarity(6.0))
    model.optimizer.learning_rate = 0.05
    history = model.fit(-truth, truth, epochs=60, batch_size=4, verbose=0).history["loss"]
    assert history[-1] < 0.5 * history[0]
