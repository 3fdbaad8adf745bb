"""Two networks against each other: the one class with a training step that all GANs share.

Goodfellow et al. (2014), Generative Adversarial Networks, arXiv:1406.2661.
"""

from collections.abc import Mapping
from typing import Any, Self

import keras
import numpy as np
import tensorflow as tf

from keras_mia.losses.adversarial import Game, game
from keras_mia.losses.slope_penalties import gradient_penalty, logits_and_squared_slope
from keras_mia.models.generation.examples import check_divides, check_examples, checked_batch
from keras_mia.models.generation.players import (
    NO_VALIDATION,
    check_compiling,
    default_seed,
    player_optimizer,
    replicas,
    scaled_loss,
)

WARM_UP = 10
"""The generator's average follows it closely in its first steps: after `n` of them the share that
the average keeps is at most `n / (n + WARM_UP)`."""


@keras.saving.register_keras_serializable("keras_mia")
class Adversarial(keras.Model):
    """A generator that makes samples, and a discriminator that tells them from real examples.

    Compiled and fitted as any Keras model, on real examples `(n, *space, channels)`. Each step the
    discriminator moves `discriminator_steps` times, each time on its own part of the batch and on
    fresh samples, then the generator once.

    Random numbers follow from the seed, the step and the example's number, so that replicas of a
    strategy draw different ones, and together those that one device would draw.

    Args:
        generator: a functional network from latents `(batch, latent)` to samples.
        discriminator: from examples to logits `(batch, ...)`; no sigmoid at its end.
        average: share that the moving average of the generator's weights keeps each step (Yazici et
            al. 2019, arXiv:1806.04498); 0: there is none. What it holds is deployed.
        seed: of the random numbers; None: of Keras' own, as `keras.utils.set_random_seed` sets it.
        name: the model's.

    Attributes:
        averaged_generator: the generator with averaged weights, which is deployed; the generator
            itself where there is no average.
        moves: steps so far.

    Source: Goodfellow et al. (2014), arXiv:1406.2661.

    Example:
        >>> from keras_mia.models import mlp_gan
        >>> gan = mlp_gan((4, 4, 1), units=(8,))
        >>> gan.compile(loss="non_saturating")
        >>> history = gan.fit(np.zeros((8, 4, 4, 1), "float32"), batch_size=4, verbose=0)
        >>> gan.sample(3, seed=1).shape
        (3, 4, 4, 1)
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        *,
        average: float = 0.999,
        seed: int | None = None,
        name: str = "adversarial",
        **options,
    ):
        super().__init__(name=name, **options)
        if not 0 <= average < 1:
            raise ValueError(f"average is a share from 0 to below 1, not {average}.")
        self.generator, self.discriminator = generator, discriminator
        self.average = average
        self.averaged_generator = keras.models.clone_model(generator) if average else generator
        if average:
            self.averaged_generator.set_weights(generator.get_weights())
        self.seed = default_seed() if seed is None else seed
        self.moves = self.add_weight(
            dtype="int32",
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
            name="moves",
        )
        self.built = True
        self.losses_of_players = {
            player: keras.metrics.Mean(f"{player}_loss")
            for player in ("discriminator", "generator")
        }

    # What a subclass with other players changes.

    def generate(self, latents, classes=None, *, training: bool = False):
        """Samples of latents.

        Args:
            latents: `(batch, latent)`.
            classes: of the samples, for networks that take some.
            training: whether layers behave as in training.

        Raises:
            ValueError: classes are given to a network that takes none.
        """
        _check_unconditional(classes)
        return self.generator(latents, training=training)

    def discriminate(self, examples, classes=None, *, training: bool = False):
        """Logits of examples: how real they look.

        Raises:
            ValueError: classes are given to a network that takes none.
        """
        _check_unconditional(classes)
        return self.discriminator(examples, training=training)

    @property
    def latent(self) -> tuple[int, ...]:
        """The shape of a latent, without the batch."""
        return keras.tree.flatten(self.generator.input)[0].shape[1:]

    # Keras' own life of a model.

    def compile(
        self,
        generator_optimizer: Any = None,
        discriminator_optimizer: Any = None,
        *,
        loss: str | Game = "non_saturating",
        discriminator_steps: int = 1,
        gradient_penalty: float = 0.0,
        r1: float = 0.0,
        **options,
    ) -> None:
        """How the players learn.

        Args:
            generator_optimizer: None: Adam as the DCGAN has it, rate 2e-4, beta 0.5.
            discriminator_optimizer: None: the same; one with a higher rate makes two time scales
                (Heusel et al. 2017, arXiv:1706.08500).
            loss: "minimax", "non_saturating", "least_squares", "hinge", "wasserstein", or a game of
                `keras_mia.losses`.
            discriminator_steps: moves of the discriminator before each of the generator's; batches
                divide by it.
            gradient_penalty: weight of the penalty on slopes that are not 1 between real and fake;
                10 for "wasserstein" in the paper.
            r1: gamma of the penalty on slopes at real examples.
            options: of Keras' own `compile`: `run_eagerly`, `jit_compile`, `steps_per_execution`.

        Raises:
            ValueError: a number is out of its range, or both players have the same optimizer.
            TypeError: an option is none of those.
        """
        check_compiling(discriminator_steps, gradient_penalty, r1, options)
        self.compile_options = {"jit_compile": False} | options
        super().compile(optimizer=None, **self.compile_options)
        self.game = game(loss)
        self.discriminator_steps = discriminator_steps
        self.gradient_penalty, self.r1 = gradient_penalty, r1
        self.generator_optimizer = player_optimizer(generator_optimizer, self.generator)
        self.discriminator_optimizer = player_optimizer(discriminator_optimizer, self.discriminator)
        if self.generator_optimizer is self.discriminator_optimizer:
            raise ValueError("Each player needs an optimizer of its own: they are the same.")

    def fit(self, x=None, y=None, batch_size=None, **options):
        """Keras' own, after a look at whether the generator can make what it is to learn: at
        arrays, and at the first batch of a data set.

        Raises:
            ValueError: the generator cannot make values or shapes as those of the examples; classes
                are missing or not taken; or a batch does not divide by `discriminator_steps`.
        """
        if self.compiled:
            check_examples(self.generator, x, y, options.get("sample_weight"))
            check_divides(x, batch_size, self.discriminator_steps)
        return super().fit(x, y, batch_size, **options)

    def test_step(self, data):
        """There is none: no loss says how good samples are.

        Raises:
            ValueError: always.
        """
        raise ValueError(NO_VALIDATION)

    def call(self, inputs, training=False):
        """Samples of latents, by the averaged generator."""
        return self.averaged_generator(inputs, training=training)

    def deployable(self) -> keras.Model:
        """The network that is scored, saved as the best one and used afterwards."""
        return self.averaged_generator

    def sample(self, count: int, *, seed: int = 0, start: int = 0, classes=None) -> np.ndarray:
        """Samples number `start`, `start + 1`, ... of a seed, by the averaged generator.

        Args:
            count: how many.
            seed: the same one gives the same samples.
            start: number of the first one.
            classes: of each, for networks that take some.

        Returns:
            `(count, *space, channels)` float32.
        """
        from keras_mia.models.generation.sampling import samples

        return samples(self.averaged_generator, count, seed=seed, start=start, classes=classes)

    @property
    def metrics(self) -> list:
        """The mean loss of each player."""
        return [*self.losses_of_players.values()]

    # A step.

    def train_step(self, data) -> dict:
        """The discriminator's moves, and the generator's."""
        examples, classes, weights = keras.utils.unpack_x_y_sample_weight(data)
        parts = self.discriminator_steps
        examples = checked_batch(examples, weights, parts)
        for part in range(parts):
            loss = self._move_discriminator(
                examples[part::parts], _part(classes, part, parts), part
            )
            self.losses_of_players["discriminator"].update_state(loss)
        count = tf.shape(examples)[0] // parts
        loss = self._move_generator(count, _part(classes, 0, parts), parts)
        self.losses_of_players["generator"].update_state(loss)
        if self.average:
            self._follow()
        self.moves.assign_add(1)
        return {metric.name: metric.result() for metric in self.metrics}

    def _move_discriminator(self, real, classes, move: int):
        variables = [one.value for one in self.discriminator.trainable_variables]
        latents, shares = self._random(tf.shape(real)[0], move)
        fake = tf.stop_gradient(self.generate(latents, classes, training=True))
        real = tf.cast(real, fake.dtype)

        def logits_of(examples):
            return self.discriminate(examples, classes, training=True)

        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            if self.r1:
                of_real, steepness = logits_and_squared_slope(logits_of, real)
            else:
                of_real, steepness = logits_of(real), 0.0
            losses = self.game.discriminator(of_real, logits_of(fake)) + self.r1 / 2 * steepness
            if self.gradient_penalty:
                penalty = gradient_penalty(logits_of, real, fake, shares)
                losses += self.gradient_penalty * penalty
            loss = tf.reduce_mean(losses)
            scaled = scaled_loss(loss, self.discriminator_optimizer)
        gradients = tape.gradient(scaled, variables)
        self.discriminator_optimizer.apply(gradients, self.discriminator.trainable_variables)
        return loss

    def _move_generator(self, count, classes, move: int):
        variables = [one.value for one in self.generator.trainable_variables]
        latents, _ = self._random(count, move)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            fake = self.generate(latents, classes, training=True)
            logits = self.discriminate(fake, classes, training=True)
            loss = tf.reduce_mean(self.game.generator(logits))
            scaled = scaled_loss(loss, self.generator_optimizer)
        gradients = tape.gradient(scaled, variables)
        self.generator_optimizer.apply(gradients, self.generator.trainable_variables)
        return loss

    def _random(self, count, move: int):
        """Latents and shares of this replica's examples in a move: the global batch's are drawn,
        and its rows taken."""
        step = self.moves.value * (self.discriminator_steps + 1) + move
        first = tf.distribute.get_replica_context().replica_id_in_sync_group * count
        rows, seed = count * replicas(), tf.stack([tf.constant(self.seed, tf.int32), step])
        latents = tf.random.stateless_normal((rows, *self.latent), seed)
        shares = tf.random.stateless_uniform((rows,), seed + tf.constant([1, 0]))
        return latents[first : first + count], shares[first : first + count]

    def _follow(self) -> None:
        """Moves the averaged weights towards those of the generator."""
        moves = tf.cast(self.moves.value, tf.float32)
        kept = tf.minimum(self.average, moves / (moves + WARM_UP))
        pairs = zip(self.averaged_generator.weights, self.generator.weights, strict=True)
        for averaged, weight in pairs:
            share = tf.cast(1 - kept, averaged.dtype)
            averaged.assign_add(share * (weight.value - averaged.value))

    # Saving.

    def get_config(self) -> dict:
        return {
            "name": self.name,
            "generator": keras.saving.serialize_keras_object(self.generator),
            "discriminator": keras.saving.serialize_keras_object(self.discriminator),
            "average": self.average,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config: Mapping, custom_objects=None) -> Self:
        networks = {
            name: keras.saving.deserialize_keras_object(config[name], custom_objects=custom_objects)
            for name in ("generator", "discriminator")
        }
        return cls(**{**config, **networks})

    def get_compile_config(self) -> dict | None:
        """What it was compiled with, to be compiled alike when it is loaded; None: it was not."""
        if not self.compiled:
            return None
        objects = {
            "generator_optimizer": self.generator_optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
            "loss": self.game,
        }
        return (
            dict(self.compile_options)
            | {
                "discriminator_steps": self.discriminator_steps,
                "gradient_penalty": self.gradient_penalty,
                "r1": self.r1,
            }
            | {name: keras.saving.serialize_keras_object(one) for name, one in objects.items()}
        )

    def compile_from_config(self, config: Mapping) -> None:
        """Compiles it as `get_compile_config` says."""
        self.compile(**keras.saving.deserialize_keras_object(dict(config)))


def _check_unconditional(classes) -> None:
    if classes is not None:
        raise ValueError(
            "Classes are given to a GAN that takes none: leave them out, or take a ConditionalGAN."
        )


def _part(classes, part: int, parts: int):
    return None if classes is None else classes[part::parts]
