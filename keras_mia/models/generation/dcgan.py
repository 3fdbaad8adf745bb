"""DCGAN, the first GAN of convolutions that trained reliably.

Radford et al. (2016), Unsupervised Representation Learning with Deep Convolutional Generative
Adversarial Networks, arXiv:1511.06434.
"""

from collections.abc import Sequence

import keras

from keras_mia.models.generation.adversarial import Adversarial
from keras_mia.models.generation.blocks import (
    check_image_size,
    features_of,
    fixed_shape,
    head_of,
    levels_of,
    maps_of,
)


def dcgan(
    image_shape: Sequence[int],
    *,
    latent: int = 100,
    filters: int = 64,
    depth: int | None = None,
    kernel_size: int = 4,
    norm: str | None = "batch",
    discriminator_norm: str | None = "batch",
    activation: str | None = "tanh",
    average: float = 0.999,
    name: str = "dcgan",
) -> Adversarial:
    """Transposed convolutions from noise to an image, strided ones from an image to a logit.

    Args:
        image_shape: `(*space, channels)`; every side divides by 2 as often as `depth` says.
        latent: numbers that a sample is made of.
        filters: of the layers next to the image; each halving has twice as many.
        depth: how often the size is doubled; None: until the shortest side is 4 to 7.
        kernel_size: of all convolutions.
        norm: of the generator: "batch", "instance", "group" or None.
        discriminator_norm: likewise of the discriminator; its first layer has none.
        activation: of the generator's output: "tanh", "sigmoid", or None for any number.
        average: as of `Adversarial`.
        name: the model's.

    Returns:
        An `Adversarial`, not compiled.

    Raises:
        ValueError: a side is None, or cannot be halved so often; it says which can be.

    Source: Radford et al. (2016), arXiv:1511.06434, figure 1.

    Departs from the paper: kernels of 4, which cover each pixel equally often at a stride of 2
    (Odena et al. 2016, doi:10.23915/distill.00003), for its 5.

    Example:
        >>> gan = dcgan((64, 64, 3))
        >>> gan.generator.count_params(), gan.discriminator.count_params()
        (3578627, 2767425)
    """
    shape = fixed_shape(image_shape)
    depth = levels_of(shape[:-1]) if depth is None else depth
    check_image_size(shape[:-1], depth)

    noise = keras.Input((latent,), name="latent")
    x = maps_of(noise, shape[:-1], filters, depth, kernel_size, norm)
    sample = head_of(x, shape[-1], kernel_size, activation)
    generator = keras.Model(noise, sample, name=f"{name}_generator")

    image = keras.Input(shape, name="image")
    x = features_of(image, filters, depth, kernel_size, discriminator_norm)
    logit = keras.layers.Dense(1, dtype="float32", name="logit")(x)
    discriminator = keras.Model(image, logit, name=f"{name}_discriminator")
    return Adversarial(generator, discriminator, average=average, name=name)
