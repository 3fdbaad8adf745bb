"""Convolutions whose weights' gradient is taken by matrix products equal those of Keras."""

import keras
import numpy as np
import pytest

from keras_mia import layers
from keras_mia.layers import nd

tf = pytest.importorskip("tensorflow")
if keras.backend.backend() != "tensorflow":
    pytest.skip("Only TensorFlow's gradient is replaced.", allow_module_level=True)

from keras_mia.layers.convolutions import weight_gradients  # noqa: E402

KINDS = ("Conv2D", "Conv3D", "Conv2DTranspose", "Conv3DTranspose")


def orders(layer, x):
    """Outputs, their gradients, and the gradients of a penalty on these."""
    kernel = layer.kernel.value
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = layer(x)
            score = tf.reduce_sum(tf.sin(y))
        first = inner.gradient(score, [x, kernel])
        penalty = tf.reduce_sum(first[0] ** 2) + tf.reduce_sum(tf.cos(first[1]))
    return [y, *first, *outer.gradient(penalty, [x, kernel])]


@pytest.mark.parametrize("graph", [True, False])
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(
    ("size", "stride"), [(1, 1), (2, 2), (3, 1), (3, 2), (4, 2), (5, 3), (2, 3), ((1, 3), (1, 2))]
)
@pytest.mark.parametrize("kind", KINDS)
def test_both_orders_are_those_of_keras(kind, size, stride, padding, graph, monkeypatch):
    monkeypatch.setattr(weight_gradients, "pays", lambda *_: True)
    rank = int(kind[4])
    if isinstance(size, tuple):
        size, stride = ((*one, 2)[:rank] for one in (size, stride))
    rng = np.random.default_rng(0)
    for first in (6, 7):
        x = tf.constant(rng.normal(size=(2, *(first, 8, 5)[:rank], 3)).astype("float32"))
        ours, reference = (
            getattr(package, kind)(4, size, strides=stride, padding=padding)
            for package in (layers, keras.layers)
        )
        for layer in (ours, reference):
            layer.build(x.shape)
        reference.set_weights(ours.get_weights())
        call = tf.function(orders, autograph=False) if graph else orders
        for got, wanted in zip(call(ours, x), orders(reference, x), strict=True):
            np.testing.assert_allclose(got, wanted, atol=2e-5 * np.abs(wanted).max() + 1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_the_size_of_a_batch_may_be_open(kind, monkeypatch):
    monkeypatch.setattr(weight_gradients, "pays", lambda *_: True)
    x = np.random.default_rng(0).normal(size=(2, *[4] * int(kind[4]), 3)).astype("float32")
    layer = getattr(layers, kind)(4, 3, strides=2, padding="same")
    layer.build((None, *x.shape[1:]))
    spec = tf.TensorSpec((None, *x.shape[1:]))
    call = tf.function(lambda x: orders(layer, x), input_signature=[spec], autograph=False)
    for open_batch, known in zip(call(x), orders(layer, tf.constant(x)), strict=True):
        np.testing.assert_allclose(open_batch, known, rtol=1e-4, atol=1e-5)


def products(layer, x) -> int:
    """Matrix products of a layer and its gradients."""

    def gradients(x):
        kernel = layer.kernel.value
        with tf.GradientTape() as tape:
            score = tf.reduce_sum(layer(x))
        return tape.gradient(score, kernel)

    graph = tf.function(gradients).get_concrete_function(x).graph.as_graph_def()
    nodes = [*graph.node, *(node for one in graph.library.function for node in one.node_def)]
    return sum(node.op == "MatMul" for node in nodes)


@pytest.mark.parametrize(
    ("dtype", "side", "filters", "taken"),
    [
        ("mixed_bfloat16", 8, 128, True),
        ("mixed_bfloat16", 8, 8, False),
        ("mixed_bfloat16", 9, 128, False),
        ("float32", 8, 128, False),
    ],
)
@pytest.mark.parametrize("kind", ["Conv2D", "Conv2DTranspose"])
def test_products_are_taken_where_they_save_time(kind, dtype, side, filters, taken, monkeypatch):
    monkeypatch.setattr(weight_gradients.tf.config, "list_physical_devices", lambda _: [])
    layer = getattr(layers, kind)(filters, 3, padding="same", dtype=dtype)
    x = tf.zeros((2, side, side, 128))
    layer.build(x.shape)
    assert products(layer, x) == (9 if taken else 0)


def test_a_gpu_computes_as_tensorflow_does(monkeypatch):
    monkeypatch.setattr(weight_gradients.tf.config, "list_physical_devices", lambda _: ["GPU"])
    layer = layers.Conv2D(128, 3, padding="same", dtype="mixed_bfloat16")
    x = tf.zeros((2, 8, 8, 128))
    layer.build(x.shape)
    assert products(layer, x) == 0


def test_a_size_that_is_open_is_none_that_pays():
    inputs = keras.Input((None, None, 128), dtype="bfloat16")
    outputs = nd.conv(inputs, 128, 3, dtype="mixed_bfloat16")
    assert outputs.shape == (None, None, None, 128)


@pytest.mark.parametrize("rank", [2, 3])
def test_networks_are_built_of_them(rank):
    x = keras.Input((4,) * rank + (2,))
    made = keras.Model(x, nd.conv_transpose(nd.conv(x, 3), 2))
    assert [type(one) for one in made.layers[1:]] == [
        getattr(layers, f"Conv{rank}D"),
        getattr(layers, f"Conv{rank}DTranspose"),
    ]
