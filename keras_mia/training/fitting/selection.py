"""By which validation score the best network of a run is chosen."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import keras


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


@dataclass(frozen=True)
class Validation:
    """How networks are scored while they train, and which of them is the best.

    What it chooses by is decided once, by what the validation cases hold, so that the values of all
    networks of a run can be compared.

    Args:
        scores: from a model to its scores by name, the criterion's among them.
        criterion: to choose by.
        note: why it is not the usual one, as a sentence for the user; empty where it is.
    """

    scores: Callable[[keras.Model], Mapping[str, float]]
    criterion: Criterion
    note: str = ""

    def __call__(self, model: keras.Model) -> Mapping[str, float]:
        """The model's scores by name."""
        return self.scores(model)


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
