"""Maps of what speaks for an answer, where it is known what does."""

import keras
import numpy as np
import pytest

from keras_mia.interpret import grad_cam, last_map
from keras_mia.models import mlp

RNG = np.random.default_rng(0)


def corner_watcher(axes, nested=False, last="dense"):
    """Class 1 where the first corner is bright, class 0 where the last one is.

    The convolution copies the image into two channels, one of which passes the first half of each
    side only, the other the rest.
    """
    size = 8
    inputs = keras.Input((size,) * axes + (1,))
    conv = {2: keras.layers.Conv2D, 3: keras.layers.Conv3D}[axes](2, 1, use_bias=False, name="conv")
    gate = np.zeros((size,) * axes + (2,), np.float32)
    gate[(slice(size // 2),) * axes + (0,)] = 1
    gate[(slice(size // 2, None),) * axes + (1,)] = 1
    if nested:
        body = keras.Model(inputs, Gate(gate, name="gate")(conv(inputs)), name="body")
        outer = keras.Input(inputs.shape[1:])
        x = body(outer)
    else:
        outer, x = inputs, Gate(gate, name="gate")(conv(inputs))
    pool = {2: keras.layers.GlobalAveragePooling2D, 3: keras.layers.GlobalAveragePooling3D}[axes]
    head = keras.layers.Dense(
        2, use_bias=False, dtype="float32", activation="softmax" if last == "dense" else None
    )
    y = head(pool()(x))
    if last == "softmax":
        y = keras.layers.Softmax(dtype="float32")(y)
    model = keras.Model(outer, y)
    conv.set_weights([np.ones(conv.kernel.shape, np.float32)])
    head.set_weights([np.array([[-200.0, 200.0], [200.0, -200.0]], np.float32)])
    return model


@keras.saving.register_keras_serializable("test_grad_cam")
class Gate(keras.layers.Layer):
    """Lets each channel see a part of the image only."""

    def __init__(self, gate, **options):
        super().__init__(**options)
        self.gate = np.asarray(gate, np.float32)

    def call(self, x):
        return x * keras.ops.cast(self.gate, x.dtype)

    def get_config(self):
        return super().get_config() | {"gate": self.gate.tolist()}


def share_of_the_first_corner(heat):
    axes = heat.ndim
    return heat[(slice(4),) * axes].sum() / heat.sum()


@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.parametrize(
    ("nested", "last", "policy"),
    [
        (False, "dense", "float32"),
        (True, "softmax", "float32"),
        (False, "dense", "mixed_bfloat16"),
    ],
)
def test_the_heat_lies_in_the_corner_that_speaks_for_the_answer(axes, nested, last, policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = corner_watcher(axes, nested, last)
    finally:
        keras.config.set_dtype_policy(before)
    images = RNG.uniform(0.5, 1, (3, *(8,) * axes, 1)).astype(np.float32)
    images[0][(slice(4, None),) * axes] = 0
    assert np.asarray(model.predict_on_batch(images[:1]))[0, 1] == 1  # a flat softmax
    maps = grad_cam(model, images, np.eye(2)[[1, 1, 0]])
    assert maps.shape == (3, *(8,) * axes)
    assert maps.max() == pytest.approx(1, abs=1e-4)
    shares = [share_of_the_first_corner(one) for one in maps]
    assert shares[0] > 0.95
    assert shares[1] > 0.8
    assert shares[2] < 0.05
    against = grad_cam(model, images[1:2], -np.eye(2)[[1]])
    assert share_of_the_first_corner(against[0]) < 0.05


def test_a_network_without_convolutions_has_no_map():
    assert grad_cam(mlp((6, 6, 1), 2), np.ones((1, 6, 6, 1)), np.eye(2)[[0]]) is None


def test_the_layer_is_the_last_one_with_several_positions():
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(2, 3, padding="same", name="seen")(inputs)
    x = keras.layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = keras.layers.Conv2D(3, 1)(x)
    assert last_map(keras.Model(inputs, keras.layers.Flatten()(x))).name == "seen"
