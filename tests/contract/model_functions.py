"""A row for every function of `keras_mia.models` that makes a network of another one, or of a
name."""

from collections.abc import Callable
from dataclasses import dataclass

import keras

from keras_mia import models


def residual():
    return models.resnet((16, 16, 3), 3, depth=(1, 1), filters=4, norm="batch")


def with_auxiliary():
    options = {"width": 1 / 16, "repeats": (1, 4, 1), "norm": None, "dropout": 0.0}
    return models.googlenet((72, 72, 1), 3, auxiliary=True, **options)


@dataclass(frozen=True)
class ModelFunction:
    """What the suites need to know.

    Args:
        function: the function.
        given: makes the network that it is given, or is the name that it is given.
        wrong: arguments that it refuses, where there are any; "model" stands for the network.
        more: its other arguments, by position.
        options: its other arguments, by name.
        output: shape of what the new network gives, or shapes by name, without the batch.
        same: whether the new network gives what the old one does.
    """

    function: Callable
    given: Callable[[], keras.Model] | str
    wrong: tuple = ()
    more: tuple = ()
    options: dict | None = None
    output: tuple[int, ...] | dict[str, tuple[int, ...]] = (3,)
    same: bool = False

    def first(self):
        keras.utils.set_random_seed(0)
        return self.given if isinstance(self.given, str) else self.given()

    def __call__(self, first):
        return self.function(first, *self.more, **(self.options or {}))

    def __str__(self):
        return self.function.__name__


HEADS = {"grade": (4, "softmax"), "age": (1, None)}
MODEL_FUNCTIONS = (
    ModelFunction(models.fold_batchnorm, residual, same=True),
    ModelFunction(models.inflate, residual, ("model", (16, 16, 3)), ((8, 8, 8, 3),)),
    ModelFunction(
        models.multi_task,
        residual,
        ("model", {"grade": (1, "softmax")}),
        (HEADS,),
        output={"grade": (4,), "age": (1,)},
    ),
    ModelFunction(models.without_auxiliary, with_auxiliary, ("text",)),
    ModelFunction(
        models.pretrained,
        "MobileNetV2",
        ("NoSuchNet", (32, 32, 1), 3),
        ((32, 32, 1), 3),
        {"weights": None, "alpha": 0.35},
    ),
)
