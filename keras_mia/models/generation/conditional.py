"""A convolutional GAN whose players know the class.

Mirza and Osindero (2014), Conditional Generative Adversarial Nets, arXiv:1411.1784; Miyato and
Koyama (2018), cGANs with Projection Discriminator, arXiv:1802.05637.
"""

import math
from collections.abc import Sequence

import keras

from keras_mia.models.generation.blocks import (
    check_image_size,
    features_of,
    fixed_shape,
    head_of,
    levels_of,
    maps_of,
)
from keras_mia.models.generation.conditional_gan import ConditionalGAN

CONDITIONS = ("projection", "embedding")


def conditional(
    image_shape: Sequence[int],
    classes: int,
    *,
    latent: int = 100,
    filters: int = 64,
    depth: int | None = None,
    kernel_size: int = 4,
    condition: str = "projection",
    embedding: int = 50,
    norm: str | None = "batch",
    discriminator_norm: str | None = "batch",
    activation: str | None = "tanh",
    average: float = 0.999,
    name: str = "conditional",
) -> ConditionalGAN:
    """A DCGAN to which the class is told: which digit, which finding.

    The generator has the class as numbers that it learns, beside the noise. The discriminator
    compares what it sees with the class ("projection"), or has the class as one more channel of the
    image ("embedding").

    Args:
        image_shape: `(*space, channels)`, as of `dcgan`.
        classes: how many there are.
        latent: numbers that a sample is made of, beside its class.
        filters: as of `dcgan`.
        depth: as of `dcgan`.
        kernel_size: of all convolutions.
        condition: of the discriminator, "projection" or "embedding".
        embedding: numbers that a class is for the generator.
        norm: of the generator, as of `dcgan`.
        discriminator_norm: of the discriminator, as of `dcgan`.
        activation: of the generator's output, as of `dcgan`.
        average: as of `Adversarial`.
        name: the model's.

    Returns:
        A `ConditionalGAN`, not compiled.

    Raises:
        ValueError: a side is None or cannot be halved so often, or the condition is unknown.

    Source: Mirza and Osindero (2014), arXiv:1411.1784; Miyato and Koyama (2018), arXiv:1802.05637.

    Departs from the paper: convolutions, as the DCGAN has them, for the dense layers of Mirza and
    Osindero; the generator of Miyato and Koyama has statistics of its own for each class.

    Example:
        >>> gan = conditional((28, 28, 1), classes=10)
        >>> [tuple(one.shape[1:]) for one in gan.generator.inputs]
        [(100,), ()]
    """
    if condition not in CONDITIONS:
        raise ValueError(f"condition is one of {CONDITIONS}, not {condition!r}.")
    shape = fixed_shape(image_shape)
    space = shape[:-1]
    depth = levels_of(space) if depth is None else depth
    check_image_size(space, depth)

    noise = keras.Input((latent,), name="latent")
    chosen = keras.Input((), dtype="int32", name="class")
    code = keras.layers.Embedding(classes, embedding, name="class_code")(chosen)
    x = keras.layers.Concatenate(name="latent_and_class")([noise, code])
    x = maps_of(x, space, filters, depth, kernel_size, norm)
    sample = head_of(x, shape[-1], kernel_size, activation)
    generator = keras.Model([noise, chosen], sample, name=f"{name}_generator")

    image = keras.Input(shape, name="image")
    of_class = keras.Input((), dtype="int32", name="class")
    x = _with_class_channel(image, of_class, classes) if condition == "embedding" else image
    x = features_of(x, filters, depth, kernel_size, discriminator_norm)
    logit = keras.layers.Dense(1, dtype="float32", name="logit")(x)
    if condition == "projection":
        direction = keras.layers.Embedding(classes, x.shape[-1], name="class_direction")(of_class)
        product = keras.layers.Dot(1, dtype="float32", name="projection")([x, direction])
        logit = keras.layers.Add(dtype="float32", name="conditional_logit")([logit, product])
    discriminator = keras.Model([image, of_class], logit, name=f"{name}_discriminator")
    return ConditionalGAN(generator, discriminator, average=average, name=name)


def _with_class_channel(image, of_class, classes: int):
    """The image with one more channel, a map that is learnt of each class."""
    *space, _ = image.shape[1:]
    x = keras.layers.Embedding(classes, math.prod(space), name="class_map")(of_class)
    x = keras.layers.Reshape((*space, 1), name="class_channel")(x)
    return keras.layers.Concatenate(name="image_and_class")([image, x])
