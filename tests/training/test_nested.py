"""Networks whose layers are networks: what is frozen, decays, is penalized and looked at."""

import keras
import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.layers.normalization import BatchNormalization
from keras_mia.models.copying import every_layer, flatten_network
from keras_mia.models.describe import describe
from keras_mia.training import gradient_norms, penalize, pretrain_layers
from keras_mia.training.fine_tuning import fine_tune, freeze, has_statistics
from keras_mia.training.optimizers import GroupedAdamW
from keras_mia.training.probe import trunk

LOSS = "sparse_categorical_crossentropy"


@keras.saving.register_keras_serializable("tests")
class Block(keras.layers.Layer):
    """A layer of one's own with layers inside."""

    def __init__(self, **options):
        super().__init__(**options)
        self.conv = keras.layers.Conv2D(4, 3, padding="same", name="conv")
        self.norm = keras.layers.BatchNormalization(name="norm")

    def call(self, x):
        return self.norm(self.conv(x))


def small(name, channels=4, kind=BatchNormalization):
    inputs = keras.Input((8, 8, channels))
    x = keras.layers.Conv2D(4, 3, padding="same", name=f"{name}_conv_1")(inputs)
    x = kind(name=f"{name}_norm_1")(x)
    x = keras.layers.Conv2D(4, 3, padding="same", name=f"{name}_conv_2")(x)
    return keras.Model(inputs, keras.layers.BatchNormalization(name="norm")(x), name=name)


def functional():
    """A network in a network in a network, a block of one's own, and a wrapper."""
    middle = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(4, 1, name="middle_conv")(middle)
    middle = keras.Model(middle, small("deep")(x), name="middle")
    inputs = keras.Input((8, 8, 1))
    x = Block(name="block")(middle(inputs))
    x = keras.layers.TimeDistributed(keras.layers.BatchNormalization(), name="wrapped")(x)
    x = small("last")(x)
    x = keras.layers.GlobalAveragePooling2D(name="features")(x)
    return keras.Model(inputs, keras.layers.Dense(2, "softmax", name="head")(x), name="outer")


def sequential():
    layers = [keras.Input((8, 8, 1)), small("middle", 1), small("last"), Block(name="block")]
    head = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2, "softmax")])
    return keras.Sequential([*layers, head], name="outer")


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__(name="own")
        self.body, self.block = small("body", 1), Block(name="block")
        self.pool = keras.layers.GlobalAveragePooling2D()
        self.answer = keras.layers.Dense(2, "softmax", name="answer")

    def call(self, x):
        return self.answer(self.pool(self.block(self.body(x))))


def subclassed():
    model = Subclassed()
    model(np.zeros((1, 8, 8, 1)))
    return model


def images():
    generator = np.random.default_rng(0)
    return generator.normal(3, 2, (16, 8, 8, 1)).astype("float32"), np.arange(16) % 2


def arrays(model):
    """What each layer without layers inside holds, by its path."""
    return {path: [np.array(w) for w in layer.weights] for path, layer in every_layer(model)}


def moved(before, after):
    return {
        path
        for path, arrays in before.items()
        if any(not np.array_equal(a, b) for a, b in zip(arrays, after[path], strict=True))
    }


@pytest.mark.parametrize("build", [functional, sequential, subclassed])
def test_statistics_stay_wherever_they_lie(build):
    keras.utils.set_random_seed(0)
    model, (x, y) = build(), images()
    before = arrays(model)
    fine_tune(model, x, stages=[(0, 1e-2, 2)], loss=LOSS, y=y, verbose=0)
    norms = {path for path, layer in every_layer(model) if has_statistics(layer)}
    assert len(norms) >= 3
    moved_names = moved(before, arrays(model))
    assert not norms & moved_names
    assert sum("conv" in path for path in moved_names) >= 3


def test_all_before_a_layer_deep_inside_is_frozen():
    keras.utils.set_random_seed(0)
    model, (x, y) = functional(), images()
    before = arrays(model)
    stages = [("deep_conv_1", 1e-2, 1)]
    fine_tune(model, x, stages=stages, loss=LOSS, y=y, verbose=0)
    moved_names = {path.rpartition("/")[2] for path in moved(before, arrays(model))} - {
        "middle",
        "deep",
    }
    assert moved_names == {
        "deep_conv_2",
        "block",
        "conv",
        "last",
        "last_conv_1",
        "last_conv_2",
        "head",
    }


@pytest.mark.parametrize(
    ("until", "learning"),
    [
        ("middle", {"conv", "last_conv_1", "last_conv_2", "head"}),
        (2, {"conv", "last_conv_1", "last_conv_2", "head"}),
        ("middle/deep", {"conv", "last_conv_1", "last_conv_2", "head"}),
        ("block/conv", {"last_conv_1", "last_conv_2", "head"}),
        ("last_conv_1", {"last_conv_2", "head"}),
        ("features", {"head"}),
        (6, {"head"}),
    ],
)
def test_networks_are_frozen_by_count_and_name(until, learning):
    model = functional()
    freeze(model, until)
    kernels = {w.path.split("/")[-2] for w in model.trainable_weights}
    assert kernels == learning
    freeze(model, 0)
    assert len(model.trainable_weights) == 14


def test_a_name_of_several_layers_is_told():
    with pytest.raises(Problem, match="middle/deep/norm, block/norm, last/norm"):
        freeze(functional(), "norm")
    with pytest.raises(Problem, match="no layer 'conv_9'"):
        freeze(functional(), "conv_9")
    with pytest.raises(Problem, match="left that learns"):
        freeze(functional(), "head")


def test_a_layer_at_two_places_is_frozen_where_the_first_one_is():
    conv = keras.layers.Conv2D(1, 3, padding="same", name="conv")
    inner = keras.Input((8, 8, 1))
    inner = keras.Model(inner, keras.layers.ReLU()(conv(inner)), name="inner")
    x = keras.Input((8, 8, 1))
    model = keras.Model(x, keras.layers.Dense(2, name="head")(inner(conv(x))))
    freeze(model, "conv")
    assert not conv.trainable
    assert {w.path.split("/")[0] for w in model.trainable_weights} == {"head"}


def test_statistics_behind_what_is_frozen_are_learnt_from_scratch():
    model, (x, y) = functional(), images()
    freeze(model, "middle", statistics=True)
    before = arrays(model)
    model.compile("sgd", LOSS)
    model.train_on_batch(x, y)
    moved_names = moved(before, arrays(model))
    assert {"block/norm", "last/last_norm_1", "last/norm"} <= moved_names
    assert not any(path.startswith("middle") for path in moved_names)


def test_factors_reach_networks_inside_and_one_of_no_weight_is_told():
    model, (x, y) = functional(), images()
    before = arrays(model)
    factors = {"deep_conv": 0.0, "last_conv_1": 0.1}
    fine_tune(model, x, stages=[(0, 1e-2, 1)], factors=factors, loss=LOSS, y=y, verbose=0)
    moved_names = moved(before, arrays(model))
    assert "middle/deep/deep_conv_1" not in moved_names
    assert "middle/middle_conv" in moved_names
    with pytest.raises(Problem, match="No weight has '\\^outer' in its path"):
        fine_tune(model, x, stages=[(0, 1e-2, 1)], factors={"^outer": 0.1}, loss=LOSS, y=y)
    optimizer = GroupedAdamW(factors={"^outer": 0.1})
    with pytest.warns(UserWarning, match="outer"):
        optimizer.build(model.trainable_variables)


def test_kernels_of_networks_inside_are_penalized_and_looked_at():
    model, (x, y) = functional(), images()
    freeze(model, "middle")
    penalize(model, l2=0.5)
    kernels = [w for w in model.trainable_weights if w.name == "kernel"]
    expected = 0.5 * sum(float(np.sum(np.square(np.array(w)))) for w in kernels)
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)
    model.compile("sgd", LOSS)
    rows = gradient_norms(model, x, y)
    assert [row["layer"] for row in rows] == ["block", "last_conv_1", "last_conv_2", "head"]
    assert all(row["norm"] > 0 for row in rows)


def test_what_needs_one_graph_says_so():
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4)], name="inner")
    model = keras.Sequential([keras.Input((4,)), inner, keras.layers.Dense(2)])
    with pytest.raises(Problem, match="network inside the network"):
        pretrain_layers(model, np.zeros((4, 4)))
    with pytest.raises(Problem, match="is a network itself"):
        trunk(sequential())
    (row,) = (row for row in describe(functional()) if row.name == "middle")
    assert row.parameters == 8 + 2 * (4 * 9 * 4 + 4) + 32
    assert row.operations is None
    assert [row.name for row in describe(flatten_network(small("flat", 1)))][-1] == "norm"


def test_a_network_inside_that_is_called_twice_is_flattened_with_its_layers_shared():
    inner, x = small("inner"), keras.Input((8, 8, 4))
    model = keras.Model(x, inner(inner(x)))
    alike = flatten_network(model)
    images = np.random.default_rng(0).normal(size=(2, 8, 8, 4))
    np.testing.assert_allclose(alike(images), model(images), atol=1e-5)
    assert alike.count_params() == model.count_params()
