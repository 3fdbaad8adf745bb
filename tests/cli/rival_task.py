"""The family of `pixel_task` with two networks against each other and a `train_step` of its own."""

from dataclasses import dataclass
from typing import ClassVar

import keras
import tensorflow as tf

from tests.cli.pixel_task import Pixel


class Rivals(keras.Model):
    """A generator of a number for an image, a discriminator of such numbers, two optimizers.

    Args:
        size: of images, `(rows, columns, channels)`.
        names: of what is logged of generator and discriminator.
    """

    def __init__(self, size, names):
        super().__init__(name="rivals")
        inputs = keras.Input(size)
        outputs = keras.layers.Dense(1)(keras.layers.GlobalAveragePooling2D()(inputs))
        self.generator = keras.Model(inputs, outputs, name="generator")
        self.discriminator = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        self.means = [keras.metrics.Mean(name=name) for name in names]

    def compile(self):
        super().compile(jit_compile=False)
        self.optimizers = [keras.optimizers.SGD(0.05), keras.optimizers.SGD(0.005)]
        for optimizer, network in zip(self.optimizers, self.networks, strict=True):
            optimizer.build(network.trainable_variables)

    @property
    def networks(self):
        return self.generator, self.discriminator

    @property
    def metrics(self):
        return self.means

    def deployable(self):
        return self.generator

    def train_step(self, batch):
        images, truth = batch
        with tf.GradientTape(persistent=True) as tape:
            fake = self.generator(images, training=True)
            judged = self.discriminator(tf.concat([truth, fake], 0), training=True)
            real, forged = tf.split(judged, 2)
            losses = [
                tf.reduce_mean((fake - truth) ** 2) + 0.01 * tf.reduce_mean((forged - 1) ** 2),
                tf.reduce_mean((real - 1) ** 2 + forged**2),
            ]
        for loss, network, optimizer, mean in zip(
            losses, self.networks, self.optimizers, self.means, strict=True
        ):
            gradients = tape.gradient(loss, network.trainable_variables)
            optimizer.apply(gradients, network.trainable_variables)
            mean.update_state(loss)
        return self.get_metrics_result()


@dataclass(frozen=True, kw_only=True)
class Rivalry(Pixel):
    logged: ClassVar[tuple[str, ...]] = ("generator_loss", "discriminator_loss")

    def build(self, plan):
        model = Rivals(plan.shapes()[0], self.logged)
        model.compile()
        return model
