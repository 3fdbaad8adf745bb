"""The channels of an image in another order, or more than once."""

from collections.abc import Sequence

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_mia")
class TakeChannels(keras.Layer):
    """Takes channels by their numbers: `(2, 1, 0)` is RGB as BGR, `(0, 0, 0)` gray as RGB.

    Args:
        channels: number of the input's channel, an entry a channel of the output.
        **options: those of `keras.Layer`.

    Example:
        >>> import numpy as np
        >>> np.ravel(TakeChannels((2, 1, 0))(np.array([[[1.0, 2.0, 3.0]]]))).tolist()
        [3.0, 2.0, 1.0]
    """

    def __init__(self, channels: Sequence[int], **options) -> None:
        super().__init__(**options)
        self.channels = tuple(channels)

    def call(self, inputs):
        return ops.concatenate([inputs[..., i : i + 1] for i in self.channels], axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], len(self.channels))

    def get_config(self) -> dict:
        return super().get_config() | {"channels": self.channels}
