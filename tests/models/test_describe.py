"""Receptive fields against gradients, operations against counts by hand."""

import math

import keras
import numpy as np
import pytest

from keras_mia.layers import nd
from keras_mia.models import dilated, lenet, unet, vgg
from keras_mia.models.describe import describe, table, total, without_memory

tf = pytest.importorskip("tensorflow")


def field_of(model, x):
    """How many voxels of the image reach the middle value, by the gradient of kernels of ones."""
    for layer in model.layers:
        layer.set_weights([np.ones_like(weight) for weight in layer.get_weights()])
    image = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(image)
        y = model(image)
        middle = tuple(length // 2 for length in y.shape[1:-1])
        value = tf.reduce_sum(y[(0, *middle)])
    reached = np.abs(tape.gradient(value, image)[0]).sum(-1) > 0
    axes = range(reached.ndim)
    lines = [np.flatnonzero(reached.any(tuple(a for a in axes if a != axis))) for axis in axes]
    return tuple(float(line.max() - line.min() + 1) for line in lines)


CHAINS = {
    "convolutions": lambda x: nd.conv(nd.conv(x, 1, 3), 1, 5),
    "an axis each": lambda x: nd.conv(nd.conv(x, 1, (1, 3)), 1, (5, 1), strides=(2, 1)),
    "strides": lambda x: nd.conv(nd.conv(nd.conv(x, 1, 3, strides=2), 1, 3, strides=2), 1, 3),
    "dilation": lambda x: nd.conv(nd.conv(x, 1, 3, dilation_rate=2), 1, 3, dilation_rate=4),
    "pooling": lambda x: nd.conv(nd.average_pool(nd.conv(x, 1, 3)), 1, 3),
    "overlap": lambda x: nd.conv(nd.average_pool(x, 3, strides=2, padding="same"), 1, 3),
    "l2": lambda x: nd.conv(nd.pool(nd.conv(x, 1, 3), "l2"), 1, 3),
    "groups": lambda x: nd.conv(nd.conv(x, 2, 3), 2, 3, groups=2),
    "separable": lambda x: nd.separable_conv(nd.conv(x, 1, 3), 1, 5, name="separable"),
    "transposed": lambda x: nd.conv(nd.conv_transpose(nd.average_pool(x), 1), 1, 3),
    "enlarged": lambda x: nd.conv(nd.upsample(nd.average_pool(x), interpolation="nearest"), 1, 3),
    "interpolated": lambda x: nd.upsample(nd.average_pool(x)),
    "cropped": lambda x: nd.conv(nd.crop(nd.conv(x, 1, 3), 2), 1, 3),
    "branches": lambda x: keras.layers.Add()([nd.conv(x, 1, 3), nd.conv(x, 1, 5)]),
    "normalized": lambda x: keras.layers.ReLU()(nd.normalize(nd.conv(x, 1, 3), "batch")),
    "whole": lambda x: keras.layers.Dense(1)(nd.global_average_pool(nd.conv(x, 1, 3))),
}


@pytest.mark.parametrize("name", CHAINS)
def test_receptive_field_is_where_the_gradient_is(name):
    inputs = keras.Input((32, 36, 1))
    model = keras.Model(inputs, CHAINS[name](inputs))
    field = describe(model)[-1].field
    x = np.random.default_rng(0).uniform(1, 2, (1, 32, 36, 1)).astype("float32")
    measured = field_of(model, x)
    assert measured == tuple(min(n, length) for n, length in zip(field, (32, 36), strict=True))


def test_receptive_field_of_a_unet_is_where_the_gradient_is():
    options = {"filters": 1, "depth": 2, "norm": None, "activation": None}
    model = unet((64, 68, 1), 1, **options)
    field = describe(model)[-1].field
    smooth = keras.models.clone_model(model, clone_function=averaging)
    assert field_of(smooth, np.ones((1, 64, 68, 1), "float32")) == field


def averaging(layer):
    """The layer, or in place of a maximum pooling one by the mean, which every voxel reaches."""
    if isinstance(layer, keras.layers.MaxPooling2D):
        return keras.layers.AveragePooling2D(layer.pool_size, name=layer.name)
    return type(layer).from_config(layer.get_config())


def test_receptive_fields_in_the_papers():
    fields = {row.name: row.field for row in describe(dilated((80, 80, 1), 2, filters=2))}
    field_sizes = [fields[f"context_{number}_conv"][0] for number in range(1, 8)]
    assert field_sizes == [3, 5, 9, 17, 33, 65, 67]  # Yu and Koltun's table 1
    with without_memory():
        rows = describe(vgg((224, 224, 3), 10, units=8))
    assert {row.name: row.field for row in rows}["block_5_pool"] == (212, 212)


def test_operations_of_lenet_by_hand():
    rows = {row.name: row for row in describe(lenet((32, 32, 1), 10))}
    assert rows["conv_1"].operations == 28 * 28 * 6 * (5 * 5 * 1)
    assert rows["conv_2"].operations == 10 * 10 * 16 * (5 * 5 * 6)
    assert rows["hidden_1_dense"].operations == 400 * 120
    assert rows["hidden_2_dense"].operations == 120 * 84
    assert rows["head"].operations == 84 * 10
    assert total(row.operations for row in rows.values()) == 416_520
    assert rows["conv_1"].shape == (28, 28, 6)
    assert (rows["conv_1"].size, rows["conv_1"].memory) == (4704, 4 * 4704)
    assert rows["pool_1"].operations == rows["flat"].operations == 0


def test_operations_of_vgg16():
    """15.5 billion at 224 x 224, as the literature has it."""
    with without_memory():
        rows = describe(vgg((224, 224, 3), 1000))
    assert round(total(row.operations for row in rows) / 1e9, 2) == 15.47
    assert total(row.parameters for row in rows) == 138_357_544


def test_groups_and_transposed_convolutions_are_counted():
    inputs = keras.Input((8, 6, 4))
    x = nd.conv(inputs, 6, 3, groups=2, name="grouped")
    x = nd.conv_transpose(x, 5, 2, name="up")
    rows = {row.name: row for row in describe(keras.Model(inputs, x))}
    assert rows["grouped"].operations == 8 * 6 * 6 * (3 * 3 * 2)
    # Each voxel that comes in is spread over 2 x 2 voxels of 5 maps.
    assert rows["up"].operations == 8 * 6 * 6 * (2 * 2 * 5)


def test_it_holds_for_signals_and_volumes():
    for space in ((16,), (16, 16, 16)):
        rows = describe(unet((*space, 1), 2, filters=2, depth=1, upsampling="resize"))
        assert all(row.field and len(row.field) == len(space) for row in rows)


def test_what_is_not_known_is_said():
    model = unet((None, 32, 1), 2, filters=2, depth=1)
    rows = describe(model)
    assert (rows[1].shape, rows[1].size) == ((None, 32, 2), None)
    assert (rows[1].memory, rows[1].operations) == (None, None)
    assert rows[1].field == (3, 3)
    assert "? x 32 x 2" in table(rows)
    total_line = ["Total", "?", str(model.count_params()), "?", "?"]
    assert table(rows).splitlines()[-1].split() == total_line

    inputs = keras.Input((8, 8, 1))
    inner = keras.Sequential([keras.layers.Conv2D(1, 3)], name="inner")
    rows = describe(keras.Model(inputs, inner(keras.layers.Permute((2, 1, 3))(inputs))))
    assert [row.field for row in rows] == [(1, 1), None, None]
    assert [row.operations for row in rows] == [0, 0, None]
    assert rows[-1].parameters == 10


def test_only_layers_that_are_called_once():
    inputs = keras.Input((8, 8, 1))
    layer = keras.layers.Conv2D(1, 3, padding="same")
    with pytest.raises(ValueError, match="called twice"):
        describe(keras.Model(inputs, keras.layers.ReLU()(layer(layer(inputs)))))

    class Subclassed(keras.Model):
        pass

    with pytest.raises(ValueError, match="functional"):
        describe(Subclassed())
    sequential = keras.Sequential([inputs, layer])
    assert [row.parameters for row in describe(sequential)] == [0, 10]


def test_a_table_is_aligned_and_sums_up():
    rows = describe(lenet((32, 32, 1), 10))
    lines = table(rows).splitlines()
    assert len(lines) == len(rows) + 2
    position = lines[0].index("Parameters") + len("Parameters")
    numbers = [line[:position].split()[-1] for line in lines[1:]]
    assert numbers[1] == "156"
    assert numbers[-1] == "61,706"
    assert lines[1].endswith("1 x 1")
    assert rows[-1].field == (math.inf, math.inf)
    assert lines[-2].endswith("all")


def test_without_memory_no_weights_are_made():
    with without_memory():
        model = vgg((512, 512, 512, 1), 2)
        assert not tf.executing_eagerly()
    assert model.count_params() > 8e9
    assert tf.executing_eagerly()
    # What is built afterwards works.
    assert lenet((16, 16, 1), 2)(np.zeros((1, 16, 16, 1), "float32")).shape == (1, 2)
