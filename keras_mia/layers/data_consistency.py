"""What was measured stays as it was measured: a layer for images out of lines of k-space."""

from collections.abc import Sequence

import keras

from keras_mia.core.k_space import line_filter
from keras_mia.layers.windows import product_along


@keras.saving.register_keras_serializable("keras_mia")
class DataConsistency(keras.Layer):
    """Puts the measured lines of k-space back into a predicted image.

    What a network makes of an image whose other lines were never measured may differ from it in
    these lines alone: `prediction + P (measured - prediction)`, in which `P` keeps the measured
    lines. Lines lie across one axis (that of phase encoding), so that `P` is one real matrix.

    It is called with a list of two images `(batch, *space, channels)`: the prediction, and the
    image that was made of the measured lines, with zeros for the others.

    Args:
        lines: `(n,)`, which lines were measured, in the order of `numpy.fft.fftfreq`, `n` the
            image's size along `axis`.
        axis: of space, along which the lines are counted.

    Raises:
        ValueError: a line is there without that of minus its frequency; when built, if the images
            do not have `n` voxels along `axis`.

    Source: Schlemper et al. (2018), A deep cascade of convolutional neural networks for dynamic MR
        image reconstruction, doi:10.1109/TMI.2017.2760978.

    Departs from the paper: images are real, and nothing is averaged, as without noise.

    Example:
        >>> import numpy as np
        >>> keep_mean = DataConsistency([True, False, False, False])
        >>> measured = np.full((1, 4, 1), 3.0, "float32")
        >>> guess = np.array([0.0, 1.0, 0.0, 3.0], "float32").reshape(1, 4, 1)
        >>> np.ravel(keep_mean([guess, measured])).tolist()
        [2.0, 3.0, 2.0, 5.0]
    """

    def __init__(self, lines: Sequence[bool], axis: int = 0, **options):
        super().__init__(**options)
        self.lines, self.axis = tuple(bool(line) for line in lines), int(axis)
        self._filter = line_filter(self.lines)

    def build(self, input_shape):
        prediction, measured = input_shape
        for shape in (prediction, measured):
            if shape[1 + self.axis] not in (None, len(self.lines)):
                raise ValueError(
                    f"{self.name}: {len(self.lines)} lines do not fit images of {shape[1:-1]}."
                )
        self.built = True

    def call(self, inputs):
        prediction, measured = inputs
        return prediction + product_along(measured - prediction, 1 + self.axis, self._filter)

    def compute_output_shape(self, input_shape):
        return input_shape[0]

    def get_config(self) -> dict:
        return super().get_config() | {"lines": self.lines, "axis": self.axis}
