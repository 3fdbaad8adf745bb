"""The plan: all that is needed to prepare a new image and to bring its prediction back.

It is data, readable as JSON and as a table.
"""

import abc
import dataclasses
import os
import textwrap
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from keras_mia.core.files.schema import typed
from keras_mia.core.files.text_files import read_json, write_json
from keras_mia.core.problem import Problem
from keras_mia.core.text import size_text
from keras_mia.data.fingerprint.intensity import Intensity

FORMAT = 1


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan(abc.ABC):
    """How images become batches: what the plans of all families hold. Each adds its own fields.

    Args:
        task: what is learnt.
        channels: of an image.
        colours: whether they are red, green and blue; grey images are then repeated as such.
        modality: "CT", "MR", ... where it is known.
        spacing_mm: voxel spacing that images are resampled to, one number an axis; None where they
            stay as they are.
        normalization: the scheme.
        intensities: of the training images, one a channel; empty where the scheme needs none.
        slice_axis: the axis along which a 2D network goes through volumes; None where it does not.
        batch_size: examples in a batch.
        flip: axes of what the network sees along which it may be mirrored.
        rotation_deg: largest angle; one for a 2D network, one about each axis for a 3D one.
        reasons: field -> why it is what it is, in a sentence.
    """

    PREPARING: ClassVar[tuple[str, ...]] = ()
    """The fields that a prepared case depends on."""

    task: str
    channels: int
    colours: bool = False
    modality: str | None = None
    spacing_mm: tuple[float | None, ...] | None = None
    normalization: str = "none"
    intensities: tuple[Intensity, ...] = ()
    slice_axis: int | None = None
    batch_size: int
    flip: tuple[int, ...] = ()
    rotation_deg: tuple[float, ...] = ()
    reasons: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    @abc.abstractmethod
    def image_rank(self) -> int:
        """Axes of space of an image: 3 for a volume, also where the network is 2D."""

    @abc.abstractmethod
    def shapes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """What a network for this plan takes, and what it gives, without the batch."""

    def preparing(self) -> dict[str, Any]:
        """The fields that a prepared case depends on, as plain data."""
        return {
            name: value
            for name, value in dataclasses.asdict(self).items()
            if name in self.PREPARING
        }

    def write(self, path: str | os.PathLike) -> None:
        """Writes the plan as JSON that a person can read."""
        write_json(path, {"format": FORMAT, **dataclasses.asdict(self)})

    @classmethod
    def read(cls, path: str | os.PathLike) -> Self:
        """The plan that was written.

        Raises:
            Problem: the file is missing, no plan, or of another format.
        """
        fields = read_json(path)
        if not isinstance(fields, dict) or fields.pop("format", None) != FORMAT:
            raise Problem(
                f"This is not a plan of format {FORMAT}.",
                path,
                "Take the plan.json of a run, or train again with this version.",
            )
        return typed(cls, fields, path, "Take the plan.json of a finished run.")

    def value_text(self, name: str) -> str:
        """A field's value in words."""
        value = getattr(self, name)
        if value is None or value == ():
            return "-"
        if name == "flip":
            return ", ".join(map(str, value))
        return size_text(value) if isinstance(value, tuple) else str(value)

    def describe(self) -> str:
        """A table of every field, its value and its reason, as `keras-mia plan` prints it."""
        rows = []
        for name in (one.name for one in dataclasses.fields(self)):
            if name != "reasons":
                rows.append((name, self.value_text(name), self.reasons.get(name, "")))
        wide = max(len(name) for name, _, _ in rows) + 2
        return "\n".join(_row(row, wide, 26) for row in rows)


def _row(row: tuple[str, str, str], wide: int, middle: int) -> str:
    name, value, reason = row
    left = textwrap.wrap(value, middle - 2) or [""]
    right = textwrap.wrap(reason, 100 - wide - middle) or [""]
    lines = max(len(left), len(right))
    left += [""] * (lines - len(left))
    right += [""] * (lines - len(right))
    names = [name] + [""] * (lines - 1)
    return "\n".join(
        f"{a:<{wide}}{b:<{middle}}{c}".rstrip() for a, b, c in zip(names, left, right, strict=True)
    )
