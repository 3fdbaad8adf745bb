"""Two translators in a circle.

Zhu et al. (2017), Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks,
arXiv:1703.10593.
"""

from typing import Any

import keras
import tensorflow as tf

from keras_mia.models.translation.translator import Translator, distance_of

TO_B, TO_A = "a_to_b", "b_to_a"


@keras.saving.register_keras_serializable("keras_mia")
class CycleTranslator(Translator):
    """Generators from A to B and back, and a discriminator of either kind, from images without
    pairs.

    Trained on images of A as `x` and as many of B as `y`; the two networks are those of both kinds
    side by side, see `cyclegan`. What is deployed is the generator from A to B.

    Source: Zhu et al. (2017), arXiv:1703.10593.

    Example:
        >>> from keras_mia.models import cyclegan
        >>> gan = cyclegan((16, 16, 1), filters=2, blocks=1, discriminator_filters=2)
        >>> gan.compile(loss="least_squares")
        >>> images = tf.zeros((2, 16, 16, 1))
        >>> history = gan.fit(images, images, batch_size=2, verbose=0)
        >>> gan(images).shape
        TensorShape([2, 16, 16, 1])
    """

    def compile(
        self,
        generator_optimizer: Any = None,
        discriminator_optimizer: Any = None,
        *,
        loss: str | Any = "least_squares",
        weight: float = 10.0,
        identity: float = 0.5,
        **options,
    ) -> None:
        """How the players learn.

        Args:
            generator_optimizer: as of `Adversarial.compile`.
            discriminator_optimizer: likewise.
            loss: the game.
            weight: of the distance between an image and what comes back from the other kind.
            identity: weight, as a share of that, of the distance between an image and what its own
                kind's generator makes of it; 0: none.
            options: of `Translator.compile`.

        Raises:
            ValueError: as there, or a share below 0.
        """
        if identity < 0:
            raise ValueError(f"identity is 0 or more, not {identity}.")
        super().compile(
            generator_optimizer, discriminator_optimizer, loss=loss, weight=weight, **options
        )
        self.identity = identity

    def unpacked(self, data):
        """Images of B and A, beside the images of A and B of which such are to be made."""
        targets, sources = super().unpacked(data)
        sources = tf.cast(sources, targets.dtype)
        return tf.concat([targets, sources], -1), tf.concat([sources, targets], -1)

    def further_loss(self, fakes, real, condition):
        """What does not come back as it went, and what is changed that is of the kind already."""
        back = self.generator(swapped(fakes), training=True)
        loss = self.weight * distance_of(self.distance, real, back)
        if self.identity:
            same = self.generator(tf.cast(real, fakes.dtype), training=True)
            loss += self.weight * self.identity * distance_of(self.distance, real, same)
        return loss

    def deployable(self) -> keras.Model:
        """The generator from A to B."""
        return self.averaged_generator.get_layer(TO_B)

    def call(self, inputs, training=False):
        """Images of B made of images of A."""
        return self.deployable()(inputs, training=training)

    def get_compile_config(self) -> dict | None:
        config = super().get_compile_config()
        return None if config is None else config | {"identity": self.identity}


def swapped(images):
    """The two images that lie side by side in the channels, the other way round."""
    first, second = tf.split(images, 2, axis=-1)
    return tf.concat([second, first], -1)
