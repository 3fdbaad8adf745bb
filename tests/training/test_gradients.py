"""Why deep networks train: gradients layer by layer, and what keeps them from vanishing."""

import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits

from keras_mia.core.problem import Problem
from keras_mia.layers.normalization import BatchNormalization
from keras_mia.models import mlp
from keras_mia.training import gradient_norms, pretrain_layers

DEEP = {"units": (32,) * 6}


@pytest.fixture(scope="module")
def digits():
    dataset = load_digits()
    return (dataset.images[:512, ..., None] / 16).astype(np.float32), dataset.target[:512]


def compiled(model):
    model.compile(keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy")
    return model


def first_of_last(model, digits):
    """The first layer's gradient as a share of the last one's."""
    rows = gradient_norms(compiled(model), *digits)
    return rows[0]["norm"] / rows[-1]["norm"]


def test_gradients_vanish_in_deep_sigmoid_networks_and_what_helps(digits):
    keras.utils.set_random_seed(0)
    sigmoid = mlp((8, 8, 1), 10, nonlinearity="sigmoid", **DEEP)
    assert first_of_last(sigmoid, digits) < 1e-3
    assert first_of_last(mlp((8, 8, 1), 10, **DEEP), digits) > 0.1
    shortcuts = mlp((8, 8, 1), 10, nonlinearity="sigmoid", residual=True, **DEEP)
    assert first_of_last(shortcuts, digits) > 0.01
    pretrain_layers(sigmoid, digits[0], epochs=6)
    assert first_of_last(sigmoid, digits) > 1e-2


def test_the_norms_are_those_of_the_formula():
    """Of a linear network with a squared error the gradient is known."""
    inputs = keras.Input((3,))
    model = keras.Model(inputs, keras.layers.Dense(2, name="only")(inputs))
    model.compile(loss="mse")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    kernel, bias = model.get_weights()
    (row,) = gradient_norms(model, x.astype(np.float32), y.astype(np.float32))
    gradient = x.T @ (x @ kernel + bias - y) / 5  # 2 / (5 examples * 2 outputs)
    assert row["layer"] == "only"
    assert row["norm"] == pytest.approx(np.linalg.norm(gradient), rel=1e-4)
    assert row["weights"] == pytest.approx(np.linalg.norm(kernel), rel=1e-5)


@pytest.mark.parametrize("conv", [keras.layers.Conv2D, keras.layers.Conv3D])
def test_nothing_of_the_model_changes_and_frozen_layers_are_left_out(conv):
    axes = 2 if conv is keras.layers.Conv2D else 3
    inputs = keras.Input((4,) * axes + (1,))
    x = conv(2, 3, name="frozen", trainable=False)(inputs)
    x = keras.layers.Dropout(0.5)(BatchNormalization()(conv(2, 1, name="conv")(x)))
    model = compiled(
        keras.Model(inputs, keras.layers.Dense(2, name="head")(keras.layers.Flatten()(x)))
    )
    before = [np.array(variable) for variable in model.variables]
    rows = gradient_norms(model, np.ones((4, *(4,) * axes, 1), np.float32), np.zeros(4))
    assert [row["layer"] for row in rows] == ["conv", "head"]
    for variable, array in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(np.array(variable), array)


def test_pretraining_takes_datasets_and_refuses_networks_without_hidden_layers(digits):
    import tensorflow as tf

    model = mlp((8, 8, 1), 10, units=(16,), nonlinearity="sigmoid")
    head = model.get_layer("head").get_weights()
    batches = tf.data.Dataset.from_tensor_slices(digits).batch(64)
    (error,) = pretrain_layers(model, batches, epochs=8)
    assert error < 0.6
    np.testing.assert_array_equal(head[0], model.get_layer("head").get_weights()[0])
    with pytest.raises(Problem, match="no hidden"):
        pretrain_layers(mlp((8, 8, 1), 10, units=()), digits[0])
