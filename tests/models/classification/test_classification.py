"""What is particular to one classifier."""

import keras
import numpy as np
import pytest

from keras_mia.models import (
    alexnet,
    all_convolutional,
    densenet,
    dilated,
    lenet,
    mlp,
    resnet,
    vgg,
)
from keras_mia.models.describe import without_memory

BUILDERS = {
    builder.__name__: builder
    for builder in (alexnet, all_convolutional, densenet, dilated, lenet, mlp, resnet, vgg)
}


def volume(shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


@pytest.mark.parametrize(
    ("name", "shape", "options", "message"),
    [
        ("mlp", (None, 8, 1), {}, "every side of input_shape"),
        ("mlp", (8, 8, 1), {"nonlinearity": "shout"}, "activation"),
        ("lenet", (15, 16, 1), {}, "side of 15 is too short: it has to be at least 16"),
        ("lenet", (None, 32, 1), {}, "every side of input_shape"),
        ("lenet", (32, 32, 1), {"variant": "1989"}, "variant is one of"),
        ("lenet", (32, 32, 1), {"pooling": "min"}, "pooling is one of"),
        ("alexnet", (66, 67, 1), {}, "at least 67"),
        ("alexnet", (67, 67, 1), {"pooling": "min"}, "pooling is one of"),
        ("vgg", (32, 31, 1), {}, "at least 32"),
        ("vgg", (32, 32, 1), {"variant": "F"}, "variant is one of"),
        ("vgg", (32, 32, 1), {"norm": "layer"}, "norm is one of"),
        ("resnet", (28, 32, 1), {}, 'at least 32, or stem="plain"'),
        ("resnet", (7, 8, 1), {"stem": "plain"}, "at least 8, or fewer stages"),
        ("resnet", (32, 32, 1), {"depth": 20}, "depth is one of"),
        ("resnet", (32, 32, 1), {"block": "dense"}, "block is one of"),
        ("resnet", (32, 32, 1), {"stem": "large"}, "stem is one of"),
        ("densenet", (28, 29, 1), {}, 'at least 29, or stem="plain"'),
        ("densenet", (7, 8, 1), {"stem": "plain"}, "at least 8, or fewer blocks"),
        ("densenet", (32, 32, 1), {"depth": 120}, "depth is one of"),
        ("densenet", (32, 32, 1), {"stem": "large"}, "stem is one of"),
        ("densenet", (32, 32, 1), {"pooling": "min"}, "pooling is one of"),
        ("all_convolutional", (8, 9, 1), {}, "at least 9"),
        ("all_convolutional", (9, 9, 1), {"variant": "D"}, "variant is one of"),
        ("dilated", (16, 32, 1), {}, "at least 17, or smaller dilations"),
    ],
)
def test_errors_say_what_to_do(name, shape, options, message):
    with pytest.raises(ValueError, match=message):
        BUILDERS[name](shape, 2, **options)


@pytest.mark.parametrize(
    ("name", "least", "options", "taken"),
    [
        ("lenet", 16, {}, "pool_2"),
        ("alexnet", 67, {}, "layer_5_pool"),
        ("vgg", 32, {}, "block_5_pool"),
        ("densenet", 29, {"depth": (1, 1, 1, 1)}, "final_relu"),
        ("all_convolutional", 9, {}, "level_3_relu_2"),
    ],
)
def test_the_shortest_side_leaves_one_voxel(name, least, options, taken):
    with without_memory():
        model = BUILDERS[name]((least, least, 1), 2, **options)
    assert model.get_layer(taken).output.shape[1:-1] == (1, 1)


@pytest.mark.parametrize("name", ["all_convolutional", "densenet", "dilated", "resnet"])
def test_sizes_that_are_not_known_before(name):
    short = {"depth": (1, 1)} if name in ("densenet", "resnet") else {}
    model = BUILDERS[name]((None, None, 1), 2, **short)
    assert model(np.zeros((1, 20, 24, 1), "float32")).shape == (1, 2)


def test_alexnets_shapes_are_the_papers():
    with without_memory():
        model = alexnet((227, 227, 3), 1000)
    shapes = [model.get_layer(f"layer_{n}_conv").output.shape[1:] for n in range(1, 6)]
    assert shapes == [(55, 55, 96), (27, 27, 256), (13, 13, 384), (13, 13, 384), (13, 13, 256)]
    assert model.get_layer("flat").output.shape == (None, 9216)


def test_parts_of_alexnet_see_themselves_alone():
    model = alexnet((67, 67, 1), 2, filters=6, units=4, groups=2, dropout=0)
    before, after = model.get_layer("layer_1_pool").output, model.get_layer("layer_2_conv").output
    second = keras.Model(before, after)
    x = volume((1, *before.shape[1:]))
    changed = x.copy()
    changed[..., :3] += 1
    difference = np.abs(np.array(second(changed)) - np.array(second(x))).max((0, 1, 2))
    assert np.all(difference[:8] > 1e-3)
    assert np.all(difference[8:] == 0)


@pytest.mark.parametrize("preactivation", [False, True])
@pytest.mark.parametrize("block", ["basic", "bottleneck"])
def test_residual_blocks_that_give_nothing_change_nothing(preactivation, block):
    """Without their kernels, blocks that change no shape hand on what they were given."""
    options = {"depth": (3,), "block": block, "filters": 4, "norm": None, "stem": "plain"}
    model = resnet((8, 8, 1), 2, preactivation=preactivation, **options)
    for layer in model.layers:
        if "stage_1_block" in layer.name and "_conv_" in layer.name:
            layer.set_weights([np.zeros_like(weight) for weight in layer.get_weights()])
    first = "stage_1_block_1_add" if preactivation else "stage_1_block_1_relu_2"
    first = first.replace("relu_2", "relu_3") if block == "bottleneck" else first
    last = first.replace("block_1", "block_3")
    taps = [model.get_layer(name).output for name in (first, last)]
    before, after = keras.Model(model.input, taps)(volume((2, 8, 8, 1)))
    assert np.abs(before).max() > 0
    np.testing.assert_array_equal(before, after)


def test_stages_halve_the_sides_and_double_the_maps():
    model = resnet((64, 64, 1), 2, depth=18, filters=4)
    ends = [model.get_layer(f"stage_{n}_block_2_relu_2").output.shape[1:] for n in (1, 2, 3, 4)]
    assert ends == [(16, 16, 4), (8, 8, 8), (4, 4, 16), (2, 2, 32)]


def test_wide_bottlenecks_are_wide_inside():
    model = resnet((16, 16, 1), 2, depth=(1,), block="bottleneck", filters=4, width=3)
    widths = [model.get_layer(f"stage_1_block_1_conv_{n}").filters for n in (1, 2, 3)]
    assert widths == [12, 12, 16]


def test_a_dense_block_keeps_all_maps_before():
    model = densenet((16, 16, 1), 2, depth=(3,), growth_rate=2, norm=None, stem="plain")
    taps = [model.get_layer(name).output for name in ("stem_conv", "block_1_layer_3_join")]
    stem, joined = keras.Model(model.input, taps)(volume((1, 16, 16, 1)))
    assert joined.shape[-1] == 4 + 3 * 2
    np.testing.assert_array_equal(joined[..., :4], stem)


def test_the_class_maps_of_the_all_convolutional_network_are_its_answer():
    model = all_convolutional((12, 12, 1), 3, filters=4, activation=None)
    maps = keras.Model(model.input, model.get_layer("head").output)
    x = volume((2, 12, 12, 1))
    np.testing.assert_allclose(np.mean(maps(x), (1, 2)), model(x), atol=1e-6)


def test_dilation_sees_as_far_as_the_paper_says():
    """A change of one voxel reaches 33 voxels to each side, and no further."""
    model = dilated((81, 1), 2, filters=8)
    context = keras.Model(model.input, model.get_layer("context_7_conv").output)
    x = volume((1, 81, 1))
    changed = x.copy()
    changed[0, 40] += 100
    reached = np.flatnonzero(np.abs(np.array(context(changed)) - np.array(context(x))).max((0, 2)))
    assert (reached.min(), reached.max()) == (40 - 33, 40 + 33)
