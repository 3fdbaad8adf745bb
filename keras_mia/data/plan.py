"""The plan: all that is needed to prepare a new image and to bring its prediction back."""

import dataclasses
import os
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from keras_mia.core.files import read_json, write_json
from keras_mia.core.problem import Problem
from keras_mia.data.labels import Classes
from keras_mia.data.normalize import Intensity

FORMAT = 1
PREPARING = (
    *("rank", "classes", "channels", "spacing_mm", "normalization", "intensities"),
    *("orientation", "slice_axis"),
)
"""The fields that a prepared case depends on."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How images become batches and predictions become label maps again.

    Axes of space are those of the prepared volume, RAS for volumes with an affine. `patch`, `pool`,
    `flip` and `rotation_deg` speak of the network's axes: where a 2D network goes through the
    slices of a volume, those are the volume's axes without `slice_axis`.

    Args:
        task: what is learnt.
        rank: of the network, 2 or 3.
        classes: names and label values; class 0 is background.
        channels: of an image.
        spacing_mm: voxel spacing that images are resampled to, one number an axis of the image;
            None: they stay as they are. Slices of a volume stay apart as they are.
        modality: "CT", "MR", ... where it is known.
        normalization: "zscore", "ct" or "none".
        intensities: for "ct", the training foreground's statistics, one a channel.
        orientation: "RAS" for volumes with an affine, None where the file's order stays.
        slice_axis: the axis of a volume that becomes the first, for a 2D network; None otherwise.
        patch: what the network sees at once, in voxels.
        batch_size: patches in a batch.
        depth: how often the network halves its input.
        filters: of its first level.
        norm: "none", "batch", "instance" or "group".
        pool: a level, by how much each axis shrinks.
        flip: axes of a patch along which it may be mirrored.
        rotation_deg: largest angle; one in 2D, one about each axis in 3D.
        foreground_share: share of the patches that are drawn to hold foreground.
        reasons: field -> why it is what it is, in a sentence.
    """

    task: str = "segmentation"
    rank: int
    classes: Classes
    channels: int
    spacing_mm: tuple[float, ...] | None
    modality: str | None
    normalization: str
    intensities: tuple[Intensity, ...]
    orientation: str | None
    slice_axis: int | None
    patch: tuple[int, ...]
    batch_size: int
    depth: int
    filters: int
    norm: str
    pool: tuple[tuple[int, ...], ...]
    flip: tuple[int, ...]
    rotation_deg: tuple[float, ...]
    foreground_share: float
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def image_rank(self) -> int:
        """Axes of space of an image: 3 for a volume, also where the network is 2D."""
        return self.rank + (self.slice_axis is not None)

    def preparing(self) -> dict[str, Any]:
        """The fields that a prepared case depends on, as plain data."""
        return {
            name: value for name, value in dataclasses.asdict(self).items() if name in PREPARING
        }

    def write(self, path: str | os.PathLike) -> None:
        """Writes the plan as JSON that a person can read."""
        write_json(path, {"format": FORMAT, **dataclasses.asdict(self)})

    @classmethod
    def read(cls, path: str | os.PathLike) -> "Plan":
        """The plan that was written.

        Raises:
            Problem: the file is missing, no plan, or of another format.
        """
        found = read_json(path)
        if not isinstance(found, dict) or found.pop("format", None) != FORMAT:
            raise Problem(
                f"This is not a plan of format {FORMAT}.",
                path,
                "Take the plan.json of a run, or train again with this version.",
            )
        try:
            plain = {name: _tuples(value) for name, value in found.items()}
            plain["classes"] = Classes(**_of_classes(found["classes"]))
            plain["intensities"] = tuple(Intensity(**one) for one in found["intensities"])
            return cls(**plain)
        except (KeyError, TypeError) as error:
            raise Problem(
                f"The plan is not whole: {error}.", path, "Take the plan.json of a finished run."
            ) from error

    def describe(self) -> str:
        """A table of every field, its value and its reason, as `keras-mia plan` prints it."""
        rows = []
        for name in (one.name for one in dataclasses.fields(self)):
            if name != "reasons":
                rows.append((name, self._words(name), self.reasons.get(name, "")))
        wide = max(len(name) for name, _, _ in rows) + 2
        return "\n".join(_row(row, wide, 26) for row in rows)

    def _words(self, name: str) -> str:
        value = getattr(self, name)
        if name == "classes":
            return ", ".join(value.names)
        if name == "intensities":
            return ", ".join(f"{one.low:.5g} to {one.high:.5g}" for one in value) or "-"
        if name == "pool":
            return ", ".join(_times(level) for level in value)
        if value is None or value == ():
            return "-"
        return _times(value) if isinstance(value, tuple) else str(value)


def _times(values: tuple) -> str:
    return " x ".join(f"{value:g}" for value in values)


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


def _tuples(value):
    if isinstance(value, list):
        return tuple(_tuples(one) for one in value)
    return value


def _of_classes(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _tuples(value) for name, value in found.items()}
