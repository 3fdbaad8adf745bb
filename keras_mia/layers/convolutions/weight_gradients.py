"""Convolutions of small maps, the gradient of whose weights is taken by matrix products.

In bfloat16 on a CPU, TensorFlow's own (2.21, oneDNN) takes two to five times as long where maps
have few voxels and the kernels many weights, as deep in a network. What lies under each tap of the
kernel is one matrix, the outputs' gradient another, and their product is the tap's gradient.
Outputs, and the gradient of what is convolved, are computed as ever.
"""

import itertools
import math
from collections.abc import Sequence

import tensorflow as tf

MOST_VOXELS = 64
"""Of the smaller map, up to which the products were seen to take less time."""
FEWEST_WEIGHTS = 100_000
"""Of the kernel, likewise; with fewer neither takes much."""


def pays(space: Sequence[int | None], kernel, dilations: Sequence[int]) -> bool:
    """Whether the products take less time.

    Args:
        space: shape of the smaller map: of a convolution's outputs, of a transposed one's inputs.
        kernel: `(*sizes, channels, channels)`.
        dilations: one an axis; 1: none, all else is left to TensorFlow.
    """
    return (
        kernel.dtype == "bfloat16"
        and None not in space
        and math.prod(map(int, space)) <= MOST_VOXELS  # type: ignore[arg-type]
        and math.prod(kernel.shape) >= FEWEST_WEIGHTS
        and max(dilations) == 1
        and not tf.config.list_physical_devices("GPU")
    )


def convolution(x, kernel, strides: Sequence[int], padding: str):
    """`tf.nn.convolution` with this gradient; `padding` is "SAME" or "VALID"."""

    options = _options(x, strides, padding)

    @tf.custom_gradient
    def computed(x, kernel):
        y = tf.nn.convolution(x, kernel, **options)

        def gradient(dy):
            dy = tf.ensure_shape(dy, y.shape)
            dx = tf.nn.conv_transpose(dy, kernel, tf.shape(x), **options)
            return dx, _of_kernel(x, dy, kernel.shape[:-2], strides, padding)

        return y, gradient

    return computed(tf.convert_to_tensor(x), tf.convert_to_tensor(kernel))


def conv_transpose(x, kernel, output_shape, strides: Sequence[int], padding: str):
    """`tf.nn.conv_transpose` with this gradient; of `output_shape` the batch may be a tensor."""

    options = _options(x, strides, padding)

    @tf.custom_gradient
    def computed(x, kernel):
        y = tf.nn.conv_transpose(x, kernel, output_shape, **options)
        static_shape = (None, *output_shape[1:])

        def gradient(dy):
            dy = tf.ensure_shape(dy, static_shape)
            dx = tf.nn.convolution(dy, kernel, **options)
            return dx, _of_kernel(dy, x, kernel.shape[:-2], strides, padding)

        return tf.ensure_shape(y, static_shape), gradient

    return computed(tf.convert_to_tensor(x), tf.convert_to_tensor(kernel))


def _options(x, strides: Sequence[int], padding: str) -> dict:
    # A second order of volumes outside a graph needs the format spelt out.
    space = "DHW"[-(len(x.shape) - 2) :]
    return {"strides": strides, "padding": padding, "data_format": f"N{space}C"}


def _of_kernel(large, small, sizes: Sequence[int], strides: Sequence[int], padding: str):
    """The kernel's gradient.

    Args:
        large: what a convolution takes, or the gradient of what a transposed one gives.
        small: the gradient of what a convolution gives, or what a transposed one takes.
        sizes: of the kernel, one an axis.
        strides: likewise.
        padding: "SAME" or "VALID".
    """
    space = small.shape[1:-1]
    # With strides, a kernel is one without them over blocks of so many voxels an axis.
    taps = [-(-size // stride) for size, stride in zip(sizes, strides, strict=True)]
    blocks = _blocks(_fitted(large, space, sizes, strides, taps, padding), strides)
    channels = blocks.shape[-1]
    given = tf.reshape(small, (-1, small.shape[-1]))
    products = []
    for tap in itertools.product(*map(range, taps)):
        window = (slice(first, first + length) for first, length in zip(tap, space, strict=True))
        under = tf.reshape(blocks[(slice(None), *window)], (-1, channels))
        products.append(tf.matmul(under, given, transpose_a=True))
    axes = len(taps)
    by_tap = tf.reshape(tf.stack(products), (*taps, *strides, large.shape[-1], small.shape[-1]))
    order = _alternating(range(axes), range(axes, 2 * axes))
    whole = tf.transpose(by_tap, (*order, 2 * axes, 2 * axes + 1))
    longest = [count * stride for count, stride in zip(taps, strides, strict=True)]
    whole = tf.reshape(whole, (*longest, *whole.shape[-2:]))
    return whole[tuple(slice(size) for size in sizes)]


def _fitted(large, space, sizes, strides, taps, padding: str):
    """The map with the zeros that the convolution lays around it, and what all taps look at."""
    pads, ends = [], []
    axes = zip(large.shape[1:-1], space, sizes, strides, taps, strict=True)
    for length, outputs, size, stride, count in axes:
        zeros = max((outputs - 1) * stride + size - length, 0)
        before = zeros // 2 if padding == "SAME" else 0
        needed = (outputs + count - 1) * stride
        pads.append((before, max(needed - before - length, 0)))
        ends.append(slice(needed))
    return tf.pad(large, [(0, 0), *pads, (0, 0)])[(slice(None), *ends)]


def _blocks(x, strides: Sequence[int]):
    """`(batch, *space / strides, strides * channels)`: the voxels of a block as channels."""
    if max(strides) == 1:
        return x
    axes, channels = len(strides), x.shape[-1]
    counts = [length // stride for length, stride in zip(x.shape[1:-1], strides, strict=True)]
    x = tf.reshape(x, (-1, *_alternating(counts, strides), channels))
    order = (0, *range(1, 2 * axes, 2), *range(2, 2 * axes + 1, 2), 2 * axes + 1)
    return tf.reshape(tf.transpose(x, order), (-1, *counts, math.prod(strides) * channels))


def _alternating(some: Sequence[int], others: Sequence[int]) -> list[int]:
    return [one for pair in zip(some, others, strict=True) for one in pair]
