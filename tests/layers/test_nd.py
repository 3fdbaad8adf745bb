"""Functions of any rank, upsampling and borders."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_mia.layers import nd
from keras_mia.layers.borders import MirrorPadding
from keras_mia.layers.local_response import LocalResponseNormalization
from keras_mia.layers.pooling import L2Pooling
from keras_mia.layers.upsampling import Upsampling

SPACES = [(12,), (12, 8), (12, 8, 4)]


def volume(space, channels=2):
    return np.random.default_rng(0).normal(size=(2, *space, channels)).astype("float32")


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize(
    ("change", "sizes"),
    [
        (lambda x: nd.conv(x, 2), lambda n: n),
        (lambda x: nd.conv(x, 2, padding="valid"), lambda n: n - 2),
        (lambda x: nd.conv_transpose(x, 2), lambda n: 2 * n),
        (lambda x: nd.conv_transpose(x, 2, kernel_size=4), lambda n: 2 * n),
        (lambda x: nd.conv_transpose(x, 2, 3, kernel_size=5), lambda n: 3 * n),
        (nd.max_pool, lambda n: n // 2),
        (nd.average_pool, lambda n: n // 2),
        (lambda x: nd.upsample(x, 3), lambda n: 3 * n),
        (lambda x: nd.upsample(x, 3, interpolation="nearest"), lambda n: 3 * n),
        (lambda x: nd.dropout(x, 0.5), lambda n: n),
        (lambda x: nd.crop(x, 1), lambda n: n - 2),
        (lambda x: nd.mirror_pad(x, 3), lambda n: n + 6),
        *[(lambda x, kind=kind: nd.normalize(x, kind), lambda n: n) for kind in nd.NORMS],
    ],
)
def test_the_rank_is_read_from_the_tensor(space, change, sizes):
    assert change(volume(space)).shape == (2, *map(sizes, space), 2)


@pytest.mark.parametrize("space", SPACES)
def test_global_average_pool(space):
    x = volume(space)
    mean = x.mean(tuple(range(1, len(space) + 1)))
    np.testing.assert_allclose(nd.global_average_pool(x), mean, atol=1e-6)


@pytest.mark.parametrize("space", SPACES)
def test_pooling_is_what_numpy_says(space):
    x = volume(space)
    windows = x.reshape(2, *[n for length in space for n in (length // 2, 2)], 2)
    inside = tuple(range(2, 2 * len(space) + 1, 2))
    np.testing.assert_array_equal(nd.pool(x, "max"), windows.max(inside))
    np.testing.assert_allclose(nd.pool(x, "average"), windows.mean(inside), atol=1e-6)
    root = np.sqrt((windows**2).mean(inside))
    np.testing.assert_allclose(nd.pool(x, "l2"), root, atol=1e-6)


def test_l2_pooling_of_zeros_has_a_gradient():
    x = keras.Variable(np.zeros((1, 4, 1), "float32"))
    tf = pytest.importorskip("tensorflow")
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(nd.pool(x.value, "l2"))
    np.testing.assert_array_equal(tape.gradient(y, x.value), np.zeros((1, 4, 1)))
    np.testing.assert_allclose(y, 0, atol=1e-5)


@pytest.mark.parametrize("space", SPACES)
def test_groups_of_channels_are_convolved_by_themselves(space, tmp_path):
    inputs = keras.Input((*space, 4))
    model = keras.Model(inputs, nd.conv(inputs, 6, groups=2, name="grouped"))
    kernel, bias = model.get_layer("grouped").get_weights()
    assert kernel.shape == (*(3,) * len(space), 2, 6)
    x = volume(space, channels=4)
    for group in (0, 1):
        some = keras.Input((*space, 2))
        part = keras.Model(some, nd.conv(some, 3, name="part"))
        filters = slice(3 * group, 3 * group + 3)
        part.set_weights([kernel[..., filters], bias[filters]])
        expected = part(x[..., 2 * group : 2 * group + 2])
        np.testing.assert_allclose(model(x)[..., filters], expected, atol=1e-5)
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "model.keras")(x), model(x))


def test_a_size_an_axis():
    x = volume((12, 8, 4))
    assert nd.max_pool(x, (1, 2, 2)).shape == (2, 12, 4, 2, 2)
    assert nd.conv_transpose(x, 3, (1, 2, 2)).shape == (2, 12, 16, 8, 3)
    assert nd.upsample(x, (1, 2, 3)).shape == (2, 12, 16, 12, 2)
    assert nd.pool(x, "l2", (1, 2, 2)).shape == (2, 12, 4, 2, 2)
    assert nd.crop(x, [(0, 3), (1, 1), (0, 0)]).shape == (2, 9, 6, 4, 2)
    np.testing.assert_array_equal(nd.crop(volume((5,)), [(1, 2)]), volume((5,))[:, 1:3])


@pytest.mark.parametrize("space", SPACES)
def test_windows_of_a_transposed_convolution_overlap_where_its_kernel_is_larger(space):
    ones = {"kernel_initializer": "ones"}
    x = np.ones((1, *space, 1), "float32")
    inner = (0, *[slice(2, -2)] * len(space))
    np.testing.assert_array_equal(nd.conv_transpose(x, 1, **ones), 1)
    even = np.array(nd.conv_transpose(x, 1, kernel_size=4, **ones))
    np.testing.assert_array_equal(even[inner], 2 ** len(space))
    uneven = np.array(nd.conv_transpose(x, 1, kernel_size=3, **ones))
    np.testing.assert_array_equal(np.unique(uneven[inner]), 2.0 ** np.arange(len(space) + 1))
    slow = nd.conv_transpose(x, 1, (1, 2, 2)[: len(space)], kernel_size=(3, 4, 4)[: len(space)])
    assert slow.shape == (1, space[0], *(2 * n for n in space[1:]), 1)


def test_dropout_drops_whole_channels():
    y = np.array(keras.layers.SpatialDropout2D(0.5, seed=1)(np.ones((8, 4, 4, 16)), training=True))
    assert set(np.unique(y.mean((1, 2)))) == {0, 2}
    inputs = keras.Input((4, 4, 16))
    layer = keras.Model(inputs, nd.dropout(inputs, 0.5, name="drop")).get_layer("drop")
    assert isinstance(layer, keras.layers.SpatialDropout2D)


def test_group_norm_finds_its_groups():
    assert nd.normalize(volume((4, 4), channels=6), "group").shape == (2, 4, 4, 6)


def test_wrong_words_and_sizes():
    with pytest.raises(ValueError, match="norm is one of"):
        nd.normalize(volume((4,)), "layer")
    with pytest.raises(ValueError, match="pooling is one of"):
        nd.pool(volume((4,)), "min")
    with pytest.raises(ValueError, match="padding"):
        L2Pooling(2, padding="full")
    with pytest.raises(ValueError, match="odd"):
        LocalResponseNormalization(4)
    with pytest.raises(ValueError, match="interpolation"):
        Upsampling(2, "cubic")
    with pytest.raises(ValueError, match="at least 1"):
        Upsampling((2, 0))
    with pytest.raises(ValueError, match="2 axes"):
        Upsampling((2, 2, 2))(volume((4, 4)))
    with pytest.raises(ValueError, match="at least 5"):
        MirrorPadding(4)(volume((4, 4)))
    with pytest.raises(ValueError, match="2 axes"):
        MirrorPadding((1, 2, 3))(volume((4, 4)))


@settings(max_examples=20, deadline=None)
@given(size=st.integers(1, 9), factor=st.integers(1, 5))
def test_linear_upsampling_is_numpys_interpolation(size, factor):
    x = np.random.default_rng(size).normal(size=size).astype("float32")
    centers = (np.arange(size * factor) + 0.5) / factor - 0.5
    expected = np.interp(centers, np.arange(size), x)
    y = np.ravel(Upsampling(factor)(x.reshape(1, size, 1)))
    np.testing.assert_allclose(y, expected, atol=1e-5)


def test_upsampling_goes_along_its_own_axis():
    x = volume((3, 4, 5))
    slow = x
    for axis in (1, 2, 3):
        size = slow.shape[axis]
        centers = (np.arange(2 * size) + 0.5) / 2 - 0.5
        slow = np.apply_along_axis(
            lambda line, c=centers: np.interp(c, np.arange(len(line)), line), axis, slow
        )
    np.testing.assert_allclose(Upsampling(2)(x), slow, atol=1e-5)
    nearest = np.array(Upsampling((1, 2, 3), "nearest")(x))
    np.testing.assert_array_equal(nearest, x.repeat(2, 2).repeat(3, 3))


@settings(max_examples=20, deadline=None)
@given(size=st.integers(4, 9), before=st.integers(0, 3), after=st.integers(0, 3))
def test_mirror_padding_is_numpys_reflection(size, before, after):
    x = volume((size, 5))
    margins = ((before, after), (1, 0))
    expected = np.pad(x, ((0, 0), *margins, (0, 0)), mode="reflect")
    np.testing.assert_array_equal(MirrorPadding(margins)(x), expected)
