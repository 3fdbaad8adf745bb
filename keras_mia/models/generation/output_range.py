"""Which values a generator can give, and whether those are what it is to learn."""

import keras
import numpy as np

RANGES = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "softmax": (0.0, 1.0), "relu": (0.0, np.inf)}
"""Activation of the last layer -> the lowest and the highest value that it gives."""
RESHAPING = (keras.layers.Reshape, keras.layers.Flatten, keras.layers.Permute)
"""Layers that leave values as they are."""
SLACK = 1e-3


def output_range(generator: keras.Model) -> tuple[float, float]:
    """The lowest and the highest value that a generator can give, by its last activation.

    Example:
        >>> inputs = keras.Input((2,))
        >>> output_range(keras.Model(inputs, keras.layers.Dense(1, activation="tanh")(inputs)))
        (-1.0, 1.0)
    """
    layers = iter(reversed(generator.layers))
    layer = next(layers)
    while isinstance(layer, RESHAPING) or (_name(layer) == "linear" and not layer.weights):
        layer = next(layers)
    return RANGES.get(_name(layer), (-np.inf, np.inf))


def _name(layer: keras.Layer) -> str:
    """Of a layer's activation; "" where it has none."""
    return getattr(getattr(layer, "activation", None), "__name__", "")


def check_reached(generator: keras.Model, examples: np.ndarray) -> None:
    """Sees to it that a generator can give the values of examples.

    Args:
        generator: functional.
        examples: an array.

    Raises:
        ValueError: names both ranges; or values are no numbers.
    """
    if not examples.size:
        raise ValueError("There is no example.")
    low, high = output_range(generator)
    least, most = float(examples.min()), float(examples.max())
    if not np.isfinite([least, most]).all():
        raise ValueError("Examples hold values that are not finite (NaN or infinity).")
    if least < low - SLACK or most > high + SLACK:
        raise ValueError(
            f"The examples reach from {least:g} to {most:g}, the generator's outputs from {low:g}"
            f" to {high:g}: scale the examples to that range."
        )
