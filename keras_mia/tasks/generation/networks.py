"""The networks that `--network` names, and how each is trained unless the user says otherwise."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from keras_mia.models.named import named_builder

PACKAGE = "generation"


@dataclass(frozen=True)
class Setting:
    """How a network is trained.

    Args:
        latent: numbers that a sample is made of, and why so many.
        rate: highest learning rate of both players.
        r1: gamma of the penalty on slopes at real images.
        options: of the builder, where the user gives no others.
    """

    latent: tuple[int, str] = (100, "the DCGAN's 100 numbers")
    rate: float = 4e-4
    r1: float = 0.1
    options: Mapping[str, Any] = field(default_factory=dict)


CONVOLUTIONS = Setting(
    latent=(32, "a few numbers are filled more evenly than the DCGAN's 100"),
    options={"filters": 32, "discriminator_norm": None},
)
SETTINGS = {
    "mlp_gan": Setting((10, "the lecture's 10 numbers"), 2e-4, 1.0),
    "dcgan": CONVOLUTIONS,
    "conditional": CONVOLUTIONS,
}
USUAL = Setting()


def setting_of(network: str) -> Setting:
    """How a network is trained.

    Args:
        network: a builder's name, or `FILE.py:FUNCTION`.
    """
    return SETTINGS.get(network, USUAL)


def builder_of(network: str) -> Callable:
    """The builder of a network: `(image_shape, **options)`, or `(image_shape, classes, **options)`
    of a conditional one, to an `Adversarial`.

    Args:
        network: a builder's name, or `FILE.py:FUNCTION`.

    Raises:
        Problem: there is none.
    """
    return named_builder(network, PACKAGE)


def is_conditional(network: str) -> bool:
    """Whether the networks of a builder know the class: whether it takes a second argument by
    position.

    Args:
        network: a builder's name, or `FILE.py:FUNCTION`.
    """
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    arguments = inspect.signature(builder_of(network)).parameters.values()
    return sum(one.kind in kinds and one.default is one.empty for one in arguments) > 1
