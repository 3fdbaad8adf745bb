"""What losses of whole images have in common."""

from abc import abstractmethod

from keras import ops

from keras_mia.layers.label_maps import fit_together, voxel_weights
from keras_mia.losses.weighting import WeightedLoss


class ImageLoss(WeightedLoss):
    """A loss of images `(batch, *space, channels)` that gives one value an image.

    A `sample_weight` is `(batch,)`.

    Args:
        **options: `name`, `reduction`, `dtype` of `keras.losses.Loss`.
    """

    def weighted_costs(self, y_true, y_pred, sample_weight):
        true, predicted = (ops.cast(one, self.dtype) for one in (y_true, y_pred))
        if not fit_together(tuple(true.shape), tuple(predicted.shape)):
            raise ValueError(
                f"The truth {tuple(true.shape)} and a prediction {tuple(predicted.shape)} have to"
                " be images of one shape."
            )
        cost = self.costs(true, predicted)
        weights = voxel_weights(sample_weight, cost)
        return cost * (1.0 if weights is None else weights), weights

    @abstractmethod
    def costs(self, true, predicted):
        """One value an image, `(batch,)`, of images of one shape."""
