"""U-Net against its papers."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_mia.models import unet
from keras_mia.models.segmentation.sizes import factors_of, mirrored


def test_is_the_network_of_the_2d_paper():
    model = unet((572, 572, 1), 2, filters=64, norm=None, padding="valid")
    assert model.output_shape == (None, 388, 388, 2)
    assert model.count_params() == 31_030_658
    assert model.get_layer("bridge_relu_2").output.shape == (None, 28, 28, 1024)
    assert model.get_layer("decoder_0_skip").output.shape == (None, 392, 392, 128)


def test_is_the_network_of_the_3d_paper():
    model = unet((132, 132, 116, 3), 3, depth=3, norm=None, padding="valid", doubling="before_pool")
    assert model.output_shape == (None, 44, 44, 28, 3)
    # The paper's 19,069,955 leave out the biases of its three up-convolutions.
    assert model.count_params() == 19_069_955 + 512 + 256 + 128


def test_residual_blocks_have_a_way_around_every_block():
    model = unet((32, 32, 1), 2, filters=4, depth=2, block="residual", norm="batch")
    assert sum(isinstance(layer, keras.layers.Add) for layer in model.layers) == 5
    # The decoder's and encoder's blocks all change the number of feature maps.
    assert len([layer for layer in model.layers if layer.name.endswith("_shortcut")]) == 5


@pytest.mark.parametrize("block", ["plain", "residual"])
@pytest.mark.parametrize(
    ("padding", "pool", "space", "size"),
    [
        ("same", [(1, 2), 2], (16, 32), (16, 32)),
        ("valid", 2, (44, 52), (4, 12)),
        ("valid", [(1, 2), 2], (28, 44), (4, 4)),
        ("mirror", 2, (30, 41), (30, 41)),
    ],
)
def test_coarse_answers_have_the_size_of_the_fine_one(padding, pool, space, size, block):
    options = {"filters": 4, "depth": 2, "padding": padding, "pool": pool, "block": block}
    model = unet((*space, 1), 3, deep_supervision=True, **options)
    outputs = model(np.zeros((1, *space, 1), "float32"))
    assert [y.shape for y in outputs] == [(1, *size, 3)] * 2
    np.testing.assert_allclose(np.sum(outputs, -1), 1, rtol=1e-5)
    assert not [name for name in model.output_names if "tensor" in name]


def test_deep_supervision_trains_all_outputs_with_one_label_map():
    model = unet((16, 16, 1), 2, filters=4, depth=3, deep_supervision=True)
    losses = [keras.losses.SparseCategoricalCrossentropy()] * 3
    model.compile("sgd", losses, loss_weights=[1, 0.5, 0.25], jit_compile=False)
    x, y = np.zeros((2, 16, 16, 1)), np.zeros((2, 16, 16), int)
    model.fit(x, [y] * 3, verbose=0)
    assert [name for name in model.output_names if "head" in name] == model.output_names


def test_mirrored_borders_keep_the_voxels_in_place():
    """With the weights of the unpadded network the middle is what that one gives."""
    options = {"filters": 4, "depth": 2, "norm": None}
    mirror = unet((60, 61, 1), 2, padding="mirror", **options)
    plain = unet((60, 60, 1), 2, padding="valid", **options)
    plain.set_weights(mirror.get_weights())
    x = np.random.default_rng(0).normal(size=(1, 60, 61, 1)).astype("float32")
    margin = 20
    middle = np.array(mirror(x))[:, margin:-margin, margin : 60 - margin]
    np.testing.assert_allclose(middle, plain(x[:, :, :60]), atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(size=st.integers(1, 200), depth=st.integers(1, 4), factor=st.integers(1, 3))
def test_mirrored_sides_lose_what_the_convolutions_lose(size, depth, factor):
    ((before, after),) = mirrored((size,), factors_of(factor, depth, 1))
    n, sizes = size + before + after, []
    for _ in range(depth):
        n -= 4
        sizes.append(n)
        assert n % factor == 0
        n //= factor
    n -= 4
    for skip in reversed(sizes):
        n *= factor
        assert n > 0
        assert (skip - n) % 2 == 0
        n -= 4
    assert size <= n == size + after - before


def test_sizes_that_are_not_known_before():
    model = unet((None, None, None, 1), 2, filters=4, depth=2)
    assert model(np.zeros((1, 8, 12, 16, 1), "float32")).shape == (1, 8, 12, 16, 2)
    model = unet((None, None, 1), 2, filters=4, depth=2, padding="valid")
    assert model(np.zeros((1, 44, 48, 1), "float32")).shape == (1, 4, 8, 2)


def test_max_filters_is_the_most():
    model = unet((32, 32, 1), 2, filters=4, max_filters=8, doubling="before_pool")
    assert max(y.shape[-1] for layer in model.layers for y in [layer.output]) == 16
    assert model.get_layer("bridge_conv_2").filters == 8


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((100, 96, 1), {}, "crop to 96, pad to 112, or lower depth"),
        ((10, 16, 1), {}, "pad to 16"),
        ((102, 100, 1), {"depth": 2, "padding": "valid"}, "nearest that do: 100, 104"),
        ((64, 64, 1), {"padding": "mirror"}, "at least"),
        ((None, 64, 1), {"padding": "mirror"}, "every side"),
        ((32, 32, 1), {"block": "dense"}, "block is one of"),
        ((32, 32, 1), {"upsampling": "shuffle"}, "upsampling is one of"),
        ((32, 32, 1), {"padding": "full"}, "padding is one of"),
        ((32, 32, 1), {"doubling": "never"}, "doubling is one of"),
        ((32, 32, 1), {"norm": "layer"}, "norm is one of"),
        ((32, 32, 1), {"depth": 0}, "depth is at least 1"),
        ((32, 32, 1), {"pool": [2, 2]}, "pool names 2 levels"),
        ((32, 32, 1), {"pool": [(2, 2, 2)] * 4}, "2 axes"),
    ],
)
def test_errors_say_what_to_do(shape, options, message):
    with pytest.raises(ValueError, match=message):
        unet(shape, 2, **options)


def test_exported_lazily():
    import keras_mia.models

    assert "unet" in dir(keras_mia.models)
    with pytest.raises(AttributeError, match="vnet"):
        keras_mia.models.vnet  # noqa: B018
