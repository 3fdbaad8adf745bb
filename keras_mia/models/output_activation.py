"""What makes outputs of a network's last values."""

from typing import TypeVar

import keras

Activation = TypeVar("Activation")


def output_activation(classes: int, activation: Activation) -> Activation:
    """The activation of an output of so many channels.

    Raises:
        ValueError: a softmax of one channel, which is 1 whatever the image shows.

    Example:
        >>> output_activation(1, "sigmoid"), output_activation(2, "softmax")
        ('sigmoid', 'softmax')
    """
    relative = (keras.activations.softmax, keras.activations.log_softmax)
    if classes == 1 and keras.activations.get(activation) in relative:
        raise ValueError(
            'A softmax of one channel is 1 everywhere. Take activation="sigmoid" with classes=1, '
            "or classes=2, of which the first is background."
        )
    return activation
