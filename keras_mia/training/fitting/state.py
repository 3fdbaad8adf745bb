"""Where a run stands: all of it but the variables of the model."""

import math
from dataclasses import dataclass, field


@dataclass
class TrainingState:
    """Where a run stands.

    Attributes:
        step: steps done.
        total: steps of the whole run; 0 until they are decided.
        first_half: steps of the first half of the schedule; 0: half of them.
        validations: how often whole cases are to be scored.
        reserved: seconds of the budget that are kept back for the evaluation.
        smoothed: the validation score, half of it from the validations before; NaN until defined.
        best: the best smoothed score so far, NaN until defined.
        best_epoch: the last one that had it, whose network is kept.
        improved_epoch: the first one that had it.
        seconds: spent on training and validation so far.
        waited: seconds of them spent waiting for data.
        history: a row an epoch.
    """

    step: int = 0
    total: int = 0
    first_half: int = 0
    validations: int = 0
    reserved: float = 0.0
    smoothed: float = math.nan
    best: float = math.nan
    best_epoch: int = 0
    improved_epoch: int = 0
    seconds: float = 0.0
    waited: float = 0.0
    history: list[dict] = field(default_factory=list)

    @property
    def schedule(self) -> str:
        """The number of steps as `--steps` takes it.

        Example:
            >>> TrainingState(total=120, first_half=70).schedule, TrainingState(total=120).schedule
            ('70+50', '120')
        """
        if self.first_half:
            return f"{self.first_half}+{self.total - self.first_half}"
        return str(self.total)

    def length(self) -> dict[str, object]:
        """What run.json says of the number of steps."""
        return {
            "steps": self.total,
            "schedule": self.schedule,
            "validations": self.validations,
            "reserved_seconds": round(self.reserved, 1),
        }

    def validations_without_improvement(self) -> int:
        """How many validations there were since the score last became better."""
        return sum(
            row["epoch"] > self.improved_epoch
            and any(name.startswith("validation_") for name in row)
            for row in self.history
        )
