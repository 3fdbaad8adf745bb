"""One of several classes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Self

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing, plural
from keras_mia.data.targets.base import Text, as_text
from keras_mia.data.targets.labels import Labels, named_texts

MANY_ALONE = 10
"""From more classes on, fewer than two images a class are no classes."""


@dataclass(frozen=True)
class Multiclass(Labels):
    """One of several classes.

    Args:
        names: of the classes.
        values: the text that each name stands for in the data.
        spellings: pairs of a text and the one of `values` that it is read as.
        kind: always "multiclass".

    Example:
        >>> Multiclass(("well", "ill"), ("0", "1")).encode("1")
        array([0., 1.], dtype=float32)
    """

    kind: Literal["multiclass"] = "multiclass"
    is_exclusive: ClassVar[bool] = True

    @classmethod
    def infer(
        cls,
        texts: Sequence[Text],
        *,
        names: Mapping[str, str] | None = None,
        others: Iterable[Text] = (),
        columns: tuple[str, ...] = (),
    ) -> Self:
        learnt = set(map(as_text, texts))
        named = named_texts(learnt, names or {}, map(as_text, others), least=2)
        if len(named.values) > max(MANY_ALONE, len(texts) / 2):
            raise Problem(
                f"There are {len(named.values)} different targets for"
                f" {plural(len(texts), 'image')} to learn from, such as"
                f" {listing(named.values, 3)}: nearly each image has one of its own.",
                "the targets",
                "Name a column of classes, or write what these say (a date, a text, a number with a"
                " unit) as classes or plain numbers.",
            )
        return cls(*named)

    @classmethod
    def content(cls, text: Text, names: Mapping[str, str]) -> list[float | str]:
        return [names.get(as_text(text), as_text(text))]

    def encode(self, text: Text, where: object = None, space: Sequence[int] = ()) -> np.ndarray:
        one_hot = np.zeros(len(self), np.float32)
        one_hot[self.index(as_text(text), where)] = 1.0
        return one_hot

    def decode(self, values: np.ndarray, column: str) -> dict[str, str]:
        return {column: self.names[int(np.argmax(values))]}

    def parse(self, row: Mapping[str, str], column: str) -> list[float]:
        return [float(name == row[column]) for name in self.names]

    def labels(self, text: Text) -> list[str]:
        return [self.canonical(as_text(text))]

    def _balance(self, truth: np.ndarray) -> np.ndarray:
        return len(truth) / (len(self) * np.maximum((truth == 1).sum(axis=0), 1))

    @property
    def phrase(self) -> str:
        return f"one of {len(self)} classes"

    def describe(self) -> str:
        return f"{len(self)} classes: {self._names_text()}"

    def with_positive(self, name: str) -> Self:
        if len(self) != 2:
            return super().with_positive(name)
        if name not in self.names:
            raise Problem(
                f"There is no class {name!r}: they are {listing(self.names)}.",
                f"--positive {name}",
                "Name one of them.",
            )
        if self.names[1] == name:
            return self
        return replace(self, names=self.names[::-1], values=self.values[::-1])
