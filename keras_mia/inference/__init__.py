"""From a trained network to a prediction for a new image."""

from keras_mia.core.lazy import lazy

EXPORTS = {
    "SlidingWindow": "window",
    "predict_function": "whole",
    "fill_holes": "clean",
    "largest_component": "clean",
}
__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
