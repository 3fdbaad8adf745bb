"""Focal loss: cross-entropy that looks away from what is easy."""

from collections.abc import Sequence

import keras
from keras import ops

from keras_mia.losses import truth
from keras_mia.losses.cross_entropy import weights_of


@keras.saving.register_keras_serializable("keras_mia")
class Focal(truth.VoxelLoss):
    """`-w[t] (1 - y[t])^gamma log y[t]` of the true class t, the mean over the batch's voxels.

    Args:
        gamma: how much less an easy voxel counts; 0 is cross-entropy.
        class_weights: a weight w for each class (two for a sigmoid: background, structure); the
            paper's alpha is `(1 - alpha, alpha)`. None: 1 for all.
        ignore_label: voxels with this label do not count.
        from_logits: whether `y_pred` holds logits.
        **options: `name`, `reduction`, `dtype` of `keras.losses.Loss`.

    Source: Lin et al. (2017), Focal loss for dense object detection, arXiv:1708.02002.

    Departs from the paper: the mean is over voxels, not over the voxels of structures.

    Example:
        >>> import numpy as np
        >>> truth, guess = np.array([[1]]), np.array([[[0.5, 0.5]]])
        >>> print(f"{float(Focal(gamma=2)(truth, guess)):.4f}")  # log(2) / 4
        0.1733
    """

    def __init__(
        self,
        gamma: float = 2.0,
        class_weights: Sequence[float] | None = None,
        ignore_label: int | None = None,
        from_logits: bool = False,
        **options,
    ):
        super().__init__(ignore_label, from_logits, **{"name": "focal"} | options)
        if gamma < 0:
            raise ValueError(f"gamma is {gamma}; it has to be 0 or more.")
        self.gamma = gamma
        self.class_weights = class_weights
        if class_weights is not None:
            self.class_weights = tuple(float(weight) for weight in class_weights)

    def costs(self, labels, y_pred, counts, weights):
        cost = truth.negative_log_likelihood(labels, y_pred, self.from_logits)
        # Not less than the smallest: the power's derivative is infinite at 0 for a gamma below 1.
        wrong = ops.maximum(-ops.expm1(-cost), truth.SMALLEST)
        cost = wrong**self.gamma * cost
        if self.class_weights:
            cost = cost * weights_of(labels, y_pred, self.class_weights)
        return truth.mean_over_counted(truth.weighted(cost, weights), counts)

    def get_config(self):
        return super().get_config() | {"gamma": self.gamma, "class_weights": self.class_weights}
