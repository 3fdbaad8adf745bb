"""From feature maps to one prediction for the whole image."""

import keras

from keras_mia.layers import nd
from keras_mia.models.output_activation import output_activation


def head(x, classes: int, activation: str | None, dropout: float = 0.0):
    """The mean over space and a value a class, in float32 whatever the precision policy is."""
    activation = output_activation(classes, activation)
    x = nd.global_average_pool(x, name="mean")
    if dropout:
        x = keras.layers.Dropout(dropout, name="head_dropout")(x)
    return keras.layers.Dense(classes, activation=activation, dtype="float32", name="head")(x)
