"""A number, learnt in deviations from its mean in training."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.targets.base import ColumnTarget, Text, as_text, refuse_names
from keras_mia.data.targets.texts.numbers import number_text, numbers_in, parsed_numbers
from keras_mia.data.targets.texts.plausibility import decimal_commas

DECIMAL_POINT = "Write decimals with a point: 3.15."


@dataclass(frozen=True)
class Regression(ColumnTarget):
    """A number.

    Args:
        mean: of the training cases.
        std: of the training cases.
        names: of the only output.
        kind: always "regression".

    Example:
        >>> Regression(60.0, 10.0).encode("75")
        array([1.5], dtype=float32)
    """

    mean: float = 0.0
    std: float = 1.0
    names: tuple[str, ...] = ("value",)
    kind: Literal["regression"] = "regression"

    @classmethod
    def infer(
        cls,
        texts: Sequence[Text],
        *,
        names: Mapping[str, str] | None = None,
        others: Iterable[Text] = (),
        columns: tuple[str, ...] = (),
    ) -> Self:
        refuse_names(names)
        numbers = list(map(numbers_in, texts))
        finite = [one[0] for one in numbers if len(one) == 1 and math.isfinite(one[0])]
        if not finite:
            remedy = "Write numbers alone, without a unit; or check --kind."
            commas = decimal_commas(list(map(as_text, texts)))
            raise Problem(
                "The targets are not numbers.",
                f"such as {as_text(texts[0])!r}",
                DECIMAL_POINT if commas else remedy,
            )
        different = {value for one in numbers for value in one}
        if len(texts) > 1 and len(different) == 1:
            raise Problem(
                f"All targets for training are {different.pop():g}: there is nothing to learn.",
                "the targets",
                "Check the column.",
            )
        return cls(float(np.mean(finite)), float(np.std(finite)) or 1.0)

    @classmethod
    def content(cls, text: Text, names: Mapping[str, str]) -> list[float | str]:
        return [(numbers_in(text) or [0.0])[0]]

    def encode(self, text: Text, where: object = None, space: Sequence[int] = ()) -> np.ndarray:
        comma = decimal_commas([as_text(text)])
        (number,) = parsed_numbers(text, 1, where, DECIMAL_POINT if comma else None)
        return np.array([(number - self.mean) / self.std], np.float32)

    def in_units(self, values: np.ndarray) -> np.ndarray:
        return np.asarray(values, float) * self.std + self.mean

    def decode(self, values: np.ndarray, column: str) -> dict[str, str]:
        """A number to what float32 holds of it, in which it was learnt: a truth of 61 reads "61".

        Args:
            values: `(1,)`, in the unit of the data.
            column: what the cell is called.
        """
        return {column: number_text(float(values[0]), self.mean, self.std)}

    def parse(self, row: Mapping[str, str], column: str) -> list[float]:
        return [float(row[column])]

    @property
    def may_be_a_size(self) -> bool:
        return True

    @property
    def phrase(self) -> str:
        return "a number"

    @property
    def question(self) -> str:
        return self.kind

    def describe(self) -> str:
        return f"A number is learnt; in training {self.mean:.4g}, deviation {self.std:.3g}."
