"""Batch normalization folded into convolutions."""

import keras
import numpy as np
import pytest

from keras_mia import models
from keras_mia.models.folding import folded


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
    twin = folded(model)
    assert norms(twin) <= left < norms(model)
    x = np.random.default_rng(1).normal(size=(2, *model.input_shape[1:])).astype("float32")
    found, expected = (keras.tree.flatten(one(x, training=False)) for one in (twin, model))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(np.asarray(one), np.asarray(other), atol=2e-5)


@pytest.mark.parametrize(
    ("side", "zeros", "options", "goes"),
    [
        (8, (0, 1), {"strides": 2}, True),
        (9, (1, 1), {"strides": 2}, True),
        (8, (1, 1), {"strides": 2}, False),
        (8, (2, 2), {"dilation_rate": 2}, True),
        (8, (1, 1), {"dilation_rate": 2}, False),
    ],
)
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_zeros_are_folded_where_they_are_those_of_same(rank, side, zeros, options, goes):
    layers = keras.layers
    padding = getattr(layers, f"ZeroPadding{rank}D")(zeros if rank == 1 else [zeros] * rank)
    conv = getattr(layers, f"Conv{rank}D")(2, 3, **options)
    x = keras.Input((side,) * rank + (1,))
    model = keras.Model(x, conv(padding(x)))
    twin = folded(model)
    assert (twin is not model) == goes
    x = np.random.default_rng(1).normal(size=(2, *model.input_shape[1:])).astype("float32")
    np.testing.assert_allclose(np.asarray(twin(x)), np.asarray(model(x)), atol=1e-5)
    assert (len(twin.layers) < len(model.layers)) == goes


def test_what_is_used_elsewhere_too_is_not_folded():
    x = keras.Input((8, 8, 1))
    y = keras.layers.Conv2D(2, 3, padding="same")(x)
    z = keras.layers.BatchNormalization()(y)
    model = keras.Model(x, keras.layers.Add()([y, z]))
    assert folded(model) is model


def test_without_batch_normalization_there_is_nothing_to_fold():
    model = models.unet((16, 16, 1), 2, filters=4, depth=1, norm="instance")
    assert folded(model) is model
