"""Whether both players of a game are still playing."""

import math
from collections.abc import Mapping
from typing import Any

import keras

from keras_mia.tasks.generation.callbacks.resumed import epochs_behind
from keras_mia.training.fitting.ending import end_training
from keras_mia.training.runs.run import Run

CONSTANT_EPOCHS = 5
"""Epochs without a change in a player's loss after which it counts as dead."""
CHANGE = 1e-6
"""Smaller differences are none."""
WON = 1e-4
"""The loss of a discriminator that no sample deceives any more."""
COLLAPSED = 5
"""Validations in a row that see one class only."""
LEAST_EPOCHS = 3


class PlayerWatch(keras.callbacks.Callback):
    """Ends a training in which a player has died: losses that stay as they are, a discriminator
    that nothing deceives, or samples of one class only.

    Args:
        run: that trains.
        loss_reaches_zero: whether a discriminator that is always right has a loss of 0, as in all
            games but Wasserstein's.
        classes: how many there are; 0: they are not known.
    """

    def __init__(self, run: Run, *, loss_reaches_zero: bool, classes: int = 0):
        super().__init__()
        self.run, self.loss_reaches_zero, self.classes = run, loss_reaches_zero, classes
        self.losses: dict[str, list[float]] = {"discriminator_loss": [], "generator_loss": []}
        self.covered: list[int] = []

    def on_train_begin(self, logs=None) -> None:
        """A run that goes on knows its epochs so far."""
        for row in epochs_behind(self.run, self.model):
            self._note(row)

    def on_epoch_end(self, epoch: int, logs=None) -> None:
        """Looks at the losses and the classes of an epoch."""
        self._note(logs or {})
        reason = self._reason()
        if reason:
            end_training(self.run, self.model, f"Training ended after epoch {epoch}: {reason}")

    def _note(self, row: Mapping[str, Any]) -> None:
        for name, values in self.losses.items():
            values.append(float(row[name]))
        covered = row.get("validation_classes_covered", math.nan)
        if not math.isnan(covered):
            self.covered.append(int(covered))

    def _reason(self) -> str:
        for name, values in self.losses.items():
            last = values[-CONSTANT_EPOCHS:]
            if len(last) == CONSTANT_EPOCHS and max(last) - min(last) < CHANGE:
                player = name.removesuffix("_loss")
                return (
                    f"the {player}'s loss has stayed at {last[-1]:.4g} for {CONSTANT_EPOCHS}"
                    " epochs; it learns nothing any more. Lower --learning-rate, or take another"
                    " --loss."
                )
        won = self.losses["discriminator_loss"][-LEAST_EPOCHS:]
        if self.loss_reaches_zero and len(won) == LEAST_EPOCHS and max(map(abs, won)) < WON:
            return (
                "the discriminator tells every sample from real images, and the generator learns"
                " nothing from it. Take --r1 1, --label-smoothing 0.1 or a lower"
                " --discriminator-rate."
            )
        last_covered = self.covered[-COLLAPSED:]
        if self.classes > 1 and len(last_covered) == COLLAPSED and max(last_covered) <= 1:
            return (
                f"samples have shown one class of {self.classes} in {COLLAPSED} validations: the"
                " generator has collapsed. Take --r1 1, another --loss or another --seed."
            )
        return ""
