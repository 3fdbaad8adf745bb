"""A single case split in space: parts of one axis train, validate and test."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing
from keras_mia.data.datasets.cases import Case, Slab
from keras_mia.data.image import Image
from keras_mia.data.io.labels.ranges import Ranges, merge

CUTS = (0.5, 0.4, 0.6, 0.3, 0.7)
"""Shares of an axis that the test may take, in the order of preference."""

VALIDATES = 0.1
"""Share of the axis beside it that validates."""

ALONE = {"train": (0.2, 1.0), "validation": (0.0, 0.2)}
"""Where the only training case also validates."""

UNLABELED = {"train": (0.0, 0.9), "validation": (0.9, 1.0)}
"""The same where there is no label map, of which each part would have to hold enough."""

COARSE = 2.0
"""Times the smallest voxel side from which on the largest tells slices, which are parted where no
label map says what each part has to hold."""

HELD = 0.02
"""Share of a class's voxels from which on a part holds it."""

Shares = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Division:
    """A way to split an axis.

    Args:
        axis: of the file's own order.
        shares: of each part, where it begins and ends.
        values: the label values that count.
        held: those of them that each part holds.
    """

    axis: int
    shares: Shares
    values: frozenset[int]
    held: Mapping[str, frozenset[int]]

    @property
    def shared(self) -> int:
        """How many values training and test, if there is one, both hold."""
        return len(self.held["train"] & self.held.get("test", self.values))


def divided(
    case: Case, keep: Sequence[int] | None, ranges: Ranges = (), *, test: bool = True
) -> tuple[Division, list[Case]]:
    """The best way to split a case in space, and its parts.

    Training and test both hold all classes, if any axis, from either end, allows it; of such ways
    the test takes as nearly half as can be, validation holds most classes, and the axis is the
    longest.

    Args:
        case: to split; what is split already, or lies within a region, is split further.
        keep: the label values that count; None is all.
        ranges: label values that are read as one.
        test: whether a part tests; else one trains and one validates.
    """
    image = case.image()
    space, axes = image.space, sorted(range(image.rank), key=lambda axis: -image.space[axis])
    if not case.label_files and image.spacing and max(image.spacing) > COARSE * min(image.spacing):
        axes = [int(np.argmax(image.spacing))]
    tables, values = _tables(case, space, keep, ranges)
    ways = [
        _division(axis, shares, tables[axis], values)
        for shares in (_with_test() if test else _without_test(labeled=bool(values)))
        for axis in axes
    ]
    best = max(
        ways, key=lambda one: (one.shared, _nearly_half(one.shares), len(one.held["validation"]))
    )
    return best, [
        _slab(case, part, best.axis, low, high) for part, (low, high) in best.shares.items()
    ]


def part_of(image: Image, region: Path | Slab | None) -> Image:
    """The part of an image that a slab limits a case to.

    Args:
        image: of the case.
        region: of the case; all of the image is kept where it is no slab.

    Returns:
        An image of its own, whose affine is that of its first voxel.

    Example:
        >>> image = Image(np.arange(4.0).reshape(4, 1, 1), None)
        >>> part_of(image, Slab(0, 0.5, 1.0)).array.ravel().tolist()
        [2.0, 3.0]
    """
    if not isinstance(region, Slab):
        return image
    inside = np.flatnonzero(region.mask(image.space).any(axis=_others(region.axis, image.rank)))
    kept = slice(int(inside[0]), int(inside[-1]) + 1)
    cut = [slice(None)] * image.rank
    cut[region.axis] = kept
    affine = image.affine
    if affine is not None:
        start = np.zeros(3)
        start[region.axis] = kept.start
        affine = affine.copy()
        affine[:3, 3] += affine[:3, :3] @ start
    return replace(image, array=image.array[tuple(cut)], affine=affine)


def _others(axis: int, rank: int) -> tuple[int, ...]:
    return tuple(one for one in range(rank) if one != axis)


def check_parts(divisions: Sequence[Division], where: object) -> None:
    """Sees to it that training and test of a single patient hold the same classes.

    Args:
        divisions: of the patient's cases.
        where: what they were read from.

    Raises:
        Problem: a class would be learnt and not evaluated, or evaluated and not learnt.
    """
    values = sorted(frozenset().union(*(one.values for one in divisions)))
    held = [frozenset().union(*(one.held[part] for one in divisions)) for part in ("train", "test")]
    lacking = [value for value in values if not all(value in part for part in held)]
    if not lacking:
        return
    left = [str(value) for value in values[1:] if value not in lacking]
    without = f", or leave out what cannot be evaluated: --classes {','.join(left)}" if left else ""
    raise Problem(
        "There is one patient only, who is split in space: a part trains, another tests. Along no"
        f" axis do both hold label {listing(lacking, 5)}, which would be evaluated where it was"
        " not learnt, or learnt and not evaluated.",
        where,
        f"Give a second patient{without}.",
    )


def _with_test() -> Iterator[Shares]:
    for cut in CUTS:
        middle = cut + VALIDATES
        yield {"train": (middle, 1.0), "validation": (cut, middle), "test": (0.0, cut)}
        yield {
            "train": (0.0, 1 - middle),
            "validation": (1 - middle, 1 - cut),
            "test": (1 - cut, 1.0),
        }


def _without_test(*, labeled: bool) -> Iterator[Shares]:
    if not labeled:
        yield UNLABELED
        return
    yield ALONE
    yield {part: (1 - high, 1 - low) for part, (low, high) in ALONE.items()}


def _nearly_half(shares: Shares) -> float:
    low, high = shares.get("test", (0.0, 0.5))
    return -round(abs(high - low - 0.5), 6)


def _tables(
    case: Case, space: Sequence[int], keep: Sequence[int] | None, ranges: Ranges
) -> tuple[list[np.ndarray], list[int]]:
    """For each axis, `(values, voxels of the axis)`, how often each label value is at each."""
    if not case.label_files:
        return [np.zeros((0, length), int) for length in space], []
    label = merge(case.label().array[..., 0], ranges)
    region = case.region_mask()
    present = np.unique(label if region is None else label[region])
    codes = np.searchsorted(present, label)
    if region is not None:
        codes = np.where(region, codes, len(present))
    tables = [
        np.stack(
            [
                np.bincount(plane.reshape(-1), minlength=len(present) + 1)[: len(present)]
                for plane in np.moveaxis(codes, axis, 0)
            ],
            axis=1,
        )
        for axis in range(len(space))
    ]
    chosen = [i for i, value in enumerate(present.tolist()) if keep is None or value in keep]
    return [table[chosen] for table in tables], present[chosen].tolist()


def _division(axis: int, shares: Shares, table: np.ndarray, values: Sequence[int]) -> Division:
    least = np.maximum(1, HELD * table.sum(1))
    length = (table.shape[1],)
    held = {
        part: frozenset(
            value
            for value, enough in zip(
                values, table[:, Slab(0, low, high).mask(length)].sum(1) >= least, strict=True
            )
            if enough
        )
        for part, (low, high) in shares.items()
    }
    return Division(axis, shares, frozenset(values), held)


def _slab(case: Case, part: str, axis: int, low: float, high: float) -> Case:
    within = case.region if not isinstance(case.region, Slab) else case.region.within
    name = case.name if part == "test" else f"{case.name}-{part}"
    return replace(case, name=name, split=part, region=Slab(axis, low, high, within))
