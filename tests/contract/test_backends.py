"""Layers and builders give the same numbers on every Keras backend."""

from functools import partial

import keras
import numpy as np
import pytest
from keras import ops
from scipy.ndimage import uniform_filter

from tests.contract.builders import BUILDERS
from tests.contract.layers import LAYERS

pytestmark = [pytest.mark.backends, pytest.mark.slow]


def sum_of_every_second(x, axes):
    """The sum over channels at every second voxel along each axis, in four channels."""
    taken = x[(slice(None), *[slice(None, None, 2)] * axes)]
    return np.repeat(taken.sum(-1, keepdims=True), 4, axis=-1)


def normalized(x, axes, groups=None):
    grouped = x if groups is None else x.reshape(*x.shape[:-1], groups, -1)
    mean, variance = grouped.mean(axes, keepdims=True), grouped.var(axes, keepdims=True)
    return ((grouped - mean) / np.sqrt(variance + 1e-3)).reshape(x.shape)


def enlarged(x):
    """Twice as long in rows and columns, by numpy's interpolation of lines."""
    for axis in (1, 2):
        size = x.shape[axis]
        centers = (np.arange(2 * size) + 0.5) / 2 - 0.5
        lines = np.apply_along_axis(
            lambda y, c=centers: np.interp(c, np.arange(len(y)), y), axis, x
        )
        x = lines
    return x


def responded(x):
    """By its neighbours among the channels: size 3, alpha 0.5, the bias and beta of the paper."""
    squares = np.pad(x**2, [(0, 0)] * 3 + [(1, 1)])
    total = squares[..., :-2] + squares[..., 1:-1] + squares[..., 2:]
    return x / (2 + 0.5 * total) ** 0.75


def root_mean_square(x, size, stride, starts):
    """Of each window that begins at a multiple of `stride`; `starts` before the border."""
    rows, columns = (range(start, n, stride) for start, n in zip(starts, x.shape[1:3], strict=True))
    return np.array(
        [
            [
                (x[:, max(i, 0) : i + size, max(j, 0) : j + size] ** 2).mean((1, 2)) ** 0.5
                for j in columns
            ]
            for i in rows
        ]
    ).transpose(2, 0, 1, 3)


def of_groups(x, axes):
    """Sums over windows of 3 and over the two channels of a group, for both of its outputs."""
    sums = 3**axes * uniform_filter(x, (1, *(3,) * axes, 1), mode="constant")
    return sums.reshape(*x.shape[:-1], 2, 2).sum(-1).repeat(2, -1)


def measured_lines(x, axis):
    """Three of six lines of k-space are those of the next channel."""
    other = np.roll(x, 1, axis=-1)
    spectrum, measured = np.fft.fft(x, axis=axis), np.fft.fft(other, axis=axis)
    for line in (0, 1, 5):
        index = (slice(None),) * axis + (line,)
        spectrum[index] = measured[index]
    return np.fft.ifft(spectrum, axis=axis).real


def spread(x, axes, stride):
    """Each voxel, its channels summed, given to the 3 next to it on each axis, which lie `stride`
    times as far apart; 4 channels of that."""
    whole = x.sum(-1)
    for axis in range(1, axes + 1):
        count = whole.shape[axis]
        shape = list(whole.shape)
        shape[axis] = count * stride + 2
        out = np.zeros(shape)
        for tap in range(3):
            places = [slice(None)] * out.ndim
            places[axis] = slice(tap, tap + count * stride, stride)
            out[tuple(places)] += whole
        first = 1 if stride == 1 else 0
        whole = out.take(range(first, first + count * stride), axis)
    return np.stack([whole] * 4, -1)


EXPECTED = {
    "batch norm": lambda x: normalized(x, (0, 1, 2)),
    "group norm": lambda x: normalized(x, (1, 2, 4), groups=2),
    "instance norm": lambda x: normalized(x, (1, 2)),
    "linear upsampling": enlarged,
    "nearest upsampling": lambda x: x.repeat(3, 1).repeat(3, 2),
    "mirror padding": lambda x: np.pad(x, ((0, 0), (3, 3), (3, 3), (0, 0)), mode="reflect"),
    "local response": responded,
    "l2 pooling": lambda x: root_mean_square(x[:, :, :4], 2, 2, (0, 0)),
    # What "same" adds to 6 rows is one beyond the end; to 5 columns, one at each end.
    "padded l2 pooling": lambda x: root_mean_square(x, 3, 2, (0, -1)),
    "depthwise convolution": lambda x: 9 * uniform_filter(x, (1, 3, 3, 1), mode="constant"),
    **{
        f"data consistency of axis {axis}": partial(measured_lines, axis=1 + axis)
        for axis in (0, 2)
    },
    "channels taken": lambda x: x[..., [2, 1, 0, 0]],
    **{f"grouped convolution {axes}D": partial(of_groups, axes=axes) for axes in (1, 2, 3)},
    **{
        f"{name} {axes}D": partial(spread, axes=axes, stride=stride)
        for axes in (2, 3)
        for name, stride in (("convolution", 1), ("transposed convolution", 2))
    },
    **{
        f"strided pointwise convolution {axes}D": partial(sum_of_every_second, axes=axes)
        for axes in (1, 2)
    },
}

# The mean probability of each class, by axes of space; the weights are drawn by numpy.
PROBABILITIES = {
    "unet": {
        1: (0.35968, 0.36917, 0.27114),
        2: (0.26679, 0.37792, 0.35529),
        3: (0.48014, 0.27885, 0.24101),
    },
    "mlp": {
        1: (0.23346, 0.12350, 0.64304),
        2: (0.83686, 0.03419, 0.12896),
        3: (0.23729, 0.62203, 0.14068),
    },
    "lenet": {
        1: (0.25132, 0.56620, 0.18248),
        2: (0.06515, 0.51939, 0.41546),
        3: (0.25002, 0.51781, 0.23218),
    },
    "alexnet": {
        1: (0.55115, 0.24865, 0.20019),
        2: (0.34480, 0.22716, 0.42804),
        3: (0.14958, 0.51889, 0.33153),
    },
    "vgg": {
        1: (0.47704, 0.26102, 0.26194),
        2: (0.35015, 0.29202, 0.35782),
        3: (0.09224, 0.17274, 0.73502),
    },
    "resnet": {
        1: (0.36186, 0.35107, 0.28708),
        2: (0.49874, 0.38299, 0.11827),
        3: (0.32976, 0.45124, 0.21900),
    },
    "densenet": {
        1: (0.39439, 0.31424, 0.29137),
        2: (0.17186, 0.46587, 0.36228),
        3: (0.71966, 0.02554, 0.25480),
    },
    "all_convolutional": {
        1: (0.32176, 0.29351, 0.38473),
        2: (0.48479, 0.28827, 0.22694),
        3: (0.20683, 0.47712, 0.31605),
    },
    "dilated": {
        1: (0.64172, 0.10370, 0.25459),
        2: (0.25017, 0.53654, 0.21329),
        3: (0.24372, 0.36175, 0.39453),
    },
    "googlenet": {
        1: (0.48314, 0.06158, 0.45527),
        2: (0.18112, 0.52740, 0.29148),
        3: (0.50395, 0.34872, 0.14733),
    },
    "inception": {
        1: (0.29330, 0.30558, 0.40113),
        2: (0.43825, 0.15624, 0.40551),
        3: (0.36918, 0.17947, 0.45135),
    },
    "inception_resnet": {
        1: (0.46440, 0.17207, 0.36354),
        2: (0.45169, 0.24551, 0.30280),
        3: (0.19272, 0.19954, 0.60774),
    },
    "xception": {
        1: (0.28095, 0.18867, 0.53038),
        2: (0.55117, 0.26341, 0.18542),
        3: (0.33861, 0.36498, 0.29641),
    },
}


def drawn(random, shape):
    """Weights that keep the scale of values: no class becomes certain in a deep network."""
    if len(shape) < 2:
        return random.normal(0.1, 0.2, shape)
    return random.normal(0, 1.2, shape) / np.prod(shape[:-1]) ** 0.5


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_layer_is_what_numpy_says(layer):
    space = (6, 5) if 2 in layer.axes else layer.space
    x = np.random.default_rng(0).normal(1, 2, (2, *space, 4)).astype("float32")
    training = {"training": True} if "batch" in layer.name else {}
    y = ops.convert_to_numpy(layer.make()(layer.given(x), **training))
    np.testing.assert_allclose(y, EXPECTED[layer.name](x), atol=1e-4)


@pytest.mark.parametrize(
    ("builder", "space"),
    [
        pytest.param(builder, space, id=f"{builder.name}-{len(space)}D", marks=builder.marks(space))
        for builder in BUILDERS
        for space in builder.spaces
    ],
)
def test_builder_gives_the_same_on_every_backend(builder, space):
    model = builder.make(space)
    random = np.random.default_rng(0)
    model.set_weights([drawn(random, weight.shape) for weight in model.weights])
    x = random.normal(size=(1, *space, 1)).astype("float32")
    y = model.predict(x, verbose=0)
    means = y.mean(tuple(range(y.ndim - 1)))
    np.testing.assert_allclose(means, PROBABILITIES[builder.name][len(space)], atol=1e-4)


@pytest.mark.parametrize(
    "builder",
    [pytest.param(builder, id=builder.name, marks=builder.marks()) for builder in BUILDERS],
)
def test_builder_trains(builder):
    keras.utils.set_random_seed(0)
    model = builder.make()
    model.compile("adam", "sparse_categorical_crossentropy")
    random = np.random.default_rng(0)
    x = random.normal(size=(2, *model.input_shape[1:])).astype("float32")
    y = random.integers(0, 3, (2, *model.output_shape[1:-1]))
    first = model.train_on_batch(x, y)
    for _ in range(5):
        last = model.train_on_batch(x, y)
    assert last < first
