"""Networks for images as networks for volumes."""

import keras
import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.models import inflate, pretrained

pytestmark = pytest.mark.slow


def images(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def small(padding):
    """All kinds of layers of the networks that can be inflated, with random statistics too."""
    layers = keras.layers
    inputs = keras.Input((14, 15, 2))
    x = layers.ZeroPadding2D(1)(inputs) if padding == "same" else inputs
    x = layers.Conv2D(4, 3, strides=2, padding="valid", name="strided")(x)
    x = layers.BatchNormalization(axis=3)(x)
    x = layers.ReLU()(x)
    # As in the Inception networks, factored kernels are padded.
    a = layers.Conv2D(3, (1, 3), padding="same")(x)
    a = layers.Conv2D(3, (3, 1), padding="same")(a)
    a = layers.Conv2D(3, 3, padding=padding)(a)
    b = layers.AveragePooling2D(3, 1, padding=padding)(x)
    c = layers.MaxPooling2D(3, 1, padding=padding)(x)
    x = layers.Concatenate(axis=3)([a, b, c])
    model = keras.Model(inputs, layers.Conv2D(5, 2, activation="tanh", name="last")(x))
    for layer in model.layers:
        layer.set_weights([np.random.normal(size=w.shape) ** 2 / 4 for w in layer.weights])
    return model


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_equal_slices_give_the_maps_of_one(padding):
    model = small(padding)
    volumes = inflate(model, (14, 15, 21, 2))
    x = images(2, 14, 15, 2)
    y = np.array(volumes(np.repeat(x[:, :, :, None], 21, axis=3)))
    # What is padded along the new axis is seen by this many of the last maps at each end.
    margin = 3 if padding == "same" else 0
    middle = y[:, :, :, margin : y.shape[3] - margin]
    assert middle.shape[3] > 2
    expected = np.array(model(x))[:, :, :, None]
    np.testing.assert_allclose(middle, np.broadcast_to(expected, middle.shape), rtol=1e-4)
    assert [layer.name for layer in volumes.layers] == [layer.name for layer in model.layers]


def test_a_pretrained_network_becomes_one_for_volumes():
    options = {"weights": None, "gray": "sum"}
    keras.utils.set_random_seed(0)
    image = pretrained("VGG16", (32, 32, 1), 2, **options)
    keras.utils.set_random_seed(0)
    volume = pretrained("VGG16", (32, 32, 32, 1), 2, **options)
    assert volume.get_layer("block5_conv3").kernel.shape == (3, 3, 3, 512, 512)
    assert volume.get_layer("block5_pool").output.shape == (None, 1, 1, 1, 512)
    assert volume.output_shape == (None, 2)
    x = np.abs(images(1, 32, 32, 1)) * 80
    of_image, of_volume = (
        keras.Model(model.input, model.get_layer("block1_conv2").output)
        for model in (image, volume)
    )
    y = np.array(of_volume(np.repeat(x[:, :, :, None], 32, axis=3)))[:, :, :, 2:-2]
    expected = np.broadcast_to(np.array(of_image(x))[:, :, :, None], y.shape)
    np.testing.assert_allclose(y, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["ResNet50", "ResNet50V2", "DenseNet121", "InceptionV3", "InceptionResNetV2"]
)
def test_families_that_can_be_inflated(name):
    model = pretrained(name, (75, 75, 75, 1), 2, weights=None)
    assert len(model.get_layer("mean").input.shape) == 5
    assert model.output_shape == (None, 2)


def test_what_has_no_twin_is_named():
    inputs = keras.Input((8, 8, 2))
    for layer in (
        keras.layers.DepthwiseConv2D(3, name="x"),
        keras.layers.SeparableConv2D(4, 3, name="x"),
        keras.layers.Conv2D(4, 3, groups=2, name="x"),
        keras.layers.Flatten(name="x"),
    ):
        with pytest.raises(Problem, match=f"{type(layer).__name__} has no twin") as raised:
            inflate(keras.Model(inputs, layer(inputs)), (8, 8, 8, 2))
        assert raised.value.where == "x"
    model = keras.Model(inputs, keras.layers.Conv2D(4, 3)(inputs))
    with pytest.raises(Problem, match="cannot be made one"):
        inflate(model, (8, 8, 8, 1))
    with pytest.raises(Problem, match="too small") as raised:
        inflate(model, (8, 8, 2, 2))
    assert "8 voxels fit" in raised.value.remedy
