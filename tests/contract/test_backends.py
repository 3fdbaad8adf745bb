"""Layers and builders give the same numbers on every Keras backend."""

import keras
import numpy as np
import pytest
from keras import ops

from tests.contract.builders import BUILDERS
from tests.contract.layers import LAYERS

pytestmark = pytest.mark.backends


def normalized(x, axes, groups=None):
    grouped = x if groups is None else x.reshape(*x.shape[:-1], groups, -1)
    mean, variance = grouped.mean(axes, keepdims=True), grouped.var(axes, keepdims=True)
    return ((grouped - mean) / np.sqrt(variance + 1e-3)).reshape(x.shape)


def enlarged(x):
    """Twice as long in rows and columns, by numpy's interpolation of lines."""
    for axis in (1, 2):
        side = x.shape[axis]
        centers = (np.arange(2 * side) + 0.5) / 2 - 0.5
        lines = np.apply_along_axis(
            lambda y, c=centers: np.interp(c, np.arange(len(y)), y), axis, x
        )
        x = lines
    return x


EXPECTED = {
    "batch norm": lambda x: normalized(x, (0, 1, 2)),
    "group norm": lambda x: normalized(x, (1, 2, 4), groups=2),
    "instance norm": lambda x: normalized(x, (1, 2)),
    "linear upsampling": enlarged,
    "nearest upsampling": lambda x: x.repeat(3, 1).repeat(3, 2),
    "mirror padding": lambda x: np.pad(x, ((0, 0), (3, 3), (3, 3), (0, 0)), mode="reflect"),
}

# The mean probability of each class, by axes of space; the weights are drawn by numpy.
PROBABILITIES = {
    "unet": {
        1: (0.33787, 0.37080, 0.29133),
        2: (0.30111, 0.28873, 0.41016),
        3: (0.50502, 0.26275, 0.23222),
    },
}


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_layer_is_what_numpy_says(layer):
    x = np.random.default_rng(0).normal(1, 2, (2, 6, 5, 4)).astype("float32")
    training = {"training": True} if "batch" in layer.name else {}
    y = ops.convert_to_numpy(layer.make()(x, **training))
    np.testing.assert_allclose(y, EXPECTED[layer.name](x), atol=1e-4)


@pytest.mark.parametrize(
    ("builder", "space"),
    [(builder, space) for builder in BUILDERS for space in builder.spaces],
    ids=lambda part: getattr(part, "name", None) or f"{len(part)}D",
)
def test_builder_gives_the_same_on_every_backend(builder, space):
    model = builder.make(space)
    random = np.random.default_rng(0)
    model.set_weights([random.normal(0.1, 0.2, weight.shape) for weight in model.weights])
    x = random.normal(size=(1, *space, 1)).astype("float32")
    y = model.predict(x, verbose=0)
    means = y.mean(tuple(range(y.ndim - 1)))
    np.testing.assert_allclose(means, PROBABILITIES[builder.name][len(space)], atol=1e-4)


@pytest.mark.parametrize("builder", BUILDERS, ids=lambda builder: builder.name)
def test_builder_trains(builder):
    keras.utils.set_random_seed(0)
    model = builder.make()
    model.compile("adam", "sparse_categorical_crossentropy")
    random = np.random.default_rng(0)
    x = random.normal(size=(2, *model.input_shape[1:])).astype("float32")
    y = random.integers(0, 3, x.shape[:-1])
    first = model.train_on_batch(x, y)
    for _ in range(5):
        last = model.train_on_batch(x, y)
    assert last < first
