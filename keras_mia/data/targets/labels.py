"""What classes and findings share: texts, the names that they are shown by, a probability each."""

import abc
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing, natural_key
from keras_mia.data.targets.base import ColumnTarget, Text

PROBABILITY = "p "
"""How the columns of probabilities begin, in scores.csv and predictions.csv: `p NAME`."""
MOST_NAMES = 1000


@dataclass(frozen=True)
class Labels(ColumnTarget):
    """Classes or findings, each an output of the network with a probability.

    Args:
        names: to show.
        values: the text that each name stands for in the data.
        spellings: pairs of a text and the one of `values` that it is read as.
    """

    names: tuple[str, ...]
    values: tuple[str, ...]
    spellings: tuple[tuple[str, str], ...] = ()
    has_labels: ClassVar[bool] = True
    noun: ClassVar[str] = "class"

    def canonical(self, text: str) -> str:
        """The one of `values` that a text is read as; itself where it is none.

        Args:
            text: of a class or a finding.
        """
        return dict(self.spellings).get(text, text)

    @abc.abstractmethod
    def labels(self, text: Text) -> list[str]:
        """The `values` that a case has, one whose presence is not known with a `?` behind it.

        Args:
            text: of the case.
        """

    def index(self, text: str, where: object) -> int:
        """The output that a text stands for.

        Args:
            text: of a class or a finding.
            where: the case, for messages.

        Raises:
            Problem: training had no such text.
        """
        text = self.canonical(text)
        if text not in self.values:
            raise Problem(
                f"The target {text!r} is none of those in training: {listing(self.values)}.",
                where,
                "Correct it, or leave the case out.",
            )
        return self.values.index(text)

    def balanced_weights(self, texts: Sequence[Text]) -> tuple[float, ...]:
        truth = np.stack([self.encode(text) for text in texts])
        return tuple(float(f"{max(weight, 1e-3):.4g}") for weight in self._balance(truth))

    @abc.abstractmethod
    def _balance(self, truth: np.ndarray) -> np.ndarray:
        """Weights `(len(self),)` by the truth `(cases, len(self))`."""

    def _names_text(self) -> str:
        """The names, each with the texts that it stands for."""
        entries = []
        for name, value in zip(self.names, self.values, strict=True):
            texts = [value, *(text for text, read_as in self.spellings if read_as == value)]
            entries.append(name if texts == [name] else f"{name} = {' or '.join(texts)}")
        return listing(entries, 20)


class Named(NamedTuple):
    """Texts and their names.

    Args:
        names: to show.
        values: the text that each stands for.
        spellings: pairs of another text and the one of `values` that it is read as.
    """

    names: tuple[str, ...]
    values: tuple[str, ...]
    spellings: tuple[tuple[str, str], ...]


def named_texts(
    learnt: set[str], names: Mapping[str, str], others: Iterable[str], *, least: int
) -> Named:
    """The classes or findings of the training cases in natural order, those of one name as one.

    Args:
        learnt: the texts of the training cases.
        names: text -> name to show.
        others: texts of other cases, which may be spellings of what is learnt.
        least: how many there have to be.

    Raises:
        Problem: there are too few or too many, or a name is given to what is not there.
    """
    _check_there(learnt, names, set(others))
    # All that have a name, whoever trains, so that the folds of a run agree on the order.
    texts = sorted(learnt | set(names), key=natural_key)
    aliases = _aliases(texts, names)
    texts = [text for text in texts if text not in dict(aliases)]
    display_names = tuple(names.get(text, text) for text in texts)
    if not least <= len(texts) <= MOST_NAMES:
        raise Problem(
            f"{least} to {MOST_NAMES} different targets were expected in training, found"
            f" {len(texts)}: {listing(display_names, 5)}.",
            "--labels, which makes texts of one name one class" if aliases else "the targets",
            "Check the column or the folders, and --kind.",
        )
    return Named(display_names, tuple(texts), aliases)


def _check_there(learnt: set[str], names: Mapping[str, str], others: set[str]) -> None:
    named = {names.get(text, text) for text in learnt}
    missing = [
        text
        for text in names
        if text not in learnt and not (text in others and names[text] in named)
    ]
    if missing:
        raise Problem(
            f"No training case has the target {listing(missing)}; they have"
            f" {listing(sorted(learnt, key=natural_key))}.",
            "--labels",
            "Choose among these.",
        )


def _aliases(texts: Sequence[str], names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Texts that have the name of another one, each with that one."""
    first: dict[str, str] = {}
    for text in sorted(texts, key=lambda text: names.get(text, text) != text):
        first.setdefault(names.get(text, text), text)
    pairs = [(text, first[names.get(text, text)]) for text in texts]
    return tuple((text, read_as) for text, read_as in pairs if read_as != text)
