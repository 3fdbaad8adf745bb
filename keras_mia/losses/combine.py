"""Several losses at once, as cross-entropy (local) + Dice (global)."""

from collections.abc import Sequence

import keras


@keras.saving.register_keras_serializable("keras_mia")
class WeightedSum(keras.losses.Loss):
    """`sum(weight * loss)` of several losses.

    Each loss reduces and weighs the images by itself, so that any Keras loss can take part.

    Args:
        losses: pairs of a weight and a `keras.losses.Loss`.
        name: the sum's name.

    Raises:
        ValueError: without losses, or where one is not a `keras.losses.Loss`.

    Example:
        >>> from keras_mia.losses import CrossEntropy, Dice
        >>> WeightedSum([(1.0, CrossEntropy()), (1.0, Dice())]).name
        'weighted_sum'
    """

    def __init__(
        self,
        losses: Sequence[tuple[float, keras.losses.Loss]],
        name: str = "weighted_sum",
    ):
        super().__init__(name=name)
        self.losses = [(float(weight), loss) for weight, loss in losses]
        wrong = [loss for _, loss in self.losses if not isinstance(loss, keras.losses.Loss)]
        if wrong or not self.losses:
            raise ValueError(f"Pairs of a weight and a keras.losses.Loss are needed, got {losses}.")

    def __call__(self, y_true, y_pred, sample_weight=None):
        return sum(weight * loss(y_true, y_pred, sample_weight) for weight, loss in self.losses)

    def get_config(self):
        pairs = [
            (weight, keras.saving.serialize_keras_object(loss)) for weight, loss in self.losses
        ]
        return {"losses": pairs, "name": self.name}

    @classmethod
    def from_config(cls, config):
        pairs = [
            (weight, keras.saving.deserialize_keras_object(loss))
            for weight, loss in config["losses"]
        ]
        return cls(pairs, name=config["name"])
