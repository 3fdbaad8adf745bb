"""Images that come to look like others and still show what they showed.

Shrivastava et al. (2017), Learning from Simulated and Unsupervised Images through Adversarial
Training, arXiv:1612.07828.
"""

from collections.abc import Sequence

import keras

from keras_mia.models.translation.patch_discriminator import patch_discriminator
from keras_mia.models.translation.resnet_generator import resnet_generator
from keras_mia.models.translation.translator import Translator, distance_of


@keras.saving.register_keras_serializable("keras_mia")
class Refiner(Translator):
    """A translator whose images stay near to their sources, not to targets.

    Trained on sources as `x` and any images of the other look as `y`.

    Source: Shrivastava et al. (2017), arXiv:1612.07828, equation 4.

    Example:
        >>> gan = refiner((16, 16, 1), filters=2, blocks=1, discriminator_filters=2)
        >>> type(gan).__name__
        'Refiner'
    """

    def further_loss(self, fakes, real, condition):
        """The weighted distance to the sources."""
        return self.weight * distance_of(self.distance, condition, fakes)


def refiner(
    image_shape: Sequence[int],
    *,
    filters: int = 32,
    blocks: int = 4,
    depth: int = 0,
    norm: str | None = "instance",
    discriminator_filters: int = 64,
    discriminator_depth: int = 2,
    pool: int = 0,
    average: float = 0.999,
    name: str = "refiner",
) -> Refiner:
    """Residual blocks that change an image, and a discriminator that knows images of another look.

    Args:
        image_shape: `(*space, channels)` of all images.
        filters: of the residual blocks.
        blocks: how many.
        depth: how often the blocks' maps are halved; 0, as in the paper: never.
        norm: of both networks: "batch", "instance", "group" or None.
        discriminator_filters: of its first layer.
        discriminator_depth: how often it halves the sides.
        pool: images that were made earlier, as of `Translator`.
        average: as of `Adversarial`.
        name: the model's.

    Returns:
        A `Refiner`, not compiled.

    Source: Shrivastava et al. (2017), arXiv:1612.07828, figures 2 to 4.

    Departs from the paper: blocks are normalized, and what they make is added to the image, so that
    training begins with the images as they are.

    Example:
        >>> refiner((28, 28, 1), filters=8).generator.output_shape
        (None, 28, 28, 1)
    """
    generator = resnet_generator(
        image_shape,
        filters=filters,
        blocks=blocks,
        depth=depth,
        norm=norm,
        change=True,
        name=f"{name}_generator",
    )
    discriminator = patch_discriminator(
        image_shape,
        filters=discriminator_filters,
        depth=discriminator_depth,
        norm=norm,
        name=f"{name}_discriminator",
    )
    return Refiner(generator, discriminator, pool=pool, average=average, name=name)
