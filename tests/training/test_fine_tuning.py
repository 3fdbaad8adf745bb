"""Which layers learn, how fast, and what a probe gives to the head."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mia.core.problem import Problem
from keras_mia.layers.normalization import BatchNormalization
from keras_mia.models import pretrained
from keras_mia.training.fine_tuning import fine_tune, freeze
from keras_mia.training.fitting.loop import Loop
from keras_mia.training.optimizers import GroupedAdamW
from keras_mia.training.probe import linear_probe, set_head, trunk
from tests.published_weights import publish


def network():
    keras.utils.set_random_seed(1)
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(4, 3, name="conv_1")(inputs)
    x = BatchNormalization(name="norm_1")(x)
    x = keras.layers.ReLU(name="relu_1")(x)
    x = keras.layers.Conv2D(4, 3, name="conv_2")(x)
    x = keras.layers.BatchNormalization(name="norm_2")(x)
    x = keras.layers.GlobalAveragePooling2D(name="features")(x)
    return keras.Model(inputs, keras.layers.Dense(2, "softmax", name="head")(x))


def images(count=16):
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 2, count)
    pixels = generator.normal(5 + 3 * labels, 1, (8, 8, 1, count))
    return np.moveaxis(pixels, -1, 0).astype(np.float32), labels


def weights(model):
    return {layer.name: layer.get_weights() for layer in model.layers}


@pytest.mark.parametrize(
    ("until", "moving"), [("relu_1", {"conv_2", "head"}), (0, None), (6, None)]
)
def test_frozen_weights_and_all_statistics_stay_and_the_others_move(until, moving):
    model, (x, y) = network(), images()
    before = weights(model)
    fine_tune(
        model, x, stages=[(until, 1e-2, 2)], loss="sparse_categorical_crossentropy", y=y, verbose=0
    )
    after = weights(model)
    moved = {
        name
        for name, arrays in before.items()
        if any(not np.array_equal(a, b) for a, b in zip(arrays, after[name], strict=True))
    }
    expected = {"relu_1": {"conv_2", "head"}, 0: {"conv_1", "conv_2", "head"}, 6: {"head"}}[until]
    assert moved == expected
    assert moving in (None, moved)


@pytest.mark.slow
@pytest.mark.parametrize("saved", [False, True], ids=["none", "file"])
@pytest.mark.parametrize(
    ("name", "until", "size"), [("VGG16", "block4_pool", 32), ("InceptionV3", "mixed7", 75)]
)
def test_networks_of_imagenet_move_behind_the_frozen_layers_alone(
    name, until, size, saved, tmp_path
):
    file = None
    if saved:
        file = tmp_path / "published.h5"
        builder = getattr(keras.applications, name)
        theirs = builder(include_top=False, weights=None, input_shape=(size, size, 3))
        publish(theirs, file)
    model = pretrained(name, (size, size, 3), 2, weights=file)
    before = weights(model)
    if saved:
        # Networks of Keras number their layers on, so the published order tells which is which.
        kernels = [layer.kernel.numpy() for layer in theirs.layers if hasattr(layer, "kernel")]
        loaded = [layer.kernel.numpy() for layer in model.layers if hasattr(layer, "kernel")]
        assert len(kernels) >= 13
        for published, kernel in zip(kernels, loaded, strict=False):
            np.testing.assert_array_equal(published, kernel)
    generator = np.random.default_rng(0)
    x = generator.uniform(0, 255, (4, size, size, 3)).astype(np.float32)
    frozen = 1 + [layer.name for layer in model.layers].index(until)
    first, rest = model.layers[:frozen], model.layers[frozen:]
    loss = "sparse_categorical_crossentropy"
    fine_tune(model, x, stages=[(until, 1e-3, 2)], loss=loss, y=np.array([0, 1, 0, 1]), verbose=0)
    after = weights(model)
    assert sum(len(before[layer.name]) for layer in first) > 10
    for layer in first:
        for old, new in zip(before[layer.name], after[layer.name], strict=True):
            np.testing.assert_array_equal(old, new)
    for layer in rest:
        if hasattr(layer, "kernel"):
            assert not np.array_equal(before[layer.name][0], after[layer.name][0]), layer.name


def test_the_loop_folds_what_is_frozen_and_learns_the_same(monkeypatch):
    found = []
    for folding in (True, False):
        if not folding:
            monkeypatch.setattr("keras_mia.training.fitting.loop.fold_frozen", lambda model: model)
        model, (x, y) = network(), images()
        model.get_layer("norm_1").set_weights([np.full(4, value) for value in (2.0, 1.0, 0.5, 3.0)])
        freeze(model, "relu_1")
        model.compile(GroupedAdamW(1e-2), "sparse_categorical_crossentropy", jit_compile=False)
        before = weights(model)

        def batches(start, worker, workers, x=x, y=y):
            return tf.data.Dataset.from_tensors((x, y)).repeat()

        loop = Loop(model, batches, len(x))
        losses = [float(loop.step()["loss"]) for _ in range(3)]
        loop.reset_metrics()
        assert (loop._step_model is model) != folding
        after = weights(model)
        assert not np.array_equal(before["conv_2"][0], after["conv_2"][0])
        np.testing.assert_array_equal(before["conv_1"][0], after["conv_1"][0])
        found.append((losses, after["conv_2"][0], after["head"][0]))
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_stages_unfreeze_more_and_more():
    model, (x, y) = network(), images()
    first = weights(model)["conv_1"]
    stages = [("features", 1e-2, 1), ("relu_1", 1e-3, 1), (0, 1e-3, 2)]
    loss = "sparse_categorical_crossentropy"
    histories = fine_tune(
        model, x, (x, y), stages=stages, loss=loss, y=y, metrics=["accuracy"], verbose=0
    )
    assert [len(one.epoch) for one in histories] == [1, 1, 2]
    assert "val_accuracy" in histories[0].history
    assert not np.array_equal(first[0], weights(model)["conv_1"][0])


def test_a_layer_that_is_not_there_and_nothing_left_to_learn():
    with pytest.raises(Problem, match="no layer 'conv_9'"):
        freeze(network(), "conv_9")
    with pytest.raises(Problem, match="none of 8 layers is left"):
        freeze(network(), "head")


def test_statistics_are_learnt_from_scratch_behind_what_is_frozen():
    model, (x, y) = network(), images()
    before = weights(model)
    freeze(model, "relu_1", statistics=True)
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.train_on_batch(x, y)
    after = weights(model)
    for name, same in (("norm_1", True), ("norm_2", False)):
        assert np.array_equal(before[name][2], after[name][2]) == same


def test_groups_of_weights_have_rates_of_their_own(tmp_path):
    model, (x, y) = network(), images()
    before = weights(model)
    factors = {"conv_1": 0.0, "conv_2": 0.1}
    optimizer = GroupedAdamW(1e-2, factors=factors, weight_decay=0.0)
    model.compile(optimizer, "sparse_categorical_crossentropy")
    model.train_on_batch(x, y)
    steps = {
        name: np.abs(weights(model)[name][0] - before[name][0]).max()
        for name in ("conv_1", "conv_2", "head")
    }
    # The first step of Adam is the rate itself, wherever there is a gradient.
    assert steps["conv_1"] == 0
    assert steps["conv_2"] == pytest.approx(1e-3, rel=0.02)
    assert steps["head"] == pytest.approx(1e-2, rel=0.02)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert again.factors == factors


@pytest.mark.parametrize("classes", [2, 3])
def test_a_probe_becomes_the_head(classes):
    generator = np.random.default_rng(0)
    labels = np.arange(60) % classes
    x = generator.normal(labels[:, None], 0.4, (60, 5)) * [1, 2, 3, 4, 5] + 7
    probe = linear_probe(x[:40], labels[:40], validation=(x[40:], labels[40:]))
    inputs = keras.Input((5,))
    model = keras.Model(inputs, keras.layers.Dense(classes, "softmax")(inputs))
    set_head(model, probe)
    np.testing.assert_allclose(model.predict(x, verbose=0), probe.predict_proba(x), atol=1e-4)
    assert (probe.predict(x[40:]) == labels[40:]).mean() > 0.6
    wrong = keras.Model(inputs, keras.layers.Dense(classes + 1)(inputs))
    with pytest.raises(ValueError, match="last layer"):
        set_head(wrong, probe)


def test_features_are_what_the_last_layer_takes():
    model, (x, _) = network(), images()
    features = trunk(model).predict(x, verbose=0)
    kernel, bias = model.layers[-1].get_weights()
    logits = features @ kernel + bias
    expected = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, atol=1e-5)
