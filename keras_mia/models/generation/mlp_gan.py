"""A GAN of dense layers, with which digits were first sampled.

Goodfellow et al. (2014), Generative Adversarial Networks, arXiv:1406.2661.
"""

import math
from collections.abc import Sequence

import keras

from keras_mia.models.generation.adversarial import Adversarial
from keras_mia.models.generation.blocks import fixed_shape, nonlinear


def mlp_gan(
    image_shape: Sequence[int],
    *,
    latent: int = 10,
    units: Sequence[int] = (256, 512, 1024),
    nonlinearity: str = "leaky_relu",
    dropout: float = 0.0,
    activation: str | None = "tanh",
    average: float = 0.999,
    name: str = "mlp_gan",
) -> Adversarial:
    """Dense layers from noise to an image, and their mirror from an image to a logit.

    Args:
        image_shape: `(*space, channels)`, every side a number; `(1,)` for single numbers.
        latent: numbers that a sample is made of; the lecture's 10.
        units: of the generator's hidden layers; the discriminator has them in reverse.
        nonlinearity: after each hidden layer: "leaky_relu" (slope 0.2), "relu", "tanh", ...
        dropout: share of the discriminator's hidden values that is dropped in training; Keras draws
            the same mask on each device, so that two devices do not equal one.
        activation: of the generator's output: "tanh", "sigmoid", or None for any number.
        average: as of `Adversarial`.
        name: the model's.

    Returns:
        An `Adversarial`, not compiled.

    Raises:
        ValueError: a side is None.

    Source: Goodfellow et al. (2014), arXiv:1406.2661; the sizes are the lecture's.

    Departs from the paper: leaky rectified units for its maxout and rectified units, no dropout
    unless it is asked for.

    Example:
        >>> gan = mlp_gan((28, 28, 1))
        >>> gan.generator.count_params(), gan.discriminator.count_params()
        (1463312, 1460225)
    """
    shape = fixed_shape(image_shape)
    noise = keras.Input((latent,), name="latent")
    x = noise
    for number, width in enumerate(units, start=1):
        x = keras.layers.Dense(width, name=f"hidden_{number}")(x)
        x = nonlinear(x, nonlinearity, name=f"hidden_{number}_{nonlinearity}")
    x = keras.layers.Dense(math.prod(shape), dtype="float32", name="values")(x)
    x = keras.layers.Reshape(shape, dtype="float32", name="image")(x)
    sample = keras.layers.Activation(activation or "linear", dtype="float32", name="sample")(x)
    generator = keras.Model(noise, sample, name=f"{name}_generator")

    image = keras.Input(shape, name="image")
    x = keras.layers.Flatten(name="flat")(image)
    for number, width in enumerate(reversed(units), start=1):
        x = keras.layers.Dense(width, name=f"hidden_{number}")(x)
        x = nonlinear(x, nonlinearity, name=f"hidden_{number}_{nonlinearity}")
        if dropout:
            x = keras.layers.Dropout(dropout, name=f"hidden_{number}_dropout")(x)
    logit = keras.layers.Dense(1, dtype="float32", name="logit")(x)
    discriminator = keras.Model(image, logit, name=f"{name}_discriminator")
    return Adversarial(generator, discriminator, average=average, name=name)
