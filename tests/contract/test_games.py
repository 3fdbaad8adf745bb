"""The games of adversarial networks: values, gradients, saving, on every backend."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_mia import losses
from keras_mia.losses.adversarial import GAMES, game

pytestmark = pytest.mark.backends
every_game = pytest.mark.parametrize("name", GAMES)


def softplus(x):
    return np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


# Of the papers: the discriminator's of real and of fake, and the generator's.
FORMULAS = {
    "minimax": lambda r, f: (-np.log(sigmoid(r)) - np.log(1 - sigmoid(f)), np.log(1 - sigmoid(f))),
    "non_saturating": lambda r, f: (
        -np.log(sigmoid(r)) - np.log(1 - sigmoid(f)),
        -np.log(sigmoid(f)),
    ),
    "least_squares": lambda r, f: (((r - 1) ** 2 + f**2) / 2, (f - 1) ** 2 / 2),
    "hinge": lambda r, f: (np.maximum(0, 1 - r) + np.maximum(0, 1 + f), -f),
    "wasserstein": lambda r, f: (f - r, -f),
}


def logits(*shape):
    random = np.random.default_rng(0)
    return tuple(random.normal(0, 2, shape).astype("float32") for _ in range(2))


def slope(function, at):
    """Of a smooth function of one number, by differences."""
    values = [float(function(np.array([[at + step]], "float32"))[0]) for step in (-0.01, 0.01)]
    return (values[1] - values[0]) / 0.02


@every_game
@pytest.mark.parametrize("shape", [(5,), (5, 1), (5, 4, 4, 1)])
def test_values_are_those_of_the_formula_a_mean_an_example(name, shape):
    real, fake = logits(*shape)
    rules = [values.reshape(5, -1).mean(1) for values in FORMULAS[name](real, fake)]
    one = game(name)
    for value, expected in zip(
        (one.discriminator(real, fake), one.generator(fake)), rules, strict=True
    ):
        assert value.shape == (5,)
        np.testing.assert_allclose(ops.convert_to_numpy(value), expected, rtol=1e-4, atol=1e-5)


@every_game
def test_it_is_computed_in_float32_and_finite_where_a_player_is_sure(name):
    for number in (-500.0, 500.0):
        real = ops.full((2, 1), -number, "bfloat16")
        fake = ops.full((2, 1), number, "bfloat16")
        for value in (game(name).discriminator(real, fake), game(name).generator(fake)):
            assert keras.backend.standardize_dtype(value.dtype) == "float32"
            assert np.isfinite(ops.convert_to_numpy(value)).all()


def test_minimax_is_flat_where_its_generator_loses_and_non_saturating_is_not():
    sure = -8.0  # of the fake
    assert abs(slope(game("minimax").generator, sure)) < 1e-3
    assert slope(game("non_saturating").generator, sure) == pytest.approx(-1, abs=1e-3)
    # They agree on where to go, and where the discriminator cannot tell they are as strong.
    assert slope(game("minimax").generator, 0.0) == pytest.approx(-0.5, abs=1e-3)
    assert slope(game("non_saturating").generator, 0.0) == pytest.approx(-0.5, abs=1e-3)


@pytest.mark.parametrize("name", ["minimax", "non_saturating", "least_squares"])
def test_labels_are_smoothed_of_real_examples_alone(name):
    smoothed, plain = GAMES[name](label_smoothing=0.1), game(name)
    real, fake = logits(6, 1)
    before, after = (
        ops.convert_to_numpy(one.discriminator(real, fake)) for one in (plain, smoothed)
    )
    if name == "least_squares":
        expected = before - ((real - 1) ** 2 - (real - 0.9) ** 2)[:, 0] / 2
    else:
        expected = (0.9 * softplus(-real) + 0.1 * softplus(real) + softplus(fake))[:, 0]
    np.testing.assert_allclose(after, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(
        *(ops.convert_to_numpy(one.generator(fake)) for one in (plain, smoothed))
    )
    best = 0.9 if name == "least_squares" else float(np.log(9))  # sigmoid(log 9) is 0.9
    of_real = lambda at: smoothed.discriminator(at, np.zeros((1, 1), "float32"))  # noqa: E731
    assert slope(of_real, best) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("share", [-0.1, 0.5, float("nan")])
def test_a_share_that_smooths_too_much_is_refused(share):
    with pytest.raises(ValueError, match="label_smoothing"):
        losses.Minimax(label_smoothing=share)


@every_game
def test_it_is_the_same_again_from_its_config(name):
    options = {"label_smoothing": 0.2} if "label_smoothing" in game(name).get_config() else {}
    one = GAMES[name](**options)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(one))
    assert type(again) is type(one)
    assert again.get_config() == one.get_config() == options
    assert game(again) is again


@pytest.mark.parametrize("name", ["wgan", "", None, 3])
def test_a_wrong_name_is_told_those_that_there_are(name):
    with pytest.raises(ValueError, match=r"non_saturating.*wasserstein"):
        game(name)
