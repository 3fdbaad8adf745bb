"""Which layers of a network are drawn as one box."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from keras_mia.models.describe import Row, by
from keras_mia.models.receptive_field import POINTWISE
from keras_mia.report.pictures.colors import color

MOST = 40  # boxes that can be told apart in one picture
SHOWN = ("Dense", "Concatenate", "InputLayer")  # though they change no side


class Kind(NamedTuple):
    """What a box is: its name, its colour, and a pattern for the classes of such layers."""

    name: str
    color: str
    pattern: str


# The first whose pattern is found.
KINDS = (
    Kind("image", "#bbbbbb", "InputLayer"),
    Kind("dense", color(5), "Dense"),
    Kind("upsampling", color(3), "Transpose|Up[sS]ampling"),
    Kind("convolution", color(2), "Conv"),
    Kind("pooling", color(1), "Pool"),
    Kind("joined maps", color(6), "Concatenate"),
    Kind("flattened", "#eeeeee", "Flatten"),
    Kind("other", "#ffffff", ""),
)


@dataclass
class Box:
    """Layers that are drawn as one.

    Args:
        rows: they.
        inputs: names of the boxes that they take from.
        whole: whether they are a part of the network with a name of its own.
    """

    rows: list[Row] = field(default_factory=list)
    inputs: set[str] = field(default_factory=set)
    whole: bool = False

    @property
    def shape(self) -> tuple[int | None, ...]:
        """Of what comes out."""
        return self.rows[-1].shape

    @property
    def side(self) -> float:
        """The mean side (by product); 1 without space, or where none is known."""
        sides = [side for side in self.shape[:-1] if side]
        product = 1.0
        for side in sides:
            product *= side ** (1 / len(sides))
        return product

    @property
    def channels(self) -> int:
        """Of what comes out; 1 where they are not known."""
        return self.shape[-1] or 1

    @property
    def dimensions(self) -> str:
        """The shape in words."""
        return by(self.shape)

    @property
    def kind(self) -> Kind:
        """That of the layer with most operations, or of the first."""
        first = max(self.rows, key=lambda row: row.operations or 0)
        return next(kind for kind in KINDS if re.search(kind.pattern, first.kind))

    def title(self, name: str) -> str:
        """What is written beside it."""
        return f"{name} ({len(self.rows)} layers)" if self.whole else name


def boxes_of(rows: Sequence[Row], most: int = MOST) -> dict[str, Box]:
    """The boxes by name, in the order of the network: `most` of them, where layers' names allow it.

    A layer that changes no shape goes along with the one that it takes from. If that leaves too
    many, the layers of a block become one box, or those of a stage, as their names tell.

    Example:
        >>> from keras_mia.models import lenet
        >>> from keras_mia.models.describe import describe
        >>> list(boxes_of(describe(lenet((32, 32, 1), 10))))[:6]
        ['image', 'conv_1', 'pool_1', 'conv_2', 'pool_2', 'flat']
    """
    homes: dict[str, str] = {}
    for row in rows:
        homes[row.name] = homes[row.inputs[0]] if goes_along(row) else row.name
    level = max(len(parts(name)) for name in homes)
    while len(set(homes.values())) > most and level > 1:
        level -= 1
        homes = {name: "_".join(parts(home)[:level]) for name, home in homes.items()}

    boxes: dict[str, Box] = {}
    for row in rows:
        boxes.setdefault(homes[row.name], Box()).rows.append(row)
    for home, box in boxes.items():
        box.inputs = {homes[name] for row in box.rows for name in row.inputs} - {home}
        box.whole = home != box.rows[0].name and len(box.rows) > 1
    return ordered(boxes)


def ordered(boxes: Mapping[str, Box]) -> dict[str, Box]:
    """The same, none before what it takes from, as far as that can be."""
    left = dict(boxes)
    placed: dict[str, Box] = {}
    while left:
        ready = (name for name, box in left.items() if box.inputs <= placed.keys())
        name = next(ready, next(iter(left)))
        placed[name] = left.pop(name)
    return placed


def goes_along(row: Row) -> bool:
    """Whether the picture is clearer where the layer has no box."""
    return bool(row.inputs and POINTWISE.fullmatch(row.kind) and row.kind not in SHOWN)


def parts(name: str) -> list[str]:
    """What a layer's name tells of its place, from the whole to the detail.

    Example:
        >>> parts("stage_1_block_2_conv_3")
        ['stage_1', 'block_2', 'conv_3']
    """
    return re.findall(r"[^_]+(?:_\d+)?", name)
