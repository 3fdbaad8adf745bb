"""The epochs of a run, and after which of them whole cases are scored."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from keras_mia.training.fitting.state import TrainingState


class Epoch(NamedTuple):
    """Attributes: `number`, counted from 1; `last`, its last step; whether it `is_validated`."""

    number: int
    last: int
    is_validated: bool


def epochs(state: TrainingState, epoch_steps: int) -> Iterator[Epoch]:
    """Each epoch still to come.

    The first half is laid out as if the second were as long, since that is decided at its end.

    Args:
        state: of the run; what changes in it counts for the epochs after.
        epoch_steps: batches in an epoch.
    """
    last = state.step
    while last < state.total:
        total = 2 * state.first_half if last < state.first_half else state.total
        count, number = math.ceil(total / epoch_steps), last // epoch_steps + 1
        every = math.ceil(count / max(1, state.validations))
        last = min(number * epoch_steps, total)
        yield Epoch(number, last, (count - number) % every == 0)
