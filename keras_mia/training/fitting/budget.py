"""How long to train."""

from dataclasses import dataclass

EPOCH = 100


@dataclass(frozen=True)
class Budget:
    """How long to train: `steps`, `epochs`, or else `minutes`.

    Args:
        minutes: of training, validation and evaluation. The first steps are timed and the number of
            steps follows; when half of them are done it is decided anew, as machines become slower
            and faster. Both halves are written into the run, so that it can be repeated by them.
        steps: batches; or those of the first and the second half of the schedule.
        epochs: of `epoch_steps` batches.
        epoch_steps: batches in an epoch.
        validations: how often whole cases are scored; None: each epoch, but for at most a tenth of
            `minutes`.
        evaluation: how many times as long as a validation the evaluation after training takes; so
            much is kept back of `minutes`, but half of them at most.
    """

    minutes: float = 10.0
    steps: int | tuple[int, int] | None = None
    epochs: int | None = None
    epoch_steps: int = EPOCH
    validations: int | None = None
    evaluation: float = 0.0

    def fixed_steps(self) -> int | None:
        """The number of steps, where it does not depend on the machine; else None."""
        if isinstance(self.steps, tuple):
            return sum(self.steps)
        return self.steps or (self.epochs and self.epochs * self.epoch_steps)

    def first_half(self) -> int:
        """The steps of the first half, where two halves are given; else 0."""
        return self.steps[0] if isinstance(self.steps, tuple) else 0
