"""A row for every interpreter: what tells, of images and what is asked about, where a network
looked."""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np

from keras_mia import interpret, models


@dataclass(frozen=True)
class Interpreter:
    """What the suites need to know.

    Args:
        maps: from `(model, images, weights)` to a map an image.
        bounds: the least and the greatest value of a map.
    """

    maps: Callable
    bounds: tuple[float, float] = (0, 1)

    def __str__(self):
        return self.maps.__name__


def network(axes: int) -> keras.Model:
    keras.utils.set_random_seed(axes)
    space = {2: (16, 20), 3: (8, 12, 8)}[axes]
    options = {"depth": (1, 1), "filters": 16, "norm": "group", "stem": "plain"}
    return models.resnet((*space, 1), 3, **options)


def images(model, count=3):
    shape = (count, *model.input_shape[1:])
    return np.random.default_rng(0).normal(size=shape).astype("float32")


INTERPRETERS = (Interpreter(interpret.grad_cam),)
# What serves them: tested by itself.
OTHERS = {interpret.last_map}
