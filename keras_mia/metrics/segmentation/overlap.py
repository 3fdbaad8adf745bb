"""Overlap as Keras metrics: sums over all batches, one fraction at the end."""

from abc import abstractmethod

import keras
from keras import ops

from keras_mia.layers.label_maps import label_map, voxel_weights


class Overlap(keras.metrics.Metric):
    """What the metrics of overlap share: a class's intersection and sizes, summed over batches.

    A class that was neither in the truth nor predicted is left out of the mean; the result is NaN
    where that holds for all (as the policy of `keras_mia.metrics` says).

    Args:
        classes: how many, background among them; a sigmoid's one channel has 2.
        background: whether class 0 counts.
        ignore_label: voxels with this label do not count; None: all count.
        from_logits: whether predictions are logits (matters for a sigmoid's one channel only).
        name, dtype: as in `keras.metrics.Metric`.

    Raises:
        ValueError: there are fewer than two classes.
    """

    def __init__(
        self,
        classes: int,
        background: bool = False,
        ignore_label: int | None = None,
        from_logits: bool = False,
        name: str | None = None,
        dtype=None,
    ):
        super().__init__(name=name or type(self).__name__.lower(), dtype=dtype)
        if classes < 2:
            raise ValueError(f"classes is {classes}; with background there are 2 at least.")
        self.classes = classes
        self.background = background
        self.ignore_label = ignore_label
        self.from_logits = from_logits
        for sums in ("intersection", "true_size", "predicted_size"):
            setattr(self, sums, self.add_weight(shape=(classes,), initializer="zeros", name=sums))

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Adds a batch.

        Args:
            y_true: `(batch, *space)` or `(batch, *space, 1)`, integer classes.
            y_pred: `(batch, *space, classes)`, or `(batch, *space, 1)` of a sigmoid.
            sample_weight: `(batch,)`, how much each image counts; `(batch, *space)` or
                `(batch, *space, 1)`, how much each voxel does.

        Raises:
            ValueError: shapes do not fit, or a label is no class.
        """
        y_pred = ops.convert_to_tensor(y_pred)
        prediction = self._predicted(y_pred)
        labels, counts, one_or_nan = label_map(y_true, y_pred, self.classes, self.ignore_label)
        weights = voxel_weights(sample_weight, labels)
        truth = ops.one_hot(labels, self.classes, dtype="float32")
        prediction = ops.one_hot(prediction, self.classes, dtype="float32")
        if counts is not None:
            prediction = prediction * counts[..., None]
        overlap = truth * prediction
        if weights is not None:
            weights = weights[..., None]
            overlap, truth, prediction = overlap * weights, truth * weights, prediction * weights
        self.intersection.assign_add(_sum_by_class(overlap) * one_or_nan)
        self.true_size.assign_add(_sum_by_class(truth) * one_or_nan)
        self.predicted_size.assign_add(_sum_by_class(prediction) * one_or_nan)

    def result(self):
        """The mean over the classes that occur, a scalar."""
        start = 0 if self.background else 1
        index = self.by_class()[start:]
        present = ops.cast(self.true_size + self.predicted_size > 0, index.dtype)[start:]
        return ops.sum(index * present) / ops.sum(present)

    @abstractmethod
    def by_class(self):
        """The index of each class, `(classes,)`, 0 where a class does not occur."""

    def _predicted(self, y_pred):
        if y_pred.shape[-1] == self.classes:
            return ops.argmax(y_pred, axis=-1)
        if y_pred.shape[-1] == 1 and self.classes == 2:
            return ops.cast(y_pred[..., 0] > (0 if self.from_logits else 0.5), "int32")
        raise ValueError(f"A prediction {y_pred.shape} does not fit {self.classes} classes.")

    def get_config(self):
        names = ("classes", "background", "ignore_label", "from_logits")
        return super().get_config() | {name: getattr(self, name) for name in names}


@keras.saving.register_keras_serializable("keras_mia.metrics")
class Dice(Overlap):
    """`2 |T and P| / (|T| + |P|)` of all voxels, the mean over classes.

    Args:
        classes: how many, background among them; a sigmoid's one channel has 2.
        background: whether class 0 counts.
        ignore_label: voxels with this label do not count.
        from_logits: whether predictions are logits (matters for a sigmoid's one channel only).
        name, dtype: as in `keras.metrics.Metric`.

    Example:
        >>> metric = Dice(classes=2)
        >>> metric.update_state([[0, 1, 1, 0]], ops.one_hot([[0, 1, 0, 0]], 2))
        >>> print(f"{float(metric.result()):.4f}")  # 2 / 3
        0.6667
    """

    def by_class(self):
        return ops.divide_no_nan(2 * self.intersection, self.true_size + self.predicted_size)


@keras.saving.register_keras_serializable("keras_mia.metrics")
class Jaccard(Overlap):
    """`|T and P| / |T or P|` of all voxels, the mean over classes.

    Args:
        classes, background, ignore_label, from_logits, name, dtype: as in `Dice`.

    Example:
        >>> metric = Jaccard(classes=2)
        >>> metric.update_state([[0, 1, 1, 0]], ops.one_hot([[0, 1, 0, 0]], 2))
        >>> print(f"{float(metric.result()):.4f}")
        0.5000
    """

    def by_class(self):
        union = self.true_size + self.predicted_size - self.intersection
        return ops.divide_no_nan(self.intersection, union)


def _sum_by_class(values):
    for _ in values.shape[:-1]:  # one axis after the other is faster, see losses/truth.py
        values = ops.sum(values, axis=0)
    return values
