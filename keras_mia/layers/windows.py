"""Weighted means over windows, axis by axis, at any rank."""

import math
from collections.abc import Sequence

import numpy as np
from keras import ops


def valid_along(x, axis: int, weights: Sequence[float] | np.ndarray):
    """The weighted mean over each window that lies within the tensor, along one axis.

    It is one matrix product, which serves any rank and has gradients of any order.

    Args:
        x: `(batch, *space, channels)`, with known sizes but the batch's.
        axis: of `x`; its size is that of the window at least.
        weights: `(window,)`.

    Returns:
        The same but for `axis`, which has `size - window + 1` positions.

    Example:
        >>> import numpy as np
        >>> line = np.array([1.0, 2.0, 6.0], "float32").reshape(1, 3, 1)
        >>> np.ravel(valid_along(line, 1, [0.5, 0.5])).tolist()
        [1.5, 4.0]
    """
    return product_along(x, axis, _banded(int(x.shape[axis]), np.asarray(weights)))


def product_along(x, axis: int, matrix):
    """A matrix `(new, old)` applied to one axis of a tensor `(batch, ..., channels)`."""
    shape = ops.shape(x)
    before, after = shape[1:axis], shape[axis + 1 :]
    rows = ops.reshape(x, (-1, shape[axis], math.prod(after)))
    product = ops.matmul(ops.cast(matrix, x.dtype), rows)
    return ops.reshape(product, (-1, *before, ops.shape(matrix)[0], *after))


def _banded(size: int, weights: np.ndarray) -> np.ndarray:
    positions = size - len(weights) + 1
    matrix = np.zeros((positions, size))
    for offset, weight in enumerate(weights):
        matrix[np.arange(positions), np.arange(positions) + offset] = weight
    return matrix
