"""What lies beyond the border of an image."""

from collections.abc import Sequence

import keras
from keras import ops

Margins = int | Sequence[int | tuple[int, int]]


@keras.saving.register_keras_serializable("keras_mia")
class MirrorPadding(keras.Layer):
    """Continues an image beyond its borders by its mirror image; the border voxel is not doubled.

    Args:
        margins: voxels to add at both ends of each axis: a number, or an axis one number or
            `(before, after)`. A margin is smaller than the side that it mirrors.

    Source: Ronneberger et al. (2015), U-Net, arXiv:1505.04597, the overlap-tile strategy.

    Example:
        >>> import numpy as np
        >>> line = np.array([1.0, 2.0, 3.0], "float32").reshape(1, 3, 1)
        >>> np.ravel(MirrorPadding(2)(line)).tolist()
        [3.0, 2.0, 1.0, 2.0, 3.0, 2.0, 1.0]
    """

    def __init__(self, margins: Margins, **options) -> None:
        super().__init__(**options)
        self.margins = margins if isinstance(margins, int) else margins_of(margins, len(margins))

    def build(self, input_shape):
        space = input_shape[1:-1]
        for length, margins in zip(space, margins_of(self.margins, len(space)), strict=True):
            if length is not None and max(margins) >= length:
                raise ValueError(
                    f"{self.name}: a side of {length} cannot be mirrored by {max(margins)}: "
                    f"it has to be at least {max(margins) + 1} long."
                )
        self.built = True

    def call(self, inputs):
        width = ((0, 0), *margins_of(self.margins, len(inputs.shape) - 2), (0, 0))
        return ops.pad(inputs, width, mode="reflect")

    def compute_output_shape(self, input_shape):
        batch, *space, channels = input_shape
        pairs = margins_of(self.margins, len(space))
        longer = (n and n + sum(margins) for n, margins in zip(space, pairs, strict=True))
        return (batch, *longer, channels)

    def get_config(self) -> dict:
        return super().get_config() | {"margins": self.margins}


def margins_of(margins: Margins, axes: int) -> tuple[tuple[int, int], ...]:
    """`(before, after)` for each axis.

    Raises:
        ValueError: margins for another number of axes.

    Example:
        >>> margins_of((1, (0, 2)), 2)
        ((1, 1), (0, 2))
    """
    listed = (margins,) * axes if isinstance(margins, int) else margins
    if len(listed) != axes:
        raise ValueError(f"{margins} was given for {axes} axes of space: give a number or {axes}.")
    return tuple((n, n) if isinstance(n, int) else (n[0], n[1]) for n in listed)
