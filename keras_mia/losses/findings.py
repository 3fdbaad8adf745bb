"""Cross-entropy of several findings at once, each present, absent or not known."""

from collections.abc import Sequence

import keras
from keras import ops

from keras_mia.layers.label_maps import fit_together, refuse, voxel_weights
from keras_mia.losses.classes import weight_vector
from keras_mia.losses.truth import SMALLEST, logits_of
from keras_mia.losses.weighting import WeightedLoss


@keras.saving.register_keras_serializable("keras_mia")
class FindingsCrossEntropy(WeightedLoss):
    """The binary cross-entropy of each finding, the mean over those that are known.

    `y_true` is `(batch, findings)`: 1 present, 0 absent, between them a share of both; below 0 not
    known, which costs nothing. `y_pred` holds probabilities of the same shape. A `sample_weight` is
    `(batch,)`, or `(batch, findings)`.

    Args:
        class_weights: how much each finding counts where it is present; none: as where it is not.
        **options: `name`, `reduction`, `dtype` of `keras.losses.Loss`.

    Raises:
        ValueError: when called with another number of findings than of weights, or with a truth
            above 1.

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

    def weighted_costs(self, y_true, y_pred, sample_weight):
        y_pred = ops.convert_to_tensor(y_pred)
        y_true = ops.cast(ops.convert_to_tensor(y_true), "float32")
        y_true, one_or_nan = checked_findings(y_true, y_pred)
        present, absent = negative_logs(y_pred)
        present = y_true * present
        if self.class_weights:
            present = present * weight_vector(self.class_weights, y_true)
        is_labelled = ops.cast(y_true >= 0, "float32")
        cost = is_labelled * (present + (1 - y_true) * absent)
        weights = voxel_weights(sample_weight, y_true)
        if weights is not None:
            cost, counted = cost * weights, is_labelled * weights
            weights = ops.divide_no_nan(ops.sum(counted, -1), ops.sum(is_labelled, -1))
        return ops.sum(cost, -1) / ops.maximum(ops.sum(is_labelled, -1), 1.0) * one_or_nan, weights

    def get_config(self):
        return super().get_config() | {"class_weights": self.class_weights}


def negative_logs(y_pred):
    """`-log y` and `-log(1 - y)`, float32; of the logits where Keras keeps them beside the
    probabilities, so that they have a gradient where a probability rounds to 0 or 1."""
    logits = logits_of(y_pred)
    if logits is not None:
        logits = ops.cast(logits, "float32")
        return ops.softplus(-logits), ops.softplus(logits)
    predicted = ops.clip(ops.cast(y_pred, "float32"), SMALLEST, 1 - SMALLEST)
    return -ops.log(predicted), -ops.log(1 - predicted)


def checked_findings(y_true, y_pred):
    """The truth `(batch, findings)`, and 1.0, or NaN where it is none; see `refuse`."""
    if not fit_together(tuple(y_true.shape), tuple(y_pred.shape)):
        raise ValueError(
            f"The truth {tuple(y_true.shape)} of a prediction {tuple(y_pred.shape)} has to be "
            "(batch, findings)."
        )
    needed = "findings are 1 where present, 0 where absent and -1 where not known."
    # TensorFlow makes y > 1 of "not y <= 1", which is another thing for NaN.
    wrong = ops.logical_or(y_true > 1, ops.isnan(y_true))
    return refuse(wrong, y_true, "finding", needed)
