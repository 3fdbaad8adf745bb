"""Penalties on weights, in the loop that trains."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mia.training.fitting.loop import Loop
from keras_mia.training.penalty import penalize

IMAGES = np.random.default_rng(0).normal(size=(8, 6, 6, 1)).astype(np.float32)
TRUTH = np.eye(2, dtype=np.float32)[np.arange(8) % 2]


def network():
    keras.utils.set_random_seed(1)
    x = keras.Input((6, 6, 1))
    y = keras.layers.Conv2D(3, 3, use_bias=False, name="conv")(x)
    y = keras.layers.BatchNormalization()(y)
    y = keras.layers.GlobalAveragePooling2D()(keras.layers.ReLU()(y))
    return keras.Model(x, keras.layers.Dense(2, activation="softmax")(y))


def trained(frozen: bool, steps: int, rate: float, **penalties) -> tuple[keras.Model, float]:
    """The network after some steps, and the mean loss of them."""
    model = network()
    for layer in model.layers[:-1]:
        layer.trainable = not frozen
    penalize(model, **penalties)
    model.compile(keras.optimizers.SGD(rate), "categorical_crossentropy", jit_compile=False)
    data = tf.data.Dataset.from_tensors((IMAGES, TRUTH)).repeat()
    loop = Loop(model, lambda **_: data, len(IMAGES))
    for _ in range(steps):
        logs = loop.step()
    return model, float(logs["loss"])


@pytest.mark.parametrize("frozen", [False, True])
def test_the_loss_has_the_penalty_of_kernels_that_learn(frozen):
    model, plain = trained(frozen, 1, 0.0)
    _, more = trained(frozen, 1, 0.0, l1=0.3, l2=0.2)
    kernels = [w.numpy() for w in model.trainable_weights if w.name == "kernel"]
    assert len(kernels) == 2 - frozen
    expected = sum(0.3 * np.abs(w).sum() + 0.2 * np.square(w).sum() for w in kernels)
    assert more - plain == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("penalty", [{"l1": 0.05}, {"l2": 0.1}])
def test_penalized_kernels_become_small(penalty):
    size = [
        sum(np.abs(w.numpy()).sum() for w in model.trainable_weights if w.name == "kernel")
        for model, _ in (trained(False, 60, 0.1), trained(False, 60, 0.1, **penalty))
    ]
    assert size[1] < 0.6 * size[0]
