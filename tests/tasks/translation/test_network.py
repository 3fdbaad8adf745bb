"""The network of a plan."""

from dataclasses import replace
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mia.models import CycleTranslator, Refiner, unet
from keras_mia.tasks.translation.network import build, with_shortcut
from keras_mia.tasks.translation.task import Translation
from keras_mia.tasks.translation.validation import validate
from keras_mia.training import deployable
from tests.tasks.translation.images import PICTURES, SLICES, VOLUMES, smooth

POLICIES = ("float32", "mixed_bfloat16", "mixed_float16")


@pytest.fixture
def policy():
    """Sets the global policy until the test ends."""
    before = keras.config.dtype_policy()
    yield keras.config.set_dtype_policy
    keras.config.set_dtype_policy(before)


def batch(plan, seed=0):
    x = np.random.default_rng(seed).normal(size=(2, *plan.shapes()[0])).astype("float32")
    return x, (x + smooth(plan.shapes()[0][:-1])[None] / 1000).astype("float32")


# Of 3D pooling TensorFlow has no float16 on CPUs.
@pytest.mark.parametrize(
    ("plan", "name"),
    [(PICTURES, name) for name in POLICIES] + [(VOLUMES, name) for name in POLICIES[:2]],
)
def test_it_begins_as_the_identity_to_the_last_digit(policy, plan, name):
    policy(name)
    x, _ = batch(plan)
    y = build(plan)(x)
    assert keras.backend.standardize_dtype(y.dtype) == "float32"
    np.testing.assert_array_equal(y, x)


def test_without_a_shortcut_it_gives_the_channels_of_the_target():
    plan = replace(PICTURES, channels=2, target_channels=3, residual=False)
    model = build(plan)
    assert model.output_shape == (None, 16, 16, 3)
    assert np.ptp(np.asarray(model(batch(plan)[0]))) > 0


@pytest.mark.parametrize("loss", ["l1", "l2", "ssim"])
def test_a_step_lowers_the_loss(loss):
    keras.utils.set_random_seed(0)
    model = build(replace(PICTURES, loss=loss))
    model.run_eagerly = True
    x, y = batch(PICTURES)
    first, second = (float(model.train_on_batch(x, y)) for _ in range(2))
    assert second < first


def test_of_ones_own_network_the_last_layer_alone_begins_at_0():
    def wrapped(shape, channels, **options):
        inputs = keras.Input(shape)
        return keras.Model(inputs, unet(shape, channels, filters=2, depth=1, **options)(inputs))

    model = build(PICTURES, network=wrapped)
    x, _ = batch(PICTURES)
    np.testing.assert_array_equal(model(x), x)
    empty = [weight.path for weight in model.weights if weight.path.endswith("kernel")]
    zero = [w.path for w in model.weights if w.path in empty and not np.any(np.asarray(w))]
    assert len(zero) == 1
    assert len(empty) > 4


def test_a_shortcut_is_saved_with_the_network(tmp_path):
    inputs = keras.Input((8, 8, 1))
    model = with_shortcut(keras.Model(inputs, keras.layers.Conv2D(1, 3, padding="same")(inputs)))
    model.save(tmp_path / "a.keras")
    x = np.ones((1, 8, 8, 1), "float32")
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "a.keras")(x), x)


def test_a_game_begins_as_the_identity_too_and_both_players_learn():
    keras.utils.set_random_seed(0)
    plan = replace(PICTURES, adversarial=True, weight=3.0, loss="l1")
    model = build(plan)
    x, y = batch(plan)
    np.testing.assert_array_equal(model(x), x)
    assert model.weight == 3.0
    loss = model.further_loss(tf.constant(x), tf.constant(y), tf.constant(x))
    np.testing.assert_allclose(loss, 3 * np.abs(x - y).mean(), rtol=1e-5)
    before = [np.copy(one) for one in model.get_weights()]
    model.fit(x, y, batch_size=2, verbose=0)
    after = model.get_weights()
    changed = [not np.array_equal(one, other) for one, other in zip(before, after, strict=True)]
    assert sum(changed) > len(changed) / 2
    network = deployable(model)
    assert type(network).__module__.startswith("keras.")
    assert network.output_shape == (None, 16, 16, plan.target_channels)


def test_without_pairs_it_begins_as_the_identity_and_goes_there_and_back():
    plan = replace(
        PICTURES, unpaired="cyclegan", earlier_images=4, weight=3.0, loss="l1", filters=4
    )
    model = build(plan)
    assert isinstance(model, CycleTranslator)
    assert model.pool.size == 4
    x, y = batch(plan)
    np.testing.assert_array_equal(model(x), x)
    model.fit(x, y, batch_size=2, verbose=0)
    assert not np.array_equal(model(x), x)
    assert deployable(model).output_shape == (None, 16, 16, plan.target_channels)


def test_of_slices_with_neighbours_the_middle_one_is_changed():
    plan = replace(SLICES, neighbours=1, residual=True)
    model = build(plan)
    x = np.random.default_rng(0).normal(size=(2, 16, 16, 3)).astype("float32")
    np.testing.assert_array_equal(model.predict(x, verbose=0), x[..., :1])
    assert build(replace(plan, adversarial=True)).discriminator.input_shape[1][-1] == 3


def test_a_refiner_stays_near_to_its_source():
    plan = replace(PICTURES, unpaired="refiner", earlier_images=4, weight=1e6, filters=4)
    model = build(plan)
    assert isinstance(model, Refiner)
    x, y = batch(plan)
    model.fit(x, y + 100, batch_size=2, epochs=3, verbose=0)
    np.testing.assert_allclose(model(x), x, atol=0.2)


def test_patches_of_any_sides_can_be_halved_as_often_as_they_are():
    for patch in ((16, 6), (15, 16), (12, 20)):
        plan = replace(PICTURES, unpaired="cyclegan", patch=patch, filters=4)
        assert build(plan).deployable().output_shape == (None, *patch, 1)


def test_players_without_pairs_keep_their_rates():
    assert Translation(unpaired="cyclegan", kinds=("A", "B")).peak_rate is None
    assert Translation().peak_rate == 3e-3


@pytest.mark.parametrize(("fields", "chosen"), [({}, "mae"), ({"loss": "l2"}, "rmse")])
@pytest.mark.parametrize("game", [{}, {"adversarial": True}, {"unpaired": "cyclegan"}])
def test_networks_are_chosen_by_the_error_and_players_by_how_real_images_look(fields, chosen, game):
    plan = replace(PICTURES, **{"loss": "l1", **fields, **game})
    array = smooth((32, 32)).astype("float32")[..., None]
    stored = [SimpleNamespace(image=array, target=array)]
    validation = validate(stored, plan)
    assert validation.criterion.score == ("kernel_distance" if game else chosen)
    assert validation.criterion.lower_is_better
    window = SimpleNamespace(blocks=lambda image: [(0, image[:20]), (20, image[20:])])
    scores = validation.scores(window)
    assert scores["mae"] == scores["rmse"] == 0
    assert ("kernel_distance" in scores) == bool(game)
