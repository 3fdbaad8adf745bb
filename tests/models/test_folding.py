"""Batch normalization folded into convolutions."""

import keras
import numpy as np
import pytest

from keras_mia import models
from keras_mia.models.folding import fold_batchnorm, fold_frozen


def lively(model: keras.Model) -> keras.Model:
    """With statistics and scales that are not those of the beginning."""
    generator = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([generator.uniform(0.5, 2, w.shape) for w in layer.get_weights()])
    return model


def norms(model: keras.Model) -> int:
    return sum(isinstance(layer, keras.layers.BatchNormalization) for layer in model.layers)


@pytest.mark.parametrize(
    ("build", "left"),
    [
        (lambda: models.unet((16, 16, 1), 3, filters=4, depth=2, norm="batch"), 0),
        (lambda: models.unet((8, 8, 8, 2), 3, filters=4, depth=1, norm="batch"), 0),
        (lambda: models.resnet((32, 32, 1), 2, depth=18, filters=4), 0),
        (lambda: models.pretrained("MobileNetV2", (32, 32, 1), 2, weights=None, alpha=0.35), 0),
        (lambda: models.pretrained("Xception", (71, 71, 3), 2, weights=None), 0),
        (lambda: models.densenet((32, 32, 1), 2, depth=(2, 2), growth_rate=4), 6),
    ],
)
def test_a_folded_network_answers_as_before(build, left):
    model = lively(build())
    twin = fold_batchnorm(model)
    assert norms(twin) <= left < norms(model)
    x = np.random.default_rng(1).normal(size=(2, *model.input_shape[1:])).astype("float32")
    result, expected = (keras.tree.flatten(one(x, training=False)) for one in (twin, model))
    for one, other in zip(result, expected, strict=True):
        np.testing.assert_allclose(np.asarray(one), np.asarray(other), atol=2e-5)


@pytest.mark.parametrize(
    ("size", "zeros", "options", "goes"),
    [
        (8, (0, 1), {"strides": 2}, True),
        (9, (1, 1), {"strides": 2}, True),
        (8, (1, 1), {"strides": 2}, False),
        (8, (2, 2), {"dilation_rate": 2}, True),
        (8, (1, 1), {"dilation_rate": 2}, False),
    ],
)
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_zeros_are_folded_where_they_are_those_of_same(rank, size, zeros, options, goes):
    layers = keras.layers
    padding = getattr(layers, f"ZeroPadding{rank}D")(zeros if rank == 1 else [zeros] * rank)
    conv = getattr(layers, f"Conv{rank}D")(2, 3, **options)
    x = keras.Input((size,) * rank + (1,))
    model = keras.Model(x, conv(padding(x)))
    twin = fold_batchnorm(model)
    assert (twin is not model) == goes
    x = np.random.default_rng(1).normal(size=(2, *model.input_shape[1:])).astype("float32")
    np.testing.assert_allclose(np.asarray(twin(x)), np.asarray(model(x)), atol=1e-5)
    assert (len(twin.layers) < len(model.layers)) == goes


def test_what_is_used_elsewhere_too_is_not_folded():
    x = keras.Input((8, 8, 1))
    y = keras.layers.Conv2D(2, 3, padding="same")(x)
    z = keras.layers.BatchNormalization()(y)
    model = keras.Model(x, keras.layers.Add()([y, z]))
    assert fold_batchnorm(model) is model


def test_without_batch_normalization_there_is_nothing_to_fold():
    model = models.unet((16, 16, 1), 2, filters=4, depth=1, norm="instance")
    assert fold_batchnorm(model) is model


class RandomGraph:
    """A network of a few layers, any of which may be used again, nested, or be an output."""

    def __init__(self, seed):
        self.generator = np.random.default_rng(seed)
        self.inputs = keras.Input((6, 7, 3))
        self.tensors = [self.inputs]
        self.made = []
        for _ in range(self.generator.integers(4, 12)):
            self.grow()
        count = min(len(self.tensors), int(self.generator.integers(1, 4)))
        picked = self.generator.choice(len(self.tensors), count, replace=False)
        chosen = [self.tensors[i] for i in {*picked, len(self.tensors) - 1} - {0}]
        names = self.generator.random() < 0.3
        outputs = {f"at_{i}": one for i, one in enumerate(chosen)} if names else chosen
        self.model = keras.Model(self.inputs, outputs)
        for weight in self.model.weights:
            weight.assign(self.generator.uniform(0.3, 1.5, weight.shape) / 3)

    def grow(self):
        """One more layer behind one of the last ones, mostly."""
        back = int(self.generator.integers(1, 4)) if self.generator.random() < 0.4 else 1
        x = self.tensors[-min(back, len(self.tensors))]
        of_same_shape = [layer for layer, shape in self.made if shape == x.shape]
        if of_same_shape and self.generator.random() < 0.2:
            layer = of_same_shape[self.generator.integers(len(of_same_shape))]
        else:
            layer = self.layer(x)
        y = layer(x)
        self.made.append((layer, x.shape))
        self.tensors.append(y)
        if y.shape == x.shape and self.generator.random() < 0.2:
            self.tensors.append(keras.layers.Add()([x, y]))

    def layer(self, x):
        layers, kind = keras.layers, self.generator.random()
        bias, strides = bool(self.generator.random() < 0.5), int(self.generator.integers(1, 3))
        same = "same" if self.generator.random() < 0.3 else "valid"
        if self.generator.random() < 0.6 and self.made:  # what can be folded is not rare
            last = self.made[-1][0]
            if isinstance(last, layers.ZeroPadding2D) and min(x.shape[1:3]) > 2:
                return layers.Conv2D(3, 3, strides=strides, use_bias=bias)
            if hasattr(last, "kernel_size") or isinstance(last, layers.Dense):
                return layers.BatchNormalization()
        if kind < 0.35:
            return layers.BatchNormalization()
        if kind < 0.5:
            return layers.ZeroPadding2D(((1, 1), (1, 1)) if strides == 1 else ((0, 1), (1, 1)))
        if kind < 0.55:
            return layers.ReLU()
        if kind < 0.62:
            inner = keras.Input(x.shape[1:])
            y = layers.Conv2D(3, 1, use_bias=bias)(inner)
            return keras.Model(inner, layers.BatchNormalization()(y))
        if kind < 0.68:
            return layers.Dense(3, use_bias=bias)
        if min(x.shape[1:3]) < 3:
            return layers.Conv2D(3, 1, use_bias=bias)
        if kind < 0.76:
            return layers.DepthwiseConv2D(3, padding=same, use_bias=bias, depth_multiplier=2)
        if kind < 0.82:
            return layers.SeparableConv2D(3, 3, padding=same, use_bias=bias)
        return layers.Conv2D(3, 3, strides=strides, padding=same, use_bias=bias)


def outputs_are_equal(model, twin, atol=1e-4):
    x = np.random.default_rng(1).normal(size=(2, *model.input_shape[1:])).astype("float32")
    given, expected = twin(x, training=False), model(x, training=False)
    keras.tree.assert_same_structure(given, expected)
    last = np.asarray(keras.tree.flatten(expected)[-1])
    assert np.isfinite(last).all()
    assert np.ptp(last) > 0, "equal answers would say nothing"
    for one, other in zip(*map(keras.tree.flatten, (given, expected)), strict=True):
        np.testing.assert_allclose(np.asarray(one), np.asarray(other), atol=atol, rtol=1e-4)


@pytest.mark.parametrize("seed", range(40))
def test_any_network_answers_as_before(seed):
    model = RandomGraph(seed).model
    before = [np.array(weight) for weight in model.weights]
    outputs_are_equal(model, fold_batchnorm(model))
    model.trainable = False
    outputs_are_equal(model, fold_frozen(model))
    for weight, array in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(weight, array)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40, 240))
def test_many_networks_answer_as_before(seed):
    model = RandomGraph(seed).model
    twin = fold_batchnorm(model)
    outputs_are_equal(model, twin)
    assert twin is model or len(twin.layers) < len(model.layers)


@pytest.mark.parametrize("seed", range(10))
def test_a_network_that_answers_a_little_otherwise_is_noticed(seed):
    model = RandomGraph(seed).model
    twin = keras.models.clone_model(model)
    twin.set_weights([1.01 * weight for weight in model.get_weights()])
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        outputs_are_equal(model, twin)


def test_random_networks_have_much_to_fold():
    result = [RandomGraph(seed).model for seed in range(20)]
    assert sum(fold_batchnorm(model) is not model for model in result) > 8


def convolved(**options):
    x = keras.Input((6, 6, 6))
    conv = keras.layers.Conv2D(6, 3, padding="same", **options)
    return x, conv(x)


def test_a_convolution_that_is_an_output_is_not_folded():
    x, y = convolved()
    model = keras.Model(x, [keras.layers.BatchNormalization()(y), y])
    assert fold_batchnorm(lively(model)) is model


def test_zeros_that_are_an_output_are_not_folded():
    x = keras.Input((8, 8, 1))
    y = keras.layers.ZeroPadding2D(1)(x)
    model = keras.Model(x, [keras.layers.Conv2D(2, 3)(y), y])
    assert fold_batchnorm(model) is model


def test_normalization_in_another_precision_is_not_folded():
    """Its output would be that of the convolution, in bfloat16."""
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(2, 3, dtype="mixed_bfloat16")(inputs)
    model = keras.Model(inputs, keras.layers.BatchNormalization(dtype="float32")(x))
    assert fold_batchnorm(model) is model


def test_zeros_that_another_network_laid_first_are_those_of_this_size():
    """Whether they are those of "same" was asked of the layer's first call."""
    padding, conv = keras.layers.ZeroPadding2D(1), keras.layers.Conv2D(2, 3, strides=2)
    networks = []
    for size in (9, 8):
        inputs = keras.Input((size, size, 1))
        networks.append(keras.Model(inputs, conv(padding(inputs))))
    x = np.random.default_rng(0).normal(size=(1, 8, 8, 1)).astype("float32")
    assert len(fold_batchnorm(networks[0]).layers) == 2
    np.testing.assert_allclose(fold_batchnorm(networks[1])(x), networks[1](x), atol=1e-6)


def test_normalization_of_an_axis_of_space_is_not_folded():
    x, y = convolved(data_format="channels_first")
    model = keras.Model(x, keras.layers.BatchNormalization()(y))
    assert fold_batchnorm(model) is model


def test_normalization_by_the_batch_always_is_not_folded():
    x, y = convolved()
    model = keras.Model(x, keras.layers.BatchNormalization()(y, training=True))
    assert fold_batchnorm(model) is model


def test_a_convolution_of_ones_own_is_not_folded():
    class Standardized(keras.layers.Conv2D):
        def call(self, inputs):
            return super().call(inputs) / 2

    x = keras.Input((6, 6, 1))
    model = keras.Model(x, keras.layers.BatchNormalization()(Standardized(2, 3)(x)))
    assert fold_batchnorm(model) is model


def test_a_sequential_network_is_folded_and_one_that_is_no_graph_is_not():
    layers = [keras.Input((6, 6, 1)), keras.layers.Conv2D(2, 3), keras.layers.BatchNormalization()]
    model = lively(keras.Sequential(layers))
    assert norms(fold_batchnorm(model)) == 0
    outputs_are_equal(model, fold_batchnorm(model))

    class Subclassed(keras.Model):
        def __init__(self):
            super().__init__()
            self.conv, self.norm = keras.layers.Conv2D(2, 3), keras.layers.BatchNormalization()

        def call(self, x):
            return self.norm(self.conv(x))

    model = Subclassed()
    model(np.zeros((1, 6, 6, 1)))
    assert fold_batchnorm(model) is model
