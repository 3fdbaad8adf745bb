"""A row for all of `keras_mia.inference`: what gives predictions, and what cleans them."""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import pytest

from keras_mia import inference

pytest.importorskip("tensorflow", reason="inference is by TensorFlow")


@dataclass(frozen=True)
class Predictor:
    """What gives predictions of prepared images.

    Args:
        name: of the row.
        make: from a network that keeps an image's grid to a function from one image
            `(*space, channels)` to a prediction `(*space, classes)`.
        kind: the public name that it is made of.
    """

    name: str
    make: Callable[[keras.Model], Callable[[np.ndarray], np.ndarray]]
    kind: object


def by_windows(**options):
    def make(model):
        window = inference.SlidingWindow(model, model.input_shape[1:-1], **options)
        return lambda image: np.concatenate([block for _, block in window.blocks(image)])

    return make


def whole(model):
    predict = inference.predict_function(model)
    return lambda image: predict(image[None])[0]


PREDICTORS = (
    Predictor("whole", whole, inference.predict_function),
    Predictor("windows", by_windows(), inference.SlidingWindow),
    Predictor("mirrored windows", by_windows(mirror=(0, 1)), inference.SlidingWindow),
)
CLEANERS = (inference.fill_holes, inference.largest_component)
