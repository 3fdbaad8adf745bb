"""The network of a plan."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from keras_mia.models import unet
from keras_mia.tasks.translation.network import build, with_shortcut
from tests.tasks.translation.images import PICTURES, VOLUMES, smooth

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
