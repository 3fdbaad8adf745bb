"""A convolution of size 1 with strides has the values of Keras' own, and gradients that end."""

import keras
import numpy as np
import pytest

from keras_mia import layers
from keras_mia.layers import nd


@pytest.mark.parametrize("space", [(16,), (17,), (16, 12), (9, 16)])
@pytest.mark.parametrize("channels", [4, 16])
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("stride", [2, 3])
def test_it_has_the_values_of_keras(space, channels, padding, stride):
    inputs = keras.Input((*space, channels))
    options = {"padding": padding, "strides": stride}
    ours = keras.Model(inputs, nd.conv(inputs, 5, 1, **options))
    assert type(ours.layers[-1]).__name__ == f"StridedPointwiseConv{len(space)}D"
    kind = getattr(keras.layers, f"Conv{len(space)}D")
    reference = keras.Model(inputs, kind(5, 1, **options)(inputs))
    reference.set_weights(ours.get_weights())
    x = np.random.default_rng(0).normal(size=(3, *space, channels)).astype("float32")
    np.testing.assert_allclose(ours(x), reference(x), atol=1e-5)


def test_others_are_usual_ones():
    inputs = keras.Input((16, 16, 4))
    for size, strides in ((1, 1), (3, 2), ((1, 3), 2)):
        made = nd.conv(inputs, 5, size, strides=strides)
        (layer,) = keras.Model(inputs, made).layers[1:]
        assert type(layer) is layers.Conv2D


@pytest.mark.parametrize("space", [(16, 16), (64,)])
def test_training_on_odd_batches_of_few_channels_ends(space):
    """TensorFlow's own gradient broke the process after some tens of these steps."""
    x = keras.Input((*space, 4))
    model = keras.Model(x, nd.conv(x, 16, 1, strides=2))
    model.compile("sgd", "mse", jit_compile=False)
    images = np.random.default_rng(0).normal(size=(3, *space, 4)).astype("float32")
    target = np.zeros((3, *model.output_shape[1:]), "float32")
    model.fit(images, target, epochs=100, batch_size=3, verbose=0)
    assert np.isfinite(model.get_weights()[0]).all()


@pytest.mark.parametrize("name", ["GroupedConv1D", "StridedPointwiseConv1D"])
def test_what_is_not_computed_is_refused(name):
    layer = getattr(layers, name)(4, 1, padding="causal")
    with pytest.raises(ValueError, match="causal"):
        layer(np.zeros((1, 8, 4), "float32"))
