"""Which layers of a network are drawn as one box."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from keras_mia.models.describe import Row, by
from keras_mia.models.receptive_field import POINTWISE
from keras_mia.report.pictures.colors import color

MOST = 40  # boxes that can be told apart in one picture
WITH_A_BOX = ("Dense", "Concatenate", "InputLayer")  # though they change no side


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
    def size(self) -> float:
        """The mean side (by product); 1 without space, or where none is known."""
        sizes = [size for size in self.shape[:-1] if size]
        product = 1.0
        for size in sizes:
            product *= size ** (1 / len(sizes))
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
    box_names: dict[str, str] = {}
    for row in rows:
        box_names[row.name] = box_names[row.inputs[0]] if has_no_box(row) else row.name
    level = max(len(parts(name)) for name in box_names)
    while len(set(box_names.values())) > most and level > 1:
        level -= 1
        box_names = {
            name: "_".join(parts(box_name)[:level]) for name, box_name in box_names.items()
        }

    boxes: dict[str, Box] = {}
    for row in rows:
        boxes.setdefault(box_names[row.name], Box()).rows.append(row)
    for box_name, box in boxes.items():
        box.inputs = {box_names[name] for row in box.rows for name in row.inputs} - {box_name}
        box.whole = box_name != box.rows[0].name and len(box.rows) > 1
    return ordered(boxes)


def ordered(boxes: Mapping[str, Box]) -> dict[str, Box]:
    """The same, none before what it takes from, as far as that can be."""
    remaining = dict(boxes)
    in_order: dict[str, Box] = {}
    while remaining:
        drawable = (name for name, box in remaining.items() if box.inputs <= in_order.keys())
        name = next(drawable, next(iter(remaining)))
        in_order[name] = remaining.pop(name)
    return in_order


def has_no_box(row: Row) -> bool:
    """Whether the picture is clearer where the layer has no box."""
    return bool(row.inputs and POINTWISE.fullmatch(row.kind) and row.kind not in WITH_A_BOX)


def parts(name: str) -> list[str]:
    """The parts of a layer's name, from the whole to the detail.

    Example:
        >>> parts("stage_1_block_2_conv_3")
        ['stage_1', 'block_2', 'conv_3']
    """
    return re.findall(r"[^_]+(?:_\d+)?", name)
