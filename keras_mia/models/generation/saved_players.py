"""Players that are saved and opened again, and compiled as they were."""

from collections.abc import Mapping
from typing import Any, Self

import keras

from keras_mia.losses.adversarial import Game


class SavedPlayers(keras.Model):
    """What Keras asks of a model of a generator and a discriminator to save it."""

    generator: keras.Model
    discriminator: keras.Model
    generator_optimizer: keras.optimizers.Optimizer
    discriminator_optimizer: keras.optimizers.Optimizer
    game: Game
    average: float
    seed: int
    discriminator_steps: int
    gradient_penalty: float
    r1: float
    compile_options: Mapping[str, Any]

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
