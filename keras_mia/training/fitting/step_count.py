"""How many steps a run has, where its budget is a number of minutes."""

import math
import time
from collections.abc import Callable

from keras_mia.training.distributed.devices import from_chief
from keras_mia.training.fitting.budget import Budget
from keras_mia.training.fitting.schedule import WARM_UP
from keras_mia.training.fitting.state import TrainingState

FEWEST = 100
"""Steps that are made however little time there is: fewer teach nothing."""
VALIDATION_SHARE = 0.1
USED_SHARE = 0.95
"""Of the time left at the half, after which nothing is decided anew, as much is used."""
EVALUATION_SHARE = 0.5
"""Of the minutes, at most as much is kept back for the evaluation."""
RETIMED_SHARE = 0.05
"""A validation of less than this share of the minutes is timed again, once it is compiled."""


def decide_steps(
    state: TrainingState,
    budget: Budget,
    *,
    step: Callable[[], object],
    validate: Callable[[], object] | None,
    clock: Callable[[], float],
) -> None:
    """Decides how many steps and validations the run has, and writes it into its state.

    Args:
        state: of a run that begins.
        budget: in minutes: the first steps are taken and timed.
        step: takes one, and waits until it is done.
        validate: scores the network; None for the workers that do not: of several the chief
            decides.
        clock: seconds since the run began.
    """
    fixed = budget.fixed_steps()
    if fixed:
        state.total, state.first_half = fixed, budget.first_half()
        state.validations = budget.validations or math.ceil(fixed / budget.epoch_steps)
        return
    validation, state.reserved = _validation_and_evaluation(budget, validate)
    times = [_seconds(step) for _ in range(WARM_UP)]
    measured = times[WARM_UP // 2 :]  # the first ones compile, and fill the queue of batches
    seconds_a_step = sum(measured) / len(measured)
    left = max(1.0, budget.minutes * 60 - state.reserved - clock())
    affordable = max(2, int(VALIDATION_SHARE * left / validation))
    steps = WARM_UP + int(
        max(1.0, left - min(affordable * validation, VALIDATION_SHARE * left)) / seconds_a_step
    )
    if steps < FEWEST:
        print(
            f"  The time allows {steps} steps; {FEWEST} are made at least, which takes about"
            f" {FEWEST * seconds_a_step / 60:.1f} minutes."
        )
    state.total = int(from_chief(max(FEWEST, steps)))
    if state.total > 2 * budget.epoch_steps:
        state.first_half = budget.epoch_steps * round(state.total / 2 / budget.epoch_steps)
        state.total = 2 * state.first_half
    count = math.ceil(state.total / budget.epoch_steps)
    state.validations = int(from_chief(budget.validations or min(affordable, count)))


def decide_second_half(state: TrainingState, budget: Budget, seconds: float) -> None:
    """Decides at the half how many steps are still to come, by the pace so far.

    Args:
        state: of the run.
        budget: in minutes.
        seconds: since the run began.
    """
    left = budget.minutes * 60 - state.reserved - seconds
    affordable = USED_SHARE * left / (seconds / state.step)
    second = min(max(affordable, state.first_half / 4), 2 * state.first_half)
    state.total = max(FEWEST, state.first_half + int(from_chief(max(1, int(second)))))


def _validation_and_evaluation(
    budget: Budget, validate: Callable[[], object] | None
) -> tuple[float, float]:
    """Seconds that a validation takes, and those of the minutes kept back for the evaluation."""
    if not validate:
        return 1e-3, 0.0
    times: list[float] = []
    while len(times) < 2 and sum(times) < RETIMED_SHARE * budget.minutes * 60:
        times.append(max(1e-3, _seconds(validate)))
    compiling = times[0] - times[-1]
    evaluation = budget.evaluation * times[-1] + compiling if budget.evaluation else 0.0
    most = EVALUATION_SHARE * budget.minutes * 60
    if evaluation > most:
        print(
            f"  Evaluating will take about {evaluation / 60:.1f} minutes. Half of the"
            f" {budget.minutes:g} minutes are kept back for it, the rest goes beyond them."
        )
    return times[-1], min(evaluation, most)


def _seconds(function: Callable[[], object]) -> float:
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun
