"""What the numbers of a box mean: the names of columns, and the axes of an image."""

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

AXES = {2: {"y": 0, "x": 1}, 3: {"x": 0, "y": 1, "z": 2}}
"""By the rank of an image, the axis of its array that each direction runs along: x from column to
column of a picture and y from row to row; of a volume x along the first axis."""

LETTERS = {"row": "y", "r": "y", "column": "x", "col": "x", "c": "x", "slice": "z"}
LOW = ("min", "low", "lower", "start", "begin", "0")
HIGH = ("max", "high", "upper", "stop", "end", "2")
SIZES = {"w": "x", "width": "x", "h": "y", "height": "y", "d": "z", "depth": "z"}
EDGES = {"left": "x low", "top": "y low", "right": "x high", "bottom": "y high"}
BEGINS = re.compile(r"^(b?box|bb|bounding_?box|roi|annotation)[_\-. ]+")
ONE_COLUMN = {"xyxy": "x0 y0 x1 y1", "xywh": "x y w h", "yxyx": "y0 x0 y1 x1"}
COLUMN_EXAMPLES = (
    "xmin ymin xmax ymax, x0 y0 x1 y1, row0 col0 row1 col1 or x y w h, with zmin, zmax for volumes"
)

REMEDIES = {
    "box in shares": "Boxes are in voxels: multiply x by each image's width and y by its height.",
    "box outside": "Correct the box, or say by the columns' names what its numbers are.",
    "reversed box": "Write the lower corner first.",
    "box without size": "Correct the box, or leave the case out.",
}
"""Each fault of a box, and what to do about it."""


@lru_cache(maxsize=64)
def corners_of(columns: tuple[str, ...]) -> tuple[str, ...] | None:
    """What the numbers of a box stand for, by the names of their columns, or of the only one.

    Args:
        columns: their names; an only one may name all numbers, as "xmin ymin xmax ymax" or
            "bbox_xywh" do.

    Returns:
        For each number its direction and "low", "high", "size" or "middle"; None where the names
        do not tell.

    Example:
        >>> corners_of(("xmin", "ymin", "xmax", "ymax"))
        ('x low', 'y low', 'x high', 'y high')
        >>> corners_of(("bbox_xywh",)), corners_of(("row0", "col0", "row1", "col1"))
        (('x low', 'y low', 'x size', 'y size'), ('y low', 'x low', 'y high', 'x high'))
    """
    names = [BEGINS.sub("", column.strip().lower()) for column in columns]
    if len(names) == 1:
        names = re.split(r"[\s,;|/]+", ONE_COLUMN.get(names[0], names[0]).strip("()[] "))
    meanings = [_meaning(name) for name in names]
    if None in meanings or len(meanings) not in (4, 6):
        return None
    corners = [str(one) for one in meanings]
    if "1" in {one[-1] for one in corners}:  # x0 and x1, or x1 and x2
        last = "high" if any(name.endswith("0") for name in names) else "low"
        corners = [one.replace("1", last) for one in corners]
    axes = sorted({one[0] for one in corners})
    if axes not in (["x", "y"], ["x", "y", "z"]):
        return None
    for axis in axes:
        ends = sorted(one[2:] for one in corners if one[0] == axis)
        if ends not in (["high", "low"], ["low", "size"], ["middle", "size"]):
            return None
    return tuple(corners)


def _meaning(name: str) -> str | None:
    if name in EDGES:
        return EDGES[name]
    if name in SIZES:
        return f"{SIZES[name]} size"
    parts = [word for word in re.split(r"[_\-. ]+|(?<=[a-z])(?=\d)", name) if word]
    if len(parts) == 1:
        split = re.fullmatch(
            r"([xyzrc])(min|max|low|high|start|end|stop|c|center|centre)"
            r"|(min|max|c|center|centre)(row|col|[xyzrc])",
            name,
        )
        parts = [part for part in split.groups() if part] if split else parts
    axis = [LETTERS.get(word, word) for word in parts if LETTERS.get(word, word) in ("x", "y", "z")]
    bounds = [word for word in parts if LETTERS.get(word, word) not in ("x", "y", "z")]
    if name in ("xc", "yc", "zc", "cx", "cy", "cz"):
        axis, bounds = [name.strip("c")], ["center"]
    if len(axis) != 1 or len(bounds) > 1:
        return None
    end = bounds[0] if bounds else "low"
    for ends, meaning in (
        (LOW, "low"),
        (HIGH, "high"),
        (("low",), "low"),
        (("center", "centre", "c", "mid", "middle"), "middle"),
        (("1",), "1"),
    ):
        if end in ends:
            return f"{axis[0]} {meaning}"
    return None


def in_axes(numbers: Sequence[float], corners: Sequence[str] | None, rank: int) -> np.ndarray:
    """A box's lower corner and then its upper one, along the axes of the image's array.

    Args:
        numbers: as the data have them.
        corners: what each stands for, as `corners_of` tells; None: lower corner, then upper one,
            along the axes of the array.
        rank: axes of the image.

    Returns:
        `(2 * rank,)`.

    Raises:
        ValueError: there are not two numbers an axis.

    Example:
        >>> in_axes([10, 20, 30, 5], corners_of(("x", "y", "w", "h")), 2).tolist()
        [20.0, 10.0, 25.0, 40.0]
    """
    if len(numbers) != 2 * rank:
        raise ValueError(f"a box of {rank} axes has {2 * rank} numbers, not {len(numbers)}")
    if corners is None:
        return np.array(numbers, float)
    by_corner = dict(zip(corners, map(float, numbers), strict=True))
    box = np.zeros(2 * rank)
    for letter, axis in AXES[rank].items():
        if f"{letter} middle" in by_corner:
            half = by_corner[f"{letter} size"] / 2
            box[axis], box[rank + axis] = (
                by_corner[f"{letter} middle"] - half,
                by_corner[f"{letter} middle"] + half,
            )
        else:
            low = by_corner[f"{letter} low"]
            box[axis] = low
            box[rank + axis] = by_corner.get(
                f"{letter} high", low + by_corner.get(f"{letter} size", 0.0)
            )
    return box


def named_corners(box: np.ndarray, columns: tuple[str, ...]) -> dict[str, float]:
    """A box as the data have it: the way back from `in_axes`.

    Args:
        box: `(2 * axes,)`, as `in_axes` gives it.
        columns: whose names say what the numbers are; none: those of the corners.

    Returns:
        For each number its name and its value.

    Example:
        >>> named_corners(np.array([20.0, 10.0, 25.0, 40.0]), ("x", "y", "w", "h"))
        {'x': 10.0, 'y': 20.0, 'w': 30.0, 'h': 5.0}
    """
    rank, corners = len(box) // 2, corners_of(columns) if columns else None
    if corners is None:
        names = [f"{end}_{axis}" for end in ("low", "high") for axis in range(rank)]
        return dict(zip(names, box.tolist(), strict=True))
    names = list(columns) if len(columns) == len(corners) else list(corners)
    named = {}
    for name, corner in zip(names, corners, strict=True):
        axis = AXES[rank][corner[0]]
        low, high = float(box[axis]), float(box[rank + axis])
        ends = {"low": low, "high": high, "size": high - low, "middle": (low + high) / 2}
        named[name] = ends[corner[2:]]
    return named


def box_fault(box: np.ndarray, space: Sequence[int]) -> tuple[str, str] | None:
    """What is wrong with a box, as the kind of finding and in words.

    Args:
        box: `(2 * axes,)`, as `in_axes` gives it.
        space: voxels an axis of the image.

    Returns:
        Kind and sentence; None of a box that can be used.

    Example:
        >>> box_fault(np.array([5, 5, 9, 30.0]), (40, 20))[0]
        'box outside'
        >>> box_fault(np.array([0.2, 0.2, 0.7, 0.5]), (40, 20))[0]
        'box in shares'
        >>> box_fault(np.array([5, 5, 9, 15.0]), (40, 20)) is None
        True
    """
    low, high = np.split(box, 2)
    extent = f"{_corner_text(low)} to {_corner_text(high)}"
    if (low > high).any():
        return "reversed box", f"Its corners are in the wrong order: {extent}."
    if (low == high).any():
        return "box without size", f"It has no size along an axis: {extent}."
    if (box >= 0).all() and (box <= 1).all() and min(space) > 1:
        return "box in shares", f"It goes from {extent}, which are shares of sides and no voxels."
    if (low < 0).any() or (high > np.array(space)).any():
        sizes = " x ".join(map(str, space))
        return "box outside", f"It goes from {extent}, the image has {sizes} voxels."
    return None


def are_swapped(boxes: Sequence[np.ndarray], spaces: Sequence[Sequence[int]]) -> bool:
    """Whether all boxes would be whole and inside their images with the first two axes swapped.

    Args:
        boxes: as `in_axes` gives them.
        spaces: voxels an axis of each image.
    """
    return all(
        box_fault(np.concatenate([half[_order(len(half))] for half in np.split(box, 2)]), space)
        is None
        for box, space in zip(boxes, spaces, strict=True)
    )


def _order(rank: int) -> list[int]:
    return [1, 0, *range(2, rank)]


def _corner_text(corner: np.ndarray) -> str:
    return f"({', '.join(f'{number:g}' for number in corner)})"
