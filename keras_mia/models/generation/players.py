"""How players learn: their optimizers, and losses that devices share."""

from collections.abc import Collection
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_mia.core.keras_internals import skip_on_all_replicas

OPTIONS = ("run_eagerly", "jit_compile", "steps_per_execution")
"""Of Keras' own `compile`, those that mean something for players."""
WARM_UP = 10
"""The generator's average follows it closely in its first steps: after `n` of them the share that
the average keeps is at most `n / (n + WARM_UP)`."""
NO_VALIDATION = (
    "A GAN has no loss of validation: leave validation data out and judge samples, by"
    " keras_mia.metrics.frechet_distance for instance."
)


def check_compiling(steps: int, gradient_penalty: float, r1: float, options: Collection) -> None:
    """Sees to it that what players are compiled with means something.

    Args:
        steps: moves of the discriminator before one of the generator.
        gradient_penalty: its weight.
        r1: likewise.
        options: names of those for Keras.

    Raises:
        ValueError: a number is out of its range.
        TypeError: an option is none of `OPTIONS`.
    """
    if unknown := sorted(set(options) - set(OPTIONS)):
        hint = " Each player has an optimizer." if "optimizer" in unknown else ""
        raise TypeError(f"A GAN is not compiled with {', '.join(unknown)}.{hint}")
    if steps < 1 or int(steps) != steps or gradient_penalty < 0 or r1 < 0:
        raise ValueError("discriminator_steps is 1, 2, ..., and penalties are 0 or more.")


def player_optimizer(given: Any, network: keras.Model) -> keras.optimizers.Optimizer:
    """An optimizer with its variables, which scales the loss where gradients are float16.

    Args:
        given: an optimizer, its name, or None: Adam as the DCGAN has it.
        network: whose weights it changes.
    """
    optimizer = keras.optimizers.Adam(2e-4, beta_1=0.5)
    if given is not None:
        optimizer = keras.optimizers.get(given)
    is_half = any(layer.compute_dtype == "float16" for layer in network.layers)
    if is_half and not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    skip_on_all_replicas(optimizer)
    optimizer.build(network.trainable_variables)
    return optimizer


def scaled_loss(loss, optimizer: keras.optimizers.Optimizer):
    """The loss whose gradients an optimizer takes: they are added up over replicas."""
    return optimizer.scale_loss(loss) / replicas()


def replicas() -> int:
    """How many devices share a step."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def default_seed() -> int:
    """A seed that follows from Keras' own, as `keras.utils.set_random_seed` sets it."""
    return int(np.asarray(keras.random.SeedGenerator().state)[0]) % 2**31


def follow(averaged: keras.Model, network: keras.Model, average: float, moves) -> None:
    """Moves averaged weights towards those of a network.

    Args:
        averaged: a network of the same layers.
        network: whose weights are averaged.
        average: share that is kept.
        moves: steps so far, a tensor.
    """
    done = tf.cast(moves, tf.float32)
    kept = tf.minimum(average, done / (done + WARM_UP))
    for mean, weight in zip(averaged.weights, network.weights, strict=True):
        share = tf.cast(1 - kept, mean.dtype)
        mean.assign_add(share * (weight.value - mean.value))
