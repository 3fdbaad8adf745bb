"""What every loss of voxels needs of truth and prediction: labels, probabilities, weights."""

from abc import abstractmethod

import keras
from keras import ops

from keras_mia.core.keras_internals import cached_logits, mask_of
from keras_mia.layers.label_maps import label_map, voxel_weights
from keras_mia.losses.weighting import WeightedLoss

SMALLEST = 1e-7


class VoxelLoss(WeightedLoss):
    """What losses of label maps share: how the truth is looked at, and how weights count.

    A weight map of which each image has one value is worth the same as that weight of the image,
    and a loss is proportional to the weights: the losses of a sum keep their balance.

    Args:
        ignore_label: voxels with this label do not count.
        from_logits: whether `y_pred` holds logits.
        **options: `name`, `reduction`, `dtype` of `keras.losses.Loss`.
    """

    def __init__(self, ignore_label: int | None, from_logits: bool, **options):
        super().__init__(**options)
        self.ignore_label = ignore_label
        self.from_logits = from_logits

    def weighted_costs(self, y_true, y_pred, sample_weight):
        y_pred = ops.convert_to_tensor(y_pred)
        self.check(y_pred.shape[-1])
        if self.from_logits and cached_logits(y_pred) is not None:
            raise ValueError("The prediction has a softmax or a sigmoid: leave from_logits out.")
        classes = max(2, y_pred.shape[-1])
        labels, counts, one_or_nan = label_map(y_true, y_pred, classes, self.ignore_label)
        mask = mask_of(y_pred)
        if mask is not None:
            labels = ops.where(mask, labels, -1)
            counts = ops.cast(labels >= 0, "float32")
        weights = voxel_weights(sample_weight, labels)
        costs = self.costs(labels, y_pred, counts, weights) * one_or_nan
        return costs, None if weights is None else mean_over_counted(weights, counts)

    def check(self, channels: int) -> None:
        """Raises ValueError where the loss does not serve predictions of so many channels."""

    @abstractmethod
    def costs(self, labels, y_pred, counts, weights):
        """One value an image, `(batch,)`.

        Args:
            labels: int32 `(batch, *space)`, -1 where a voxel does not count.
            y_pred: as it was given.
            counts: 1.0 where a voxel counts, 0.0 elsewhere, `(batch, *space)`; None: all count.
            weights: that multiply values `(batch, *space)`; None: 1.
        """

    def get_config(self):
        names = ("ignore_label", "from_logits")
        return super().get_config() | {name: getattr(self, name) for name in names}


def probabilities(y_pred, from_logits: bool):
    """Probabilities, float32, of the prediction's own shape.

    Those of float16 and bfloat16 are made anew of the logits, where these are known: 1 / smooth,
    the derivative of an overlap where a class is absent, is infinite in float16.
    """
    wide = keras.backend.standardize_dtype(y_pred.dtype) == "float32"
    logits = None if wide else logits_of(y_pred)
    predicted = ops.cast(y_pred if logits is None else logits, "float32")
    if from_logits or logits is not None:
        predicted = ops.sigmoid(predicted) if predicted.shape[-1] == 1 else ops.softmax(predicted)
    return predicted


def negative_log_likelihood(labels, y_pred, from_logits: bool):
    """`-log p` of each voxel's true class, float32 `(batch, *space)`; of label -1 any number.

    Where the logits behind a softmax or a sigmoid are known, the logarithm is taken of them, which
    stays exact and keeps a gradient where a probability rounds to 0 or 1.
    """
    logits = logits_of(y_pred, from_logits)
    binary = y_pred.shape[-1] == 1
    if logits is not None:
        logits = ops.cast(logits, "float32")
        if binary:
            return ops.softplus(ops.where(labels == 1, -logits[..., 0], logits[..., 0]))
        # A product with the one-hot truth is faster here than a gather or TensorFlow's fused op.
        return -ops.sum(one_hot(labels, logits) * ops.log_softmax(logits), axis=-1)
    predicted = ops.cast(y_pred, "float32")
    if binary:
        of_truth = ops.where(labels == 1, predicted[..., 0], 1 - predicted[..., 0])
    else:
        of_truth = ops.sum(one_hot(labels, predicted) * predicted, axis=-1)
        of_truth = ops.where(labels < 0, 1.0, of_truth)
    return -ops.log(ops.clip(of_truth, SMALLEST, 1.0))


def logits_of(y_pred, from_logits: bool = False):
    """The logits that a prediction is, or that Keras keeps beside the output of its softmax or
    sigmoid; None where they are not known."""
    return y_pred if from_logits else cached_logits(y_pred)


def regions(labels, y_pred, counts, from_logits: bool):
    """Truth and prediction as regions: one-hot truth and probabilities, float32
    `(batch, *space, classes or 1)`, both 0 where a voxel does not count."""
    predicted = probabilities(y_pred, from_logits)
    if counts is not None:
        predicted = predicted * counts[..., None]
    return one_hot(labels, predicted), predicted


def one_hot(labels, predicted):
    """The label map as float32 `(batch, *space, classes)`, or `(batch, *space, 1)` of label 1."""
    if predicted.shape[-1] == 1:
        return ops.cast(labels == 1, "float32")[..., None]
    return ops.one_hot(labels, predicted.shape[-1], dtype="float32")


def sum_over_space(values, rank: int):
    """Sums the axes 1 to `rank`, one after the other.

    With few channels last, this is several times faster on TensorFlow's CPU than one sum over all,
    and it rounds less.
    """
    for _ in range(rank):
        values = ops.sum(values, axis=1)
    return values


def mean_over_counted(values, counts):
    """`(batch,)` whose mean is the mean of `values` over all voxels of the batch that count."""
    rank = len(values.shape) - 1
    if counts is None:
        return ops.mean(values, axis=tuple(range(1, rank + 1))) if rank else values
    images = ops.cast(ops.shape(values)[0], "float32")
    share = images / ops.maximum(ops.sum(counts), 1.0)
    return sum_over_space(values * counts, rank) * share


def weighted(values, weights):
    """`values` `(batch, *space, ...)` times the weights of their voxels; None: 1."""
    if weights is None:
        return values
    more = len(values.shape) - len(weights.shape)
    return values * ops.reshape(weights, (*ops.shape(weights), *(1,) * more))
