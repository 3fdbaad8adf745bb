"""What every layer promises."""

import keras
import numpy as np
import pytest

from tests.contract.layers import LAYERS, SPACES

tf = pytest.importorskip("tensorflow")
layers = pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
everywhere = pytest.mark.parametrize(
    ("layer", "space"),
    [
        pytest.param(layer, SPACES[axes], id=f"{layer.name}-{axes}D")
        for layer in LAYERS
        for axes in layer.axes
    ],
)


def batch(space, examples=2, channels=4):
    shape = (examples, *space, channels)
    return tf.constant(np.random.default_rng(0).normal(1, 2, shape).astype("float32"))


@everywhere
def test_shape_is_as_announced(layer, space):
    made = layer.make()
    y = made(layer.given(batch(space)))
    assert y.shape == (2, *map(layer.longer, space), 4)
    shape = (2, *space, 4)
    shapes = shape if layer.inputs == 1 else [shape] * layer.inputs
    assert tuple(made.compute_output_shape(shapes)) == y.shape


@everywhere
def test_unknown_sizes_give_the_same(layer, space):
    made = layer.make()
    inputs = keras.Input((*[None] * len(space), 4))
    model = keras.Model(inputs, made(layer.given(inputs)))
    x = batch(space)
    graph = tf.function(model, input_signature=[tf.TensorSpec([None] * (len(space) + 1) + [4])])
    np.testing.assert_allclose(graph(x), made(layer.given(x)), atol=1e-5)


@layers
def test_saves_and_loads_bit_equal(layer, tmp_path):
    inputs = keras.Input((*layer.space, 4))
    model = keras.Model(inputs, layer.make()(layer.given(inputs)))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    x = batch(layer.space)
    np.testing.assert_array_equal(loaded(x), model(x))
    assert loaded.to_json() == model.to_json()


@layers
def test_bfloat16_is_near_float32(layer):
    x = layer.given(batch(layer.space))
    y = layer.make(dtype="mixed_bfloat16")(x)
    assert y.dtype == "bfloat16"
    np.testing.assert_allclose(tf.cast(y, "float32"), layer.make()(x), atol=0.05, rtol=0.02)


@everywhere
def test_gradient_of_a_gradient_exists(layer, space):
    x, made = batch(space), layer.make()
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.reduce_sum(made(layer.given(x)) ** 3)
        penalty = tf.reduce_sum(inner.gradient(y, x) ** 2)
    second = outer.gradient(penalty, x)
    assert second is not None
    assert np.all(np.isfinite(second))
    assert np.abs(second).max() > 0


@pytest.mark.slow
@layers
def test_two_devices_equal_one(layer, device_differences):
    assert device_differences[f"layer {layer.name}"] < 1e-5
