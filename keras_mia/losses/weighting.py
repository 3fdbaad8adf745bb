"""How weights count in a loss."""

from abc import abstractmethod

import keras
from keras import ops


class WeightedLoss(keras.losses.Loss):
    """A loss that weighs what it adds up itself, since Keras only knows the cost of each image.

    Args:
        **options: `name`, `reduction`, `dtype` of `keras.losses.Loss`.
    """

    def __init__(self, **options):
        super().__init__(**options)
        self._reduce = _Reduction(name=self.name, reduction=self.reduction, dtype=self.dtype)

    def __call__(self, y_true, y_pred, sample_weight=None):
        """The cost of a batch, reduced as Keras does."""
        with keras.name_scope(self.name):
            costs, weights = self.weighted_costs(y_true, y_pred, sample_weight)
            if weights is None or self.reduction != "mean_with_sample_weight":
                return self._reduce(costs, costs)
            weights = ops.broadcast_to(weights, ops.shape(costs))
            return self._reduce(costs, ops.divide_no_nan(costs, weights), weights)

    def call(self, y_true, y_pred, sample_weight=None):
        """One value an image, `(batch,)`, weighted."""
        return self.weighted_costs(y_true, y_pred, sample_weight)[0]

    @abstractmethod
    def weighted_costs(self, y_true, y_pred, sample_weight):
        """The weighted cost of each image, `(batch,)`, and the weights of the images, `(batch,)` or
        `(1,)`; None where there are none."""


class _Reduction(keras.losses.Loss):
    """Keras' reduction of costs that are known."""

    def call(self, y_true, y_pred):
        return y_pred
