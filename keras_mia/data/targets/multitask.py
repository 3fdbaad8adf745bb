"""Several targets of an image, each of a kind of its own, in a column each."""

import itertools
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.image import Image
from keras_mia.data.targets.base import ImageTarget, Text, as_text
from keras_mia.data.targets.table import AnyColumn

NAMED = ": "
"""Between a target's column and what stands of it in a table, in scores.csv and metrics.json."""


@dataclass(frozen=True)
class Multitask(ImageTarget):
    """Several targets of an image.

    Args:
        columns: what each is called.
        parts: what is to be learnt in each column.
        weights: of the loss of each.
        kind: always "multitask".

    Example:
        >>> from keras_mia.data.targets.regression import Regression
        >>> parts = Regression(60.0, 10.0), Regression()
        >>> Multitask(("age", "size"), parts, (1.0, 0.5)).encode(("75", "0.5")).tolist()
        [1.5, 0.5]
    """

    columns: tuple[str, ...]
    parts: tuple[AnyColumn, ...]
    weights: tuple[float, ...]
    kind: Literal["multitask"] = "multitask"
    can_be_mixed: ClassVar[bool] = False

    @property
    def names(self) -> tuple[str, ...]:  # type: ignore[override]
        """Of all outputs: the column's, and that in it."""
        pairs = [(column, name) for column, part in self.items() for name in part.names]
        return tuple(f"{column}{NAMED}{name}" for column, name in pairs)

    def items(self) -> Iterable[tuple[str, ImageTarget]]:
        """Each column with what is to be learnt in it."""
        return zip(self.columns, self.parts, strict=True)

    @property
    def is_spatial(self) -> bool:
        return any(part.is_spatial for part in self.parts)

    @property
    def may_be_a_size(self) -> bool:
        return any(part.may_be_a_size for part in self.parts)

    def texts(self, text: Text) -> tuple[str, ...]:
        """The text of each column.

        Args:
            text: of the case.

        Returns:
            One a column.

        Raises:
            Problem: there are more or fewer than columns.
        """
        return texts_of(text, self.columns)

    def encode(self, text: Text, where: object = None, space: Sequence[int] = ()) -> np.ndarray:
        pairs = zip(self.parts, self.texts(text), strict=True)
        return np.concatenate([part.encode(one, where, space) for part, one in pairs])

    def encode_prepared(self, text: Text, image: Callable[[], Image], where: object) -> np.ndarray:
        pairs = zip(self.parts, self.texts(text), strict=True)
        return np.concatenate([part.encode_prepared(one, image, where) for part, one in pairs])

    def in_units(self, values: np.ndarray) -> np.ndarray:
        pairs = zip(self.parts, self.split(values), strict=True)
        return np.concatenate([part.in_units(one) for part, one in pairs], axis=-1)

    def decode(self, values: np.ndarray, column: str) -> dict[str, str]:
        pairs = zip(self.items(), self.split(values), strict=True)
        return {
            name: text
            for (task, part), one in pairs
            for name, text in named(task, part.decode(one, column)).items()
        }

    def parse(self, row: Mapping[str, str], column: str) -> list[float]:
        return [
            value
            for task, part in self.items()
            for value in part.parse(of_column(row, task), column)
        ]

    def voxels(self, values: np.ndarray, image: Image) -> dict[str, str]:
        pairs = zip(self.items(), self.split(values), strict=True)
        return {
            name: text
            for (task, part), one in pairs
            for name, text in named(task, part.voxels(one, image)).items()
        }

    @property
    def head_names(self) -> tuple[str, ...]:
        """What the network calls each target: its column in letters that TensorFlow takes."""
        plain = [re.sub(r"[^A-Za-z0-9]+", "_", column).strip("_") for column in self.columns]
        return tuple(
            name if name and plain.count(name) == 1 else f"target_{number}"
            for number, name in enumerate(plain, start=1)
        )

    def split(self, values: Any) -> list:
        """The values of each target.

        Args:
            values: an array or a tensor `(..., outputs)` of all targets side by side.
        """
        ends = list(itertools.accumulate(map(len, self.parts)))
        return [values[..., low:high] for low, high in itertools.pairwise([0, *ends])]

    @property
    def label_columns(self) -> tuple[str, ...]:
        return self.columns

    @property
    def question(self) -> Hashable:
        return self.columns, tuple(part.question for part in self.parts)

    @property
    def phrase(self) -> str:
        return "several targets"

    def describe(self) -> str:
        pairs = zip(self.items(), self.weights, strict=True)
        return "\n  ".join(
            f"{column}: {part.describe()}"
            + ("" if weight == 1 else f" Its loss counts {weight:g}.")
            for (column, part), weight in pairs
        )

    def summary(self) -> str:
        return super().summary().removeprefix(f"{self.kind}: ")


def texts_of(text: Text, columns: Sequence[str]) -> tuple[str, ...]:
    """The text of each column.

    Args:
        text: of a case.
        columns: of the table.

    Returns:
        One a column.

    Raises:
        Problem: there are more or fewer than columns.

    Example:
        >>> texts_of(("f", "61"), ("sex", "age"))
        ('f', '61')
    """
    texts = (text,) if isinstance(text, str) else text
    if len(texts) != len(columns):
        raise Problem(
            f"{len(columns)} targets were expected, found {as_text(text)!r}.",
            ", ".join(columns),
            "Several targets are the columns of a CSV file, none of them empty.",
        )
    return texts


def named(column: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of one of several targets, each name behind its column.

    Args:
        column: of the target.
        values: by name.

    Example:
        >>> named("sex", {"truth": "f"})
        {'sex: truth': 'f'}
    """
    return {f"{column}{NAMED}{name}": value for name, value in values.items()}


def of_column(row: Mapping[str, object], column: str) -> dict:
    """What a row of scores.csv holds of one of several targets.

    Args:
        row: of the table.
        column: of the target.

    Example:
        >>> of_column({"case": "7", "sex: truth": "f", "age: truth": "61"}, "sex")
        {'case': '7', 'truth': 'f'}
    """
    shared = {key: row[key] for key in ("case", "patient") if key in row}
    start = f"{column}{NAMED}"
    return shared | {
        key.removeprefix(start): value for key, value in row.items() if key.startswith(start)
    }


AnyTarget = AnyColumn | Multitask
"""As plan.json holds one: its `kind` says which."""
