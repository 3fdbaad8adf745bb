"""Two networks against each other: the one class with a training step that all GANs share.

Goodfellow et al. (2014), Generative Adversarial Networks, arXiv:1406.2661.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_mia.losses.adversarial import Game, game
from keras_mia.losses.slope_penalties import gradient_penalty, logits_and_squared_slope
from keras_mia.models.generation.examples import (
    check_divides,
    check_examples,
    check_unconditional,
    check_unweighted,
    checked_batch,
    part_of,
)
from keras_mia.models.generation.players import (
    NO_VALIDATION,
    check_compiling,
    default_seed,
    follow,
    player_optimizer,
    replicas,
    scaled_loss,
)
from keras_mia.models.generation.saved_players import SavedPlayers


@keras.saving.register_keras_serializable("keras_mia")
class Adversarial(SavedPlayers):
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

    def generate(self, latents, condition=None, *, training: bool = False):
        """Samples of latents.

        Args:
            latents: `(batch, latent)`.
            condition: what the players know of each sample, its class for instance.
            training: whether layers behave as in training.

        Raises:
            ValueError: classes are given to a network that takes none.
        """
        check_unconditional(condition)
        return self.generator(latents, training=training)

    def discriminate(self, examples, condition=None, *, training: bool = False):
        """Logits of examples: how real they look.

        Raises:
            ValueError: classes are given to a network that takes none.
        """
        check_unconditional(condition)
        return self.discriminator(examples, training=training)

    def unpacked(self, data):
        """What a batch of training holds: real examples, and the condition of each or None."""
        examples, classes, weights = keras.utils.unpack_x_y_sample_weight(data)
        check_unweighted(weights)
        return examples, classes

    def fakes(self, count, condition, move: int):
        """Samples of a move of training.

        Args:
            count: how many, a tensor.
            condition: of each, or None.
            move: its number within the step; each draws its own latents.
        """
        return self.generate(self._latents(count, move), condition, training=True)

    def remembered(self, fakes, move: int):
        """The samples that the discriminator is shown for those that were made."""
        return fakes

    def further_loss(self, fakes, real, condition):
        """What the generator makes small beside the game.

        Args:
            fakes: that it made.
            real: examples of the same conditions.
            condition: of each, or None.

        Returns:
            A value an example, `(batch,)`, or one for all.
        """
        return 0.0

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
        examples, condition = self.unpacked(data)
        parts = self.discriminator_steps
        examples = checked_batch(examples, parts)
        for part in range(parts):
            loss = self._move_discriminator(
                examples[part::parts], part_of(condition, part, parts), part
            )
            self.losses_of_players["discriminator"].update_state(loss)
        loss = self._move_generator(examples[::parts], part_of(condition, 0, parts), parts)
        self.losses_of_players["generator"].update_state(loss)
        if self.average:
            follow(self.averaged_generator, self.generator, self.average, self.moves.value)
        self.moves.assign_add(1)
        return {metric.name: metric.result() for metric in self.metrics}

    def _move_discriminator(self, real, condition, move: int):
        variables = [one.value for one in self.discriminator.trainable_variables]
        count = tf.shape(real)[0]
        fake = tf.stop_gradient(self.remembered(self.fakes(count, condition, move), move))
        real = tf.cast(real, fake.dtype)

        def logits_of(examples):
            return self.discriminate(examples, condition, training=True)

        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            if self.r1:
                of_real, steepness = logits_and_squared_slope(logits_of, real)
            else:
                of_real, steepness = logits_of(real), 0.0
            losses = self.game.discriminator(of_real, logits_of(fake)) + self.r1 / 2 * steepness
            if self.gradient_penalty:
                penalty = gradient_penalty(logits_of, real, fake, self._shares(count, move))
                losses += self.gradient_penalty * penalty
            loss = tf.reduce_mean(losses)
            scaled = scaled_loss(loss, self.discriminator_optimizer)
        gradients = tape.gradient(scaled, variables)
        self.discriminator_optimizer.apply(gradients, self.discriminator.trainable_variables)
        return loss

    def _move_generator(self, real, condition, move: int):
        variables = [one.value for one in self.generator.trainable_variables]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            fake = self.fakes(tf.shape(real)[0], condition, move)
            logits = self.discriminate(fake, condition, training=True)
            losses = self.game.generator(logits) + self.further_loss(fake, real, condition)
            loss = tf.reduce_mean(losses)
            scaled = scaled_loss(loss, self.generator_optimizer)
        gradients = tape.gradient(scaled, variables)
        self.generator_optimizer.apply(gradients, self.generator.trainable_variables)
        return loss

    def _latents(self, count, move: int):
        """Of this replica's examples in a move."""
        seed = self._seed(move)
        return self._of_replica(
            count, lambda rows: tf.random.stateless_normal((rows, *self.latent), seed)
        )

    def _shares(self, count, move: int):
        """How far between real and fake each example of a penalty lies, likewise."""
        seed = self._seed(move) + tf.constant([1, 0])
        return self._of_replica(count, lambda rows: tf.random.stateless_uniform((rows,), seed))

    def _seed(self, move: int):
        step = self.moves.value * (self.discriminator_steps + 1) + move
        return tf.stack([tf.constant(self.seed, tf.int32), step])

    def _of_replica(self, count, draw: Callable):
        """The global batch's numbers are drawn, and the rows of this replica taken."""
        first = tf.distribute.get_replica_context().replica_id_in_sync_group * count
        return draw(count * replicas())[first : first + count]
