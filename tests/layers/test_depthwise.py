"""Depthwise and separable convolutions against dense ones, and channels in another order."""

import keras
import numpy as np
import pytest

from keras_mia.layers import nd
from keras_mia.layers.channels import TakeChannels
from keras_mia.layers.convolutions.depthwise import DepthwiseConv

SPACES = [(9,), (7, 6), (5, 6, 7)]


def volume(space, channels=3):
    return np.random.default_rng(0).normal(size=(2, *space, channels)).astype("float32")


def dense_twin(layer, space, channels=3):
    """A convolution of all channels whose kernel is 0 between different ones."""
    x = volume(space, channels)
    twin = nd.of_rank("Conv{}D", x)(channels, layer.kernel_size, padding="same", use_bias=False)
    twin.build(x.shape)
    kernel = np.array(layer.kernel)[..., 0]
    twin.kernel.assign(kernel[..., None] * np.eye(channels))
    return twin


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_is_a_dense_convolution_without_the_other_channels(space, size):
    layer, x = DepthwiseConv(size), volume(space)
    y = layer(x)
    np.testing.assert_allclose(y, dense_twin(layer, space)(x), atol=1e-5)


def test_takes_the_kernels_of_keras_own():
    x = volume((7, 6))
    theirs = keras.layers.DepthwiseConv2D(3, padding="same", use_bias=False)
    expected = theirs(x)
    ours = DepthwiseConv(3)
    ours.build(x.shape)
    ours.set_weights(theirs.get_weights())
    np.testing.assert_allclose(ours(x), expected, atol=1e-6)


@pytest.mark.parametrize("space", SPACES)
def test_separable_is_channels_after_space(space):
    inputs = keras.Input((*space, 3))
    model = keras.Model(inputs, nd.separable_conv(inputs, 4, use_bias=False, name="block"))
    assert [layer.name for layer in model.layers[1:]] == ["block_depthwise", "block_pointwise"]
    assert model.count_params() == 3 ** len(space) * 3 + 3 * 4
    x = volume(space)
    depthwise, pointwise = model.layers[1:]
    expected = np.array(dense_twin(depthwise, space)(x)) @ np.array(pointwise.kernel).reshape(3, 4)
    np.testing.assert_allclose(model(x), expected, atol=1e-5)


def test_channels_are_taken_by_their_numbers():
    x = volume((4, 5))
    np.testing.assert_array_equal(TakeChannels((2, 1, 0))(x), x[..., ::-1])
    np.testing.assert_array_equal(TakeChannels((1, 1))(x), x[..., [1, 1]])
