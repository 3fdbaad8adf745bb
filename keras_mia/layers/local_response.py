"""Normalization by the channels beside one's own, at any rank."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_mia")
class LocalResponseNormalization(keras.Layer):
    """Divides each value by what the channels beside its own hold at the same voxel.

    `y[c] = x[c] / (bias + alpha * sum of x[i]**2) ** beta` over the `size` channels `i` around `c`;
    beyond the first and the last channel there is nothing. No weights.

    Args:
        size: how many channels are summed, the value's own in their middle; odd.
        bias, alpha, beta: as in the formula; those of the paper (its k is `bias`).

    Raises:
        ValueError: `size` is even or below 1.

    Source: Krizhevsky et al. (2012), ImageNet Classification with Deep Convolutional Neural
    Networks, section 3.3.

    Example:
        >>> import numpy as np
        >>> voxel = np.array([2.0, 0.0, 4.0], "float32").reshape(1, 1, 3)
        >>> layer = LocalResponseNormalization(size=3, bias=0, alpha=1, beta=1)
        >>> np.ravel(layer(voxel)).tolist()
        [0.5, 0.0, 0.25]
    """

    def __init__(
        self,
        size: int = 5,
        bias: float = 2.0,
        alpha: float = 1e-4,
        beta: float = 0.75,
        **options,
    ) -> None:
        super().__init__(**options)
        if size < 1 or size % 2 == 0:
            raise ValueError(f"size is odd and at least 1, not {size}.")
        self.size, self.bias, self.alpha, self.beta = size, bias, alpha, beta

    def call(self, inputs):
        # In bfloat16 a small alpha's share would be lost beside the bias.
        x = ops.cast(inputs, keras.backend.result_type(inputs.dtype, "float32"))
        channels, half = x.shape[-1], self.size // 2
        squares = ops.pad(ops.square(x), [(0, 0)] * (len(x.shape) - 1) + [(half, half)])
        total = sum(squares[..., i : i + channels] for i in range(self.size))
        return ops.cast(x / (self.bias + self.alpha * total) ** self.beta, inputs.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self) -> dict:
        config = {"size": self.size, "bias": self.bias, "alpha": self.alpha, "beta": self.beta}
        return super().get_config() | config
