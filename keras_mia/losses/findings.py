"""Cross-entropy of several findings at once, each present, absent or not known."""

from collections.abc import Sequence

import keras
from keras import ops

from keras_mia.losses.classes import weight_vector


@keras.saving.register_keras_serializable("keras_mia")
class FindingsCrossEntropy(keras.losses.Loss):
    """The binary cross-entropy of each finding, the mean over those that are known.

    `y_true` is `(batch, findings)`: 1 present, 0 absent, between them a share of both; below 0 not
    known, which costs nothing. `y_pred` holds probabilities of the same shape.

    Args:
        class_weights: how much each finding counts where it is present; none: as where it is not.
        **options: `name`, `reduction`, `dtype` of `keras.losses.Loss`.

    Raises:
        ValueError: when called with another number of findings than of weights.

    Source: Rajpurkar et al. (2017), CheXNet, arXiv:1711.05225; unknown labels left out as in Irvin
    et al. (2019), CheXpert, arXiv:1901.07031.

    Departs from the paper: CheXNet weighs absent findings too, so that both weights add up to 1.

    Example:
        >>> import numpy as np
        >>> truth, guess = np.array([[1.0, -1.0]]), np.array([[0.5, 0.9]])
        >>> print(f"{float(FindingsCrossEntropy()(truth, guess)):.4f}")  # log 2
        0.6931
    """

    def __init__(self, class_weights: Sequence[float] = (), **options):
        super().__init__(**{"name": "findings_cross_entropy"} | options)
        self.class_weights = tuple(map(float, class_weights))

    def call(self, y_true, y_pred):
        y_true = ops.cast(y_true, y_pred.dtype)
        known = ops.cast(y_true >= 0, y_pred.dtype)
        smallest = keras.config.epsilon()
        guess = ops.clip(y_pred, smallest, 1 - smallest)
        present = -y_true * ops.log(guess)
        if self.class_weights:
            present = present * weight_vector(self.class_weights, y_pred)
        cost = present - (1 - y_true) * ops.log(1 - guess)
        return ops.sum(known * cost, -1) / ops.maximum(ops.sum(known, -1), 1.0)

    def get_config(self):
        return super().get_config() | {"class_weights": self.class_weights}
