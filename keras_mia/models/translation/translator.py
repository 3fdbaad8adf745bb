"""A generator that makes images of images, and a discriminator that knows real ones.

Isola et al. (2017), Image-to-Image Translation with Conditional Adversarial Networks,
arXiv:1611.07004.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_mia.models.generation.adversarial import Adversarial
from keras_mia.models.generation.examples import check_unweighted
from keras_mia.models.generation.players import replicas
from keras_mia.models.translation.image_pool import ImagePool

NO_SAMPLES = "A translator makes images of images: call it, or `predict`, with sources."
ARRAYS = np.ndarray | tf.Tensor


@keras.saving.register_keras_serializable("keras_mia")
class Translator(Adversarial):
    """Two networks against each other, of which one makes an image of an image.

    Trained on sources `(n, *space, channels)` as `x` and images of the kind that is to be made as
    `y`: of pairs those that belong together, else any.

    Args:
        generator: a functional network from sources to images.
        discriminator: from images to logits, or from `[images, sources]`: it then tells real pairs
            from others.
        pool: how many images that were made earlier the discriminator is shown among those just
            made; 0: none, as it has to be on several devices, and where it is shown sources.
        name: the model's.
        options: of `Adversarial`.

    Raises:
        ValueError: a pool, with a discriminator that is shown sources: those of earlier images are
            not kept.

    Source: Isola et al. (2017), arXiv:1611.07004.

    Example:
        >>> from keras_mia.models import pix2pix
        >>> gan = pix2pix((16, 16, 1), filters=2, depth=2, discriminator_filters=2)
        >>> gan.compile(weight=10.0)
        >>> images = np.zeros((4, 16, 16, 1), "float32")
        >>> history = gan.fit(images, images, batch_size=2, verbose=0)
        >>> gan.predict(images, verbose=0).shape
        (4, 16, 16, 1)
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        *,
        pool: int = 0,
        name: str = "translator",
        **options,
    ):
        super().__init__(generator, discriminator, name=name, **options)
        if pool and self._takes_sources:
            raise ValueError("Earlier images would be shown beside the sources of others: pool=0.")
        self.pool = ImagePool(pool, name="pool") if pool else None
        if self.pool is not None:
            self.pool.build(generator.output_shape)

    def compile(
        self,
        generator_optimizer: Any = None,
        discriminator_optimizer: Any = None,
        *,
        weight: float = 100.0,
        distance: str | keras.losses.Loss = "mean_absolute_error",
        **options,
    ) -> None:
        """How the players learn.

        Args:
            generator_optimizer: as of `Adversarial.compile`.
            discriminator_optimizer: likewise.
            weight: of the distance, beside the game; 100 for pairs in images from -1 to 1 in the
                paper.
            distance: a loss of Keras, or its name.
            options: of `Adversarial.compile`.

        Raises:
            ValueError: as there; or a weight below 0, or a pool on several devices.
        """
        if weight < 0:
            raise ValueError(f"weight is 0 or more, not {weight}.")
        if self.pool is not None and replicas() > 1:
            raise ValueError("Each device would hold a pool of its own: take pool=0 on several.")
        super().compile(generator_optimizer, discriminator_optimizer, **options)
        self.weight, self.distance = weight, keras.losses.get(distance)

    def fit(self, x=None, y=None, batch_size=None, **options):
        """Keras' own.

        Raises:
            ValueError: arrays are not what the networks take and make.
        """
        if isinstance(x, ARRAYS):
            check_shape(x.shape, self.deployable().input_shape, "Sources")
        if isinstance(y, ARRAYS):
            self.check_targets(y)
        return keras.Model.fit(self, x, y, batch_size, **options)

    def check_targets(self, targets) -> None:
        """Sees to it that targets are such as the network makes.

        Args:
            targets: an array.

        Raises:
            ValueError: they are not.
        """
        check_shape(targets.shape, self.deployable().output_shape, "Targets")

    def unpacked(self, data):
        """Targets, and the source of each."""
        sources, targets, weights = keras.utils.unpack_x_y_sample_weight(data)
        check_unweighted(weights)
        if targets is None:
            raise ValueError("A translator learns from sources and targets: give both.")
        return targets, sources

    def fakes(self, count, condition, move: int):
        """What is made of the sources."""
        return self.generate(None, condition, training=True)

    def generate(self, latents, condition=None, *, training: bool = False):
        """What is made of sources, the condition; there are no latents."""
        return self.generator(condition, training=training)

    def discriminate(self, examples, condition=None, *, training: bool = False):
        """Logits of images, beside their sources where the discriminator takes them."""
        given = [examples, condition] if self._takes_sources else examples
        return self.discriminator(given, training=training)

    @property
    def _takes_sources(self) -> bool:
        return isinstance(self.discriminator.input, list)

    def remembered(self, fakes, move: int):
        """Some images that were made before, where there is a pool."""
        return fakes if self.pool is None else self.pool(fakes, seed=tf.unstack(self._seed(move)))

    def further_loss(self, fakes, real, condition):
        """The weighted distance to the targets."""
        return self.weight * distance_of(self.distance, real, fakes)

    def sample(self, count: int, **options):
        """There are no samples.

        Raises:
            ValueError: always.
        """
        raise ValueError(NO_SAMPLES)

    def get_config(self) -> dict:
        return super().get_config() | {"pool": 0 if self.pool is None else self.pool.size}

    def get_compile_config(self) -> dict | None:
        config = super().get_compile_config()
        if config is None:
            return None
        distance = keras.saving.serialize_keras_object(self.distance)
        return config | {"weight": self.weight, "distance": distance}


def distance_of(loss, truth, made):
    """The mean of a loss of Keras over a batch, float32.

    Args:
        loss: a function or an object, of the true values and the made ones.
        truth: `(batch, ...)`.
        made: likewise.
    """
    truth = truth if truth.dtype.is_integer else tf.cast(truth, made.dtype)
    return tf.reduce_mean(tf.cast(loss(truth, made), tf.float32))


def check_shape(given, wanted, what: str) -> None:
    """Holds the shape of arrays against that of a network.

    Raises:
        ValueError: they differ.
    """
    pairs = zip(given[1:], wanted[1:], strict=False)
    if len(given) != len(wanted) or any(b is not None and a != b for a, b in pairs):
        raise ValueError(f"{what} have the shape {tuple(given[1:])}, not {tuple(wanted[1:])}.")
