"""Training steps with their learning rates, a clock, and an eye on whether they diverge."""

import math
import time
from collections.abc import Mapping, Sequence

import keras
import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.core.training_logs import losses_in
from keras_mia.training.fitting.hooks import optimizers_of
from keras_mia.training.fitting.loop import Loop
from keras_mia.training.fitting.schedule import learning_rate
from keras_mia.training.fitting.state import TrainingState

CHECKED = 10
"""Steps from one look at the loss to the next: each waits for the device."""


class Trainer:
    """The loop with its learning rates and its clock.

    Args:
        loop: over the model, at the step where the run stands.
        model: that the loop trains.
        state: of the run; it goes along.
        peaks: the highest rate of each optimizer, as `peak_rates` gives them.
        schedule: how rates fall, as `learning_rate` takes it.
    """

    def __init__(
        self,
        loop: Loop,
        model: keras.Model,
        state: TrainingState,
        peaks: Sequence[tuple[keras.optimizers.Optimizer, float]],
        schedule: str,
    ):
        self.loop, self.model, self.state = loop, model, state
        self.peaks, self.schedule = peaks, schedule
        self.begun = time.perf_counter() - state.seconds
        self.waited_before, self.rate = state.waited, 0.0

    def clock(self) -> float:
        """Seconds since the run began, without those between a stop and going on."""
        return time.perf_counter() - self.begun

    def step(self) -> Mapping:
        """Trains on the next batch; the logs of the model."""
        state, total = self.state, self.state.total or None
        rates = [
            learning_rate(state.step, total, peak, self.schedule, state.first_half)
            for _, peak in self.peaks
        ]
        for (optimizer, _), rate in zip(self.peaks, rates, strict=True):
            optimizer.learning_rate.assign(rate)
        self.rate = rates[0] if rates else math.nan
        logs = self.loop.step()
        state.step += 1
        return logs

    def timed_step(self) -> None:
        """The same, which ends when the device has done it."""
        float(next(iter(self.step().values())))

    def steps(self, last: int, bar) -> dict[str, float]:
        """Trains up to a step.

        Args:
            last: the step.
            bar: that shows how far it is.

        Returns:
            The mean logs since the last call, the number of the step and the learning rate.

        Raises:
            Problem: a loss is not a number any more.
        """
        while self.state.step < last:
            logs = self.step()
            bar.update(self.state.step - bar.n)
            if self.state.step % CHECKED == 0 or self.state.step == last:
                for name in losses_in(logs):
                    self._check(name, float(logs[name]))
        self.state.waited = self.waited_before + self.loop.waited
        row = {name: round(float(value), 6) for name, value in logs.items()}
        self.loop.reset_metrics()
        return {"step": last, "seconds": self.clock(), **row, "learning_rate": self.rate}

    def check_weights(self) -> None:
        """Sees to it that the network can be scored.

        A loss is that before its step, which may have been the one that went astray.

        Raises:
            Problem: a weight is not a number any more.
        """
        if not all(np.isfinite(np.asarray(variable)).all() for variable in self.model.variables):
            raise diverged("A weight is no number", self.state)

    def _check(self, name: str, value: float) -> None:
        if not math.isfinite(value):
            raise diverged(f"The {name.replace('_', ' ')} is {value}", self.state)


def peak_rates(
    model: keras.Model, peak: float | None
) -> list[tuple[keras.optimizers.Optimizer, float]]:
    """The highest rate of each optimizer that has no schedule of its own.

    Args:
        model: as it was compiled.
        peak: of the first optimizer, the others in proportion; None: as they were made.

    Example:
        >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
        >>> model.compile(keras.optimizers.SGD(0.5), loss="mse")
        >>> peak_rates(model, None)[0][1], peak_rates(model, 0.25)[0][1]
        (0.5, 0.25)
    """
    optimizers = [
        one for one in optimizers_of(model) if isinstance(one.learning_rate, keras.Variable)
    ]
    rates = [float(np.asarray(one.learning_rate)) for one in optimizers]
    if peak is not None and optimizers:
        rates = [peak, *(peak * rate / rates[0] if rates[0] else peak for rate in rates[1:])]
    return list(zip(optimizers, rates, strict=True))


def diverged(what: str, state: TrainingState) -> Problem:
    """The problem that a run ends with whose numbers are none any more."""
    return Problem(
        f"{what} after step {state.step}: training diverged.",
        "the last good model, if there was one, is in best.keras",
        "Lower --learning-rate, or take --precision float32.",
    )
