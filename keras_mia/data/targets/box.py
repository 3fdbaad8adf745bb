"""The corners of a box, as shares of the sides of the image."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.image import Image, ras_orientation
from keras_mia.data.targets.base import ColumnTarget, Text, as_text, refuse_names
from keras_mia.data.targets.texts.box_corners import (
    REMEDIES,
    box_fault,
    corners_of,
    in_axes,
    named_corners,
)
from keras_mia.data.targets.texts.numbers import number_text, numbers_in, parsed_numbers


@dataclass(frozen=True)
class Box(ColumnTarget):
    """The corners of a box.

    Args:
        names: of the numbers: `low_AXIS` of each axis and then `high_AXIS`.
        columns: that the numbers stand in, as `box_corners.corners_of` understands them; empty:
            the lower corner and then the upper one, along the axes of the image.
        kind: always "box".

    Example:
        >>> Box.infer(["2 4 6 8"]).encode("2 4 6 8", space=(10, 16)).tolist()
        [0.20000000298023224, 0.25, 0.6000000238418579, 0.5]
    """

    names: tuple[str, ...]
    columns: tuple[str, ...] = ()
    kind: Literal["box"] = "box"

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
        axes = len(numbers_in(texts[0])) // 2
        corners = tuple(f"{end}_{axis}" for end in ("low", "high") for axis in range(axes))
        return cls(corners, columns if corners_of(columns) else ())

    @classmethod
    def content(cls, text: Text, names: Mapping[str, str]) -> list[float | str]:
        return []

    def corners(self, text: Text, where: object, rank: int) -> np.ndarray:
        """A box's lower corner and then its upper one, in voxels along the axes of the image.

        Args:
            text: of the case.
            where: the case, for messages.
            rank: axes of the image.

        Returns:
            `(2 * rank,)`.

        Raises:
            Problem: there are not two numbers an axis.
        """
        numbers = parsed_numbers(text, len(self), where)
        try:
            return in_axes(numbers, corners_of(self.columns) if self.columns else None, rank)
        except (ValueError, KeyError) as error:
            raise Problem(
                f"{2 * rank} numbers were expected, for the corners of a box in an image of {rank}"
                f" axes, found {as_text(text)!r}.",
                where,
                "Write it so, or leave the case out.",
            ) from error

    def encode(self, text: Text, where: object = None, space: Sequence[int] = ()) -> np.ndarray:
        box = self.corners(text, where, len(space))
        if wrong := box_fault(box, space):
            raise Problem(wrong[1], where, REMEDIES[wrong[0]])
        return (box / [*space, *space]).astype(np.float32)

    def encode_prepared(self, text: Text, image: Callable[[], Image], where: object) -> np.ndarray:
        source = image()
        orientation = ras_orientation(source)
        low, high = np.split(self.encode(text, where, source.space), 2)
        low, high = (np.array(orientation.permute(end.tolist())) for end in (low, high))
        flipped = np.array(orientation.flipped)
        ends = np.where(flipped, 1 - high, low), np.where(flipped, 1 - low, high)
        return np.concatenate(ends).astype(np.float32)

    def voxels(self, values: np.ndarray, image: Image) -> dict[str, str]:
        orientation = ras_orientation(image)
        low, high = np.split(np.asarray(values, float), 2)
        flipped, back = np.array(orientation.flipped), np.argsort(orientation.axes)
        ends = np.where(flipped, 1 - high, low), np.where(flipped, 1 - low, high)
        box = np.concatenate([end[back] * image.space for end in ends])
        return {
            f"box {name}": f"{value:.2f}"
            for name, value in named_corners(box, self.columns).items()
        }

    def decode(self, values: np.ndarray, column: str) -> dict[str, str]:
        pairs = zip(self.names, values, strict=True)
        return {f"{column}_{name}": number_text(float(value)) for name, value in pairs}

    def parse(self, row: Mapping[str, str], column: str) -> list[float]:
        return [float(row[f"{column}_{name}"]) for name in self.names]

    @property
    def is_spatial(self) -> bool:
        return True

    @property
    def label_columns(self) -> tuple[str, ...]:
        return self.columns

    @property
    def phrase(self) -> str:
        return "a box"

    def describe(self) -> str:
        source = ", ".join(self.columns) or "lower corner, upper corner"
        return f"The corners of a box are learnt, from {source}."
