"""Penalties on how steep a discriminator is: they need the gradient of a gradient."""

from collections.abc import Callable

import keras

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf

LEAST = 1e-12
"""The root's slope is infinite at 0."""


def gradient_penalty(discriminator: Callable, real, fake, shares):
    """How far a critic's slope between real examples and samples is from 1.

    Args:
        discriminator: from examples to logits, `(batch, ...)`.
        real: examples, `(batch, ...)`.
        fake: samples of the same shape.
        shares: `(batch,)`, from 0 to 1: how much of each pair is fake, where the slope is taken.

    Returns:
        `(batch,)` float32, to be multiplied by 10 in the paper.

    Source: Gulrajani et al. (2017), arXiv:1704.00028, equation 3.

    Example:
        >>> real, fake = tf.zeros((2, 3)), tf.ones((2, 3))
        >>> slope_2 = lambda x: 2 * x[:, :1]
        >>> gradient_penalty(slope_2, real, fake, tf.constant([0.0, 0.5])).numpy().tolist()
        [1.0, 1.0]
    """
    shares = tf.reshape(tf.cast(shares, real.dtype), [-1] + [1] * (len(real.shape) - 1))
    _, squares = logits_and_squared_slope(discriminator, real + shares * (fake - real))
    return tf.square(tf.sqrt(tf.maximum(squares, LEAST)) - 1)


def r1(discriminator: Callable, real):
    """The squared slope of a discriminator at real examples.

    Args:
        discriminator: from examples to logits, `(batch, ...)`.
        real: examples, `(batch, ...)`.

    Returns:
        `(batch,)` float32, to be multiplied by half of the paper's gamma.

    Source: Mescheder et al. (2018), arXiv:1801.04406, equation 9.

    Example:
        >>> r1(lambda x: 2 * x[:, :1], tf.zeros((2, 3))).numpy().tolist()
        [4.0, 4.0]
    """
    _, squares = logits_and_squared_slope(discriminator, real)
    return squares


def logits_and_squared_slope(discriminator: Callable, examples):
    """Logits of examples, and how steep the mean logit of each is, in one pass.

    Args:
        discriminator: from examples to logits, `(batch, ...)`.
        examples: `(batch, ...)`.

    Returns:
        The logits, float32; and the squared slopes `(batch,)`, summed over all values of an
        example.

    Example:
        >>> logits, squares = logits_and_squared_slope(lambda x: 2 * x[:, :1], tf.ones((2, 3)))
        >>> logits.numpy().tolist(), squares.numpy().tolist()
        ([[2.0], [2.0]], [4.0, 4.0])
    """
    with tf.GradientTape() as tape:
        tape.watch(examples)
        logits = tf.cast(discriminator(examples), tf.float32)
        means = tf.reduce_mean(tf.reshape(logits, (tf.shape(logits)[0], -1)), axis=1)
    slope = tf.cast(tape.gradient(means, examples), tf.float32)
    return logits, tf.reduce_sum(tf.reshape(tf.square(slope), (tf.shape(slope)[0], -1)), axis=1)
