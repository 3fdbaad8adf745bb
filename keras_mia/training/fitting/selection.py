"""By which validation score the best network of a run is chosen."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras

from keras_mia.training.fitting.state import TrainingState


@dataclass(frozen=True)
class Criterion:
    """A validation score to choose by, and which way it is better.

    Args:
        score: its name.
        lower_is_better: whether a small value is a good one.
    """

    score: str
    lower_is_better: bool = False

    def better(self, one: float, other: float) -> bool:
        """Whether one value is better than another; NaN, where it is undefined, is never.

        Example:
            >>> Criterion("dice").better(0.9, 0.8), Criterion("nll", True).better(0.9, 0.8)
            (True, False)
            >>> Criterion("dice").better(-1.0, math.nan), Criterion("dice").better(math.nan, -1.0)
            (True, False)
        """
        if math.isnan(one) or math.isnan(other):
            return not math.isnan(one)
        return one < other if self.lower_is_better else one > other

    def oriented(self, value: float) -> float:
        """The value as one that is better the higher it is."""
        return -value if self.lower_is_better else value


@dataclass
class Validation:
    """How networks are scored while they train, and which of them is the best.

    What it chooses by is decided once, by what the validation cases hold, so that the values of all
    networks of a run can be compared.

    Args:
        scores: from a predictor to its scores by name, the criterion's among them.
        criterion: to choose by.
        note: why it is not the usual one, as a sentence for the user; empty where it is.
        predictor: from a network to what `scores` takes, such as a compiled function. It is called
            once for all validations of a network, whose weights change in place. None: the network
            itself.
    """

    scores: Callable[[Any], Mapping[str, float]]
    criterion: Criterion
    note: str = ""
    predictor: Callable[[keras.Model], Any] | None = None

    def __post_init__(self) -> None:
        self._bound: tuple[keras.Model, Any] | None = None

    def __call__(self, model: keras.Model) -> Mapping[str, float]:
        """The model's scores by name."""
        if self.predictor is None:
            return self.scores(model)
        if self._bound is None or self._bound[0] is not model:
            self._bound = model, self.predictor(model)
        return self.scores(self._bound[1])


def is_best(state: TrainingState, criterion: Criterion, epoch: int, score: float) -> bool:
    """Whether the network is the best one so far, which the state then says. Of networks that no
    score tells apart it is the last one: it has learnt longest.

    Args:
        state: of the run; its smoothed score goes on.
        criterion: which way is better.
        epoch: of the network.
        score: by which is chosen; NaN where it is undefined: no network is chosen for it, unless
            no score was defined so far.
    """
    state.smoothed = smooth(state.smoothed, score)
    value = math.nan if math.isnan(score) else state.smoothed
    if criterion.better(state.best, value):
        return False
    if criterion.better(value, state.best):
        state.improved_epoch = epoch
    state.best, state.best_epoch = value, epoch
    return True


def smooth(before: float, value: float) -> float:
    """The validation score to choose the best model by: half of it comes from those before.

    A few validation cases go up and down by chance, and an early peak of chance is not to be taken
    for the best model; nnU-Net smooths its score as well.

    Args:
        before: the smoothed score so far; NaN where there is none.
        value: the next score; NaN, where it is undefined, changes nothing.

    Source: Isensee et al. (2021), nnU-Net, doi:10.1038/s41592-020-01008-z.

    Example:
        >>> smooth(math.nan, 0.8), smooth(0.8, 0.9), smooth(0.8, math.nan)
        (0.8, 0.8500000000000001, 0.8)
    """
    if math.isnan(before) or math.isnan(value):
        return before if math.isnan(value) else value
    return (before + value) / 2
