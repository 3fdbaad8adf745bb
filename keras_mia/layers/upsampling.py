"""Enlarging by whole factors, at any rank."""

from collections.abc import Sequence

import keras
from keras import ops

from keras_mia.layers.windows import product_along


@keras.saving.register_keras_serializable("keras_mia")
class Upsampling(keras.Layer):
    """Makes each axis of space a whole number of times longer.

    Linear interpolation is one small matrix product an axis: it serves any rank, and its
    second-order gradients exist, which TensorFlow's own bilinear resizing silently lacks.
    The grids are aligned at their outer edges, and the border value continues beyond the border.

    Args:
        size: the factor, or one an axis.
        interpolation: "linear" or "nearest".

    Raises:
        ValueError: another interpolation, or a factor below 1.

    Example:
        >>> import numpy as np
        >>> line = np.array([0.0, 4.0], "float32").reshape(1, 2, 1)
        >>> np.ravel(Upsampling(2)(line)).tolist()
        [0.0, 1.0, 3.0, 4.0]
    """

    def __init__(
        self, size: int | Sequence[int] = 2, interpolation: str = "linear", **options
    ) -> None:
        super().__init__(**options)
        if interpolation not in ("linear", "nearest"):
            raise ValueError(f"interpolation is 'linear' or 'nearest', not {interpolation!r}.")
        self.size = size if isinstance(size, int) else tuple(size)
        if min((self.size,) if isinstance(self.size, int) else self.size) < 1:
            raise ValueError(f"A factor is at least 1, not {size}.")
        self.interpolation = interpolation

    def factors(self, axes: int) -> tuple[int, ...]:
        """One factor for each of so many axes of space."""
        return (self.size,) * axes if isinstance(self.size, int) else self.size

    def build(self, input_shape):
        axes = len(input_shape) - 2
        if len(self.factors(axes)) != axes:
            raise ValueError(f"{self.name}: {self.size} was given for {axes} axes of space.")
        self.built = True

    def call(self, inputs):
        x = inputs
        for axis, factor in enumerate(self.factors(len(inputs.shape) - 2), start=1):
            if factor == 1:
                continue
            if self.interpolation == "nearest":
                x = ops.repeat(x, factor, axis)
            else:
                x = along(x, axis, factor)
        return x

    def compute_output_shape(self, input_shape):
        batch, *space, channels = input_shape
        factors = self.factors(len(space))
        longer = (n and n * factor for n, factor in zip(space, factors, strict=True))
        return (batch, *longer, channels)

    def get_config(self) -> dict:
        return super().get_config() | {"size": self.size, "interpolation": self.interpolation}


def along(x, axis: int, factor: int):
    """Linear interpolation along one axis."""
    return product_along(x, axis, linear_weights(ops.shape(x)[axis], factor, x.dtype))


def linear_weights(old, factor: int, dtype):
    """The matrix `(old * factor, old)` whose rows hold the shares of the old voxels."""
    centers = (ops.arange(old * factor, dtype="float32") + 0.5) / factor - 0.5
    last = ops.cast(old - 1, "float32")
    centers = ops.minimum(ops.maximum(centers, 0.0), last)
    distances = ops.abs(centers[:, None] - ops.arange(old, dtype="float32")[None])
    return ops.cast(ops.relu(1.0 - distances), dtype)
