"""Cross-entropy, voxel by voxel, with weights for what is rare."""

from collections.abc import Sequence

import keras
from keras import ops

from keras_mia.losses import truth
from keras_mia.losses.classes import weight_vector


@keras.saving.register_keras_serializable("keras_mia")
class CrossEntropy(truth.VoxelLoss):
    """`-w[t] log y[t]` of the true class t, the mean over the batch's voxels.

    Args:
        class_weights: a weight w for each class; None: 1 for all. The mean is over the number of
            voxels, not over the sum of the weights, as with Keras' own `class_weight`.
        ignore_label: voxels with this label do not count.
        from_logits: whether `y_pred` holds logits.
        **options: `name`, `reduction`, `dtype` of `keras.losses.Loss`.

    Raises:
        ValueError: when called on a sigmoid's one channel, or with a wrong number of weights.

    Source: Ronneberger et al. (2015), U-Net, arXiv:1505.04597 (with a weight for each voxel).

    Example:
        >>> import numpy as np
        >>> truth, guess = np.array([[0, 1]]), np.array([[[0.5, 0.5], [0.75, 0.25]]])
        >>> print(f"{float(CrossEntropy()(truth, guess)):.4f}")  # (log 2 + log 4) / 2
        1.0397
    """

    def __init__(
        self,
        class_weights: Sequence[float] | None = None,
        ignore_label: int | None = None,
        from_logits: bool = False,
        **options,
    ):
        super().__init__(ignore_label, from_logits, **{"name": "cross_entropy"} | options)
        self.class_weights = class_weights
        if class_weights is not None:
            self.class_weights = tuple(float(weight) for weight in class_weights)

    def check(self, channels):
        if channels == 1:
            raise ValueError("CrossEntropy needs a channel a class; one: BinaryCrossEntropy.")

    def costs(self, labels, y_pred, counts, weights):
        cost = truth.negative_log_likelihood(labels, y_pred, self.from_logits)
        if self.class_weights:
            cost = cost * weights_of(labels, y_pred, self.class_weights)
        return truth.mean_over_counted(truth.weighted(cost, weights), counts)

    def get_config(self):
        return super().get_config() | {"class_weights": self.class_weights}


@keras.saving.register_keras_serializable("keras_mia")
class BinaryCrossEntropy(truth.VoxelLoss):
    """`-(beta t log y + (1 - t) log(1 - y))` of a sigmoid's one channel, the mean over voxels.

    Args:
        beta: the weight of the structure (label 1): above 1 for fewer false negatives, below 1 for
            fewer false positives.
        ignore_label: voxels with this label do not count.
        from_logits: whether `y_pred` holds logits.
        **options: `name`, `reduction`, `dtype` of `keras.losses.Loss`.

    Raises:
        ValueError: when called on more than one channel.

    Source: `tf.nn.weighted_cross_entropy_with_logits`, whose `pos_weight` is beta.

    Example:
        >>> import numpy as np
        >>> truth, guess = np.array([[0, 1]]), np.array([[[0.5], [0.5]]])
        >>> print(f"{float(BinaryCrossEntropy(beta=3)(truth, guess)):.4f}")  # (1 + 3) log 2 / 2
        1.3863
    """

    def __init__(
        self,
        beta: float = 1.0,
        ignore_label: int | None = None,
        from_logits: bool = False,
        **options,
    ):
        super().__init__(ignore_label, from_logits, **{"name": "binary_cross_entropy"} | options)
        self.beta = beta

    def check(self, channels):
        if channels != 1:
            raise ValueError("BinaryCrossEntropy needs one channel; more: CrossEntropy.")

    def costs(self, labels, y_pred, counts, weights):
        cost = truth.negative_log_likelihood(labels, y_pred, self.from_logits)
        cost = ops.where(labels == 1, self.beta * cost, cost)
        return truth.mean_over_counted(truth.weighted(cost, weights), counts)

    def get_config(self):
        return super().get_config() | {"beta": self.beta}


def weights_of(labels, y_pred, class_weights: Sequence[float]):
    """The weight of each voxel's true class, float32 `(batch, *space)`.

    Raises:
        ValueError: where there is not one weight for each class (two for a sigmoid's one channel).
    """
    classes = max(2, y_pred.shape[-1])
    one_hot = ops.one_hot(labels, classes, dtype="float32")
    return ops.sum(one_hot * weight_vector(class_weights, one_hot), axis=-1)
