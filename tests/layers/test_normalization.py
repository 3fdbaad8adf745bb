"""Our normalization layers against Keras' own."""

import keras
import numpy as np
import pytest

from keras_mia.layers.normalization import (
    BatchNormalization,
    GroupNormalization,
    InstanceNormalization,
)

tf = pytest.importorskip("tensorflow")

PAIRS = {
    "batch": (BatchNormalization, keras.layers.BatchNormalization, {}),
    "instance": (InstanceNormalization, lambda **o: keras.layers.GroupNormalization(-1, **o), {}),
    "group": (GroupNormalization, keras.layers.GroupNormalization, {"groups": 4}),
}
pairs = pytest.mark.parametrize("kind", PAIRS)
shapes = pytest.mark.parametrize("shape", [(3, 8), (3, 7, 8), (3, 5, 4, 8), (2, 3, 4, 5, 8)])


def image(shape, seed=0):
    return tf.constant(np.random.default_rng(seed).normal(1, 3, shape).astype("float32"))


def ours_and_keras(kind, shape, **options):
    """Two layers with the same weights, none of them at its start value."""
    ours, theirs, needs = PAIRS[kind]
    made = ours(**needs, **options), theirs(**needs, **options)
    for layer in made:
        layer.build(shape)
        for i, weight in enumerate(layer.weights):
            weight.assign(np.random.default_rng(i).uniform(0.5, 1.5, weight.shape))
    return made


def everything(layer, x, graph, training):
    """Outputs, gradients and the layer's variables after one call."""
    options = {"training": training} if isinstance(layer, keras.layers.BatchNormalization) else {}

    def run(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, **options)
            loss = tf.reduce_sum(tf.sin(tf.cast(y, "float32")))
        return y, tape.gradient(loss, [x, *layer.trainable_variables])

    if graph == "any batch":
        run = tf.function(run, input_signature=[tf.TensorSpec((None, *x.shape[1:]), x.dtype)])
    elif graph == "any size":
        free = (None,) * (len(x.shape) - 1) + x.shape[-1:]
        run = tf.function(run, input_signature=[tf.TensorSpec(free, x.dtype)])
    elif graph == "xla":
        run = tf.function(run, jit_compile=True)
    results = tf.nest.flatten(run(x)) + [weight.value for weight in layer.weights]
    return [np.asarray(result, "float32") for result in results]


def assert_alike(layers, x, graph="eager", training=True, atol=1e-4):
    a, b = (everything(layer, x, graph, training) for layer in layers)
    for one, other in zip(a, b, strict=True):
        np.testing.assert_allclose(one, other, atol=atol, rtol=1e-4)


@pairs
@shapes
@pytest.mark.parametrize("graph", ["eager", "any size"])
def test_outputs_gradients_and_statistics_are_those_of_keras(kind, shape, graph):
    assert_alike(ours_and_keras(kind, shape), image(shape), graph)


@pairs
def test_under_xla_and_with_an_unknown_batch(kind):
    shape = (3, 5, 4, 8)
    for graph in ("xla", "any batch"):
        assert_alike(ours_and_keras(kind, shape), image(shape), graph)


@pairs
def test_a_batch_too_large_to_be_unrolled(kind):
    shape = (20, 3, 8)
    assert_alike(ours_and_keras(kind, shape), image(shape), "xla")


@pairs
@pytest.mark.parametrize(
    "options",
    [
        {"center": False},
        {"scale": False},
        {"center": False, "scale": False},
        {"epsilon": 1e-6},
        {"epsilon": 0.1},
        {"axis": 1},
        {"gamma_regularizer": "l2"},
        {"dtype": "float64"},
    ],
    ids=str,
)
def test_every_option_means_what_it_means_in_keras(kind, options):
    shape = (2, 8, 4, 8)
    x = tf.cast(image(shape), options.get("dtype", "float32"))
    # A small spread, so that epsilon counts.
    assert_alike(ours_and_keras(kind, shape, **options), 0.01 * x, atol=2e-3)


@pairs
def test_bfloat16_keeps_float32_statistics(kind):
    x = 50 + image((2, 16, 16, 8))
    ours, theirs = ours_and_keras(kind, x.shape, dtype="mixed_bfloat16")
    x = tf.cast(x, "bfloat16")
    for training in (True, False):
        a, b = (everything(layer, x, "eager", training)[0] for layer in (ours, theirs))
        # One step of bfloat16 at 8 is 1/16.
        np.testing.assert_allclose(a, b, atol=0.07)
    assert ours(x).dtype == "bfloat16"


@shapes
def test_inference_mode(shape):
    assert_alike(ours_and_keras("batch", shape), image(shape), training=False)


@pytest.mark.parametrize("training", [True, False])
def test_between_a_convolution_and_a_rectification_which_tensorflow_joins_with_it(training):
    x, kernel = image((2, 6, 6, 3)), image((3, 3, 3, 8), seed=1)
    outputs, graphs = [], []
    for layer in ours_and_keras("batch", (2, 6, 6, 8)):

        @tf.function
        def run(x, kernel, layer=layer):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.nn.relu(layer(tf.nn.conv2d(x, kernel, 1, "SAME"), training=training))
            return y, tape.gradient(y, x)

        outputs.append([*run(x, kernel), *layer.variables])
        graphs.append(run.get_concrete_function(x, kernel).graph)
    for one, other in zip(*outputs, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4, rtol=1e-4)
    # It joins neighbours only.
    assert not {"Reshape", "EnsureShape"} & {node.type for node in graphs[0].get_operations()}


def test_frozen_layer_uses_and_keeps_its_statistics():
    shape = (2, 5, 4, 8)
    ours, _ = layers = ours_and_keras("batch", shape)
    for layer in layers:
        layer.trainable = False
    before = [np.array(weight) for weight in ours.weights]
    assert_alike(layers, image(shape), training=True)
    for weight, old in zip(ours.weights, before, strict=True):
        np.testing.assert_array_equal(weight, old)
    np.testing.assert_allclose(ours(image(shape), training=True), ours(image(shape)))


def test_mask_and_renorm_go_the_way_of_keras():
    shape = (2, 6, 8)
    ours, theirs = ours_and_keras("batch", shape)
    mask = tf.constant([[True] * 3 + [False] * 3] * 2)
    a, b = (layer(image(shape), training=True, mask=mask) for layer in (ours, theirs))
    np.testing.assert_allclose(a, b, atol=1e-5)
    assert not np.allclose(a, ours(image(shape), training=True), atol=1e-2)
    assert_alike(ours_and_keras("batch", shape, renorm=True), image(shape))


def test_synchronized_on_one_device():
    shape = (2, 5, 4, 8)
    assert_alike(ours_and_keras("batch", shape, synchronized=True), image(shape))


@pytest.mark.parametrize("kind", ["batch", "group"])
def test_weights_saved_by_keras_load(kind, tmp_path):
    shape = (2, 4, 4, 8)
    ours, theirs = (
        keras.Sequential([keras.Input(shape[1:]), layer]) for layer in ours_and_keras(kind, shape)
    )
    theirs.save_weights(tmp_path / "a.weights.h5")
    for weight in ours.weights:
        weight.assign(weight * 0 + 3)
    ours.load_weights(tmp_path / "a.weights.h5")
    np.testing.assert_allclose(ours(image(shape)), theirs(image(shape)), atol=1e-5)


def test_instance_norm_takes_no_groups():
    with pytest.raises(TypeError, match="groups"):
        InstanceNormalization(groups=4)


def test_instance_norm_sees_one_image_at_a_time():
    x = np.array(image((3, 6, 6, 4)))
    layer = InstanceNormalization()
    together = np.array(layer(x))
    x[1] *= 100
    normalized = np.array(layer(x))
    np.testing.assert_array_equal(together[[0, 2]], normalized[[0, 2]])
    np.testing.assert_allclose(together.mean((1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(together.std((1, 2)), 1, atol=1e-2)
