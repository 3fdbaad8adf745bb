"""A segmentation network, and a discriminator that knows label maps as people draw them.

Luc et al. (2016), Semantic Segmentation using Adversarial Networks, arXiv:1611.08408.
"""

from typing import Any

import keras
import tensorflow as tf

from keras_mia.models.translation.translator import Translator, check_shape, distance_of

IGNORED = 255
"""What the loss is told of voxels whose label is no class."""


@keras.saving.register_keras_serializable("keras_mia")
class LabelTranslator(Translator):
    """A network that makes label maps of images, and one that tells them from true ones.

    Trained on images as `x` and label maps `(n, *space)` of integers as `y`. The discriminator sees
    images beside the probabilities of their voxels' classes, or beside ones and zeros; where a
    label is no class, nothing of either.

    Args:
        generator: from images to probabilities `(batch, *space, classes)`.
        discriminator: from `[probabilities, images]` to logits.
        options: of `Translator` but `pool`.

    Source: Luc et al. (2016), arXiv:1611.08408; as pix2pix: Isola et al. (2017), arXiv:1611.07004,
    section 4.

    Example:
        >>> from keras_mia.models import patch_discriminator, unet
        >>> generator = unet((16, 16, 1), 3, filters=2, depth=1)
        >>> gan = LabelTranslator(generator, patch_discriminator((16, 16, 3), 1, filters=2))
        >>> gan.compile(weight=10.0)
        >>> images, labels = tf.zeros((2, 16, 16, 1)), tf.zeros((2, 16, 16), tf.int32)
        >>> history = gan.fit(images, labels, batch_size=2, verbose=0)
        >>> gan(images).shape
        TensorShape([2, 16, 16, 3])
    """

    def compile(
        self,
        generator_optimizer: Any = None,
        discriminator_optimizer: Any = None,
        *,
        distance: str | keras.losses.Loss = "sparse_categorical_crossentropy",
        **options,
    ) -> None:
        """How the players learn.

        Args:
            generator_optimizer: as of `Adversarial.compile`.
            discriminator_optimizer: likewise.
            distance: a loss of label maps and probabilities; it is given 255 where a label is no
                class.
            options: of `Translator.compile`.

        Raises:
            ValueError: as there.
        """
        super().compile(generator_optimizer, discriminator_optimizer, distance=distance, **options)

    def check_targets(self, targets) -> None:
        """Sees to it that label maps have the size of what is made.

        Raises:
            ValueError: they do not.
        """
        check_shape(targets.shape, self.generator.output_shape[:-1], "Label maps")

    def unpacked(self, data):
        """Label maps as ones and zeros, and images with a channel that says what is known."""
        labels, images = super().unpacked(data)
        real = tf.one_hot(tf.cast(labels, tf.int32), self.generator.output_shape[-1])
        mask = tf.reduce_sum(real, -1, keepdims=True)
        return real, tf.concat([tf.cast(images, real.dtype), mask], -1)

    def generate(self, latents, condition=None, *, training: bool = False):
        """Probabilities of the classes of images."""
        return self.generator(condition[..., :-1], training=training)

    def discriminate(self, examples, condition=None, *, training: bool = False):
        """Logits of what is known of label maps, or of probabilities, beside their images."""
        mask = tf.cast(condition[..., -1:], examples.dtype)
        return super().discriminate(examples * mask, condition[..., :-1], training=training)

    def further_loss(self, fakes, real, condition):
        """The weighted loss of the label maps."""
        labels = tf.where(condition[..., -1] > 0, tf.argmax(real, -1), IGNORED)
        return self.weight * distance_of(self.distance, labels, fakes)
