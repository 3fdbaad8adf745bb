"""Pooling that Keras lacks, at any rank."""

from collections.abc import Sequence

import keras
from keras import ops

# The root's slope is infinite at 0, and windows of rectified maps are often 0.
LEAST = 1e-12


@keras.saving.register_keras_serializable("keras_mia")
class L2Pooling(keras.Layer):
    """The root mean square of each window: its L2 norm, divided by the root of its size.

    Between the mean and the maximum: large values count more, and all of them count. Divided so,
    values keep their scale from pooling to pooling, at any rank.

    Args:
        pool_size: of the window: a number, or one an axis.
        strides: from window to window, likewise; None: the window's size.
        padding: "valid", or "same": windows reach over the border, where nothing counts.

    Raises:
        ValueError: another padding.

    Source: Sermanet et al. (2012), arXiv:1204.3968, Lp pooling with p = 2.

    Departs from the paper: all of a window's values weigh the same, where the paper's weights are
    Gaussian.

    Example:
        >>> import numpy as np
        >>> line = np.array([1.0, 7.0, -2.0, 2.0], "float32").reshape(1, 4, 1)
        >>> np.ravel(L2Pooling(2)(line)).tolist()
        [5.0, 2.0]
    """

    def __init__(
        self,
        pool_size: int | Sequence[int] = 2,
        strides: int | Sequence[int] | None = None,
        padding: str = "valid",
        **options,
    ) -> None:
        super().__init__(**options)
        if padding not in ("valid", "same"):
            raise ValueError(f"padding is 'valid' or 'same', not {padding!r}.")
        self.pool_size = pool_size if isinstance(pool_size, int) else tuple(pool_size)
        steps = self.pool_size if strides is None else strides
        self.strides = steps if isinstance(steps, int) else tuple(steps)
        self.padding = padding

    def call(self, inputs):
        x = ops.cast(inputs, keras.backend.result_type(inputs.dtype, "float32"))
        means = ops.average_pool(ops.square(x), self.pool_size, self.strides, self.padding)
        return ops.cast(ops.sqrt(ops.maximum(means, LEAST)), inputs.dtype)

    def compute_output_shape(self, input_shape):
        batch, *space, channels = input_shape
        sizes = (
            (self.pool_size,) * len(space) if isinstance(self.pool_size, int) else self.pool_size
        )
        steps = (self.strides,) * len(space) if isinstance(self.strides, int) else self.strides
        if self.padding == "same":
            sizes = (1,) * len(space)
        shorter = (
            length and (length - size) // step + 1
            for length, size, step in zip(space, sizes, steps, strict=True)
        )
        return (batch, *shorter, channels)

    def get_config(self) -> dict:
        config = {"pool_size": self.pool_size, "strides": self.strides, "padding": self.padding}
        return super().get_config() | config
