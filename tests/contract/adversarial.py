"""A row for every builder of a GAN and for every game; a new one is one more row."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="GANs train by TensorFlow's tape")

from keras_mia.losses import Hinge, LeastSquares, Minimax, NonSaturating, Wasserstein
from keras_mia.models import conditional, cyclegan, dcgan, mlp_gan, pix2pix, refiner
from tests.contract.builders import toggle

CLASSES = 3


@dataclass(frozen=True)
class Gan:
    """What the suites need to know.

    Args:
        build: the function.
        options: what makes its networks tiny.
        spaces: axes of space to build with.
        toggles: another value for every option; where it takes more than one, all of them.
        is_conditional: whether it takes classes.
        compiling: how it is compiled in the suites that train.
        rounding: share by which half precision may change what it learns in a few steps.
    """

    build: Callable
    options: Mapping
    spaces: tuple[tuple[int, ...], ...]
    toggles: Mapping[str, Mapping]
    is_conditional: bool = False
    compiling: Mapping = field(default_factory=dict)
    rounding: float = 0.2

    @property
    def name(self) -> str:
        return self.build.__name__

    def make(self, space=None, channels=1, **options):
        space = self.spaces[1] if space is None else space
        classes = (CLASSES,) if self.is_conditional else ()
        return self.build((*space, channels), *classes, **{**self.options, **options})

    def batch(self, count, space=None, channels=1):
        """Examples in the reach of a tanh, with classes where they are taken."""
        random = np.random.default_rng(0)
        space = self.spaces[1] if space is None else space
        examples = random.uniform(-1, 1, (count, *space, channels)).astype("float32")
        if not self.is_conditional:
            return (examples,)
        return examples, random.integers(0, CLASSES, count).astype("int32")

    def made(self, model, count, space=None, channels=1):
        """Samples, whose classes take turns."""
        classes = {"classes": np.arange(count) % CLASSES} if self.is_conditional else {}
        return model.sample(count, **classes)


class Translator(Gan):
    """A GAN that makes images of images."""

    def make(self, space=None, channels=1, **options):
        space = self.spaces[1] if space is None else space
        of = (channels,) if self.build is pix2pix else ()
        return self.build((*space, channels), *of, **{**self.options, **options})

    def batch(self, count, space=None, channels=1):
        """Sources and targets."""
        targets, *_ = super().batch(2 * count, space, channels)
        return targets[count:], targets[:count]

    def made(self, model, count, space=None, channels=1):
        """Of sources."""
        return model.predict(self.batch(count, space, channels)[0], verbose=0)


CONVOLUTIONAL = toggle(
    latent=5,
    filters=4,
    depth=1,
    kernel_size=5,
    norm="instance",
    discriminator_norm=None,
    activation=None,
    average=0.0,
    name="other",
)
GANS = (
    Gan(
        mlp_gan,
        options={"units": (8, 6), "latent": 4},
        spaces=((5,), (3, 4), (2, 3, 4)),
        toggles=toggle(
            latent=5,
            units=(8,),
            nonlinearity="relu",
            dropout=0.5,
            activation=None,
            average=0.0,
            name="other",
        ),
    ),
    Gan(
        dcgan,
        options={"filters": 2, "latent": 4},
        spaces=((16,), (16, 24), (8, 8, 16)),
        toggles=CONVOLUTIONAL,
    ),
    Gan(
        conditional,
        options={"filters": 2, "latent": 4},
        spaces=((16,), (16, 24), (8, 8, 16)),
        toggles=CONVOLUTIONAL | toggle(condition="embedding", embedding=3),
        is_conditional=True,
    ),
)
PATCHES = toggle(discriminator_filters=3, discriminator_depth=2, norm=None)
PATCHES |= toggle(average=0.0, name="other")
TINY = {"filters": 2, "discriminator_filters": 2, "discriminator_depth": 1}
TRANSLATORS = (
    Translator(
        pix2pix,
        options={**TINY, "depth": 1},
        spaces=((16,), (8, 12), (8, 4, 8)),
        toggles=PATCHES | toggle(filters=4, depth=2, dropout=0.5),
        compiling={"weight": 1.0},
    ),
    Translator(
        refiner,
        options={**TINY, "blocks": 1},
        spaces=((16,), (8, 12), (8, 4, 8)),
        toggles=PATCHES | toggle(filters=4, blocks=2, depth=1, pool=10),
        compiling={"weight": 1.0},
    ),
    Translator(
        cyclegan,
        options={**TINY, "blocks": 1, "depth": 1},
        spaces=((16,), (8, 12), (8, 8, 8)),
        toggles=PATCHES | toggle(filters=4, blocks=2, depth=2, change=True, pool=10),
        # The slope of an absolute error is its sign, which rounding may turn.
        compiling={"weight": 1.0, "distance": "mean_squared_error"},
        rounding=0.4,  # images go through two generators in a row
    ),
)
ALL = (*GANS, *TRANSLATORS)
GAMES = (Minimax, NonSaturating, LeastSquares, Hinge, Wasserstein)
