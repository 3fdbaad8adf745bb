"""Whether the values of label maps are what they seem: blurred masks, and numbered objects."""

import itertools
import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

NEAR = 0.1
"""Share of the range of values that counts as near one of its ends."""

ENDS = 0.8
"""Share of the voxels that lie near the two ends in a blurred binary mask, or more."""

BRIGHT = 0.25
"""Share of the voxels away from the lower end that lie near the upper one, or more."""

SPAN = 32
"""A smaller range of values is that of classes."""

NOISE = 3
"""Steps from an end that compression alone explains."""

WHOLE = 0.9
"""Share of the values that are one connected piece each, where they number objects, or more."""

DENSE = 0.8
"""Share of the numbers up to the largest that a map of numbered objects uses."""

SHADES, MANY_VALUES = 12, 64
"""Values that are in many pieces each, from which on they are shades and no classes: where the
largest is one that masks are written with, and wherever it is."""

OBJECTS, MANY_OBJECTS = 5, 20
"""Different values from which on they may number objects, whatever else they could be."""

TOPS = (255, 65535)
"""What the object of a binary mask is usually written as."""


PEAK, PEAK_DISTANCE = 0.005, 16
"""A value of a lossy file is a class's own if it has this share of the voxels and no value within
this distance has more."""


@dataclass(frozen=True)
class LabelFault:
    """Why label values cannot be taken as classes as they are.

    Args:
        kind: of finding, as the doctor calls it.
        what: was found, in a sentence.
        remedy: what to do about it.
        example: number of a label map that shows it; None where it takes all of them.
    """

    kind: str
    what: str
    remedy: str
    example: int | None = None


def label_fault(
    counts: Sequence[Mapping[int, int]],
    one_piece: Sequence[float],
    *,
    named: Collection[int] = (),
    lossy: bool = False,
    are_classes: bool = False,
) -> LabelFault | None:
    """What speaks against taking the values of label maps as classes.

    Args:
        counts: of each label map, label value -> number of voxels.
        one_piece: of each, the share of the values that are one connected piece.
        named: values that have a name, and so are meant.
        lossy: whether files are of a kind that changes values (JPEG).
        are_classes: whether values are classes, whatever their pieces look like.

    Example:
        >>> label_fault([{0: 90, 1: 9, 254: 3, 255: 90}], [0.3]).kind
        'blurred labels'
    """
    pooled: Counter[int] = Counter()
    for one in counts:
        pooled.update(one)
    cuts = (blurred_classes(pooled) if lossy else None) or blurred(pooled, named)
    if not cuts and not are_classes and _scattered(counts, one_piece):
        cuts = smoothed(pooled, named)
    if cuts and not set(pooled) <= set(named):
        return _blurred_fault(counts, pooled, cuts)
    if coded := several_codes(counts, named):
        coded_text = " and ".join(f"{number} hold {value}" for value, number in coded.items())
        names = ",".join(f"{value}=foreground" for value in coded)
        return LabelFault(
            "one class in several values",
            f"Of {len(counts)} binary masks {coded_text}, and none two of these: one class is"
            " written in several ways.",
            f"Say --labels 0=background,{names} (the names are yours; other names make them"
            " classes of their own).",
        )
    if not are_classes and number_objects(counts, one_piece, named):
        return LabelFault(
            "numbered objects",
            f"The label maps hold {len(pooled)} different values, each of one connected piece, and"
            " hardly two of them agree: they number objects (instances) and name no classes."
            if len(counts) > 1
            else f"The label map holds {len(pooled)} different values, each of one connected piece:"
            " it numbers objects (instances) and names no classes.",
            "Say --instances merge to take all objects as one class, or --instances classes if the"
            " values are classes all the same.",
        )
    return None


def _blurred_fault(
    counts: Sequence[Mapping[int, int]], pooled: Collection[int], cuts: Sequence[int]
) -> LabelFault:
    clusters = len(cuts) - 1
    soft = [number for number, values in enumerate(counts) if len(values) > clusters]
    why = "masks that compression (JPEG), resampling or smoothing has blurred"
    why += f", {len(soft)} of {len(counts)} of them" if soft else ", or written in several ways"
    return LabelFault(
        "blurred labels",
        f"The label maps hold {len(pooled)} values in {clusters} clusters, from {min(pooled)}"
        f" to {max(pooled)}: {why}.",
        f"Say which values are which, as in {option(cuts)} (the names are yours); or save the"
        " masks again without loss, such as PNG.",
        soft[0] if soft else 0,
    )


def several_codes(
    counts: Sequence[Mapping[int, int]], named: Collection[int] = ()
) -> dict[int, int] | None:
    """The values by which binary masks write their object, where they do so in several ways.

    Args:
        counts: of each label map, label value -> number of voxels.
        named: values that have a name, and so are meant.

    Returns:
        Value -> in how many maps it is; None where maps are not binary, or agree.

    Example:
        >>> several_codes([{0: 9, 255: 1}, {0: 8, 1: 2}, {0: 7, 1: 3}, {0: 10}])
        {1: 2, 255: 1}
    """
    tops = Counter(value for one in counts for value in one if value)
    binary = all(len(set(one) - {0}) <= 1 for one in counts)
    if not binary or len(tops) < 2 or set(tops) - {1, *TOPS} or set(tops) <= set(named):
        return None
    return dict(sorted(tops.items()))


def option(cuts: Sequence[int]) -> str:
    """The option that cuts label values into classes.

    Args:
        cuts: where each begins, and the first value beyond all.

    Example:
        >>> option([0, 128, 256])
        '--labels 0-127=background,128-255=foreground'
    """
    names = ["background", "foreground"]
    if len(cuts) > 3:
        names = ["background", *(f"class{number}" for number in range(1, len(cuts) - 1))]
    spans = [
        f"{low}-{high - 1}={name}" if high - 1 > low else f"{low}={name}"
        for low, high, name in zip(cuts, cuts[1:], names, strict=False)
    ]
    return f"--labels {','.join(spans)}"


def blurred(counts: Mapping[int, int], named: Collection[int] = ()) -> list[int] | None:
    """Where to cut binary masks that compression, resampling or smoothing has blurred.

    Nearly all voxels lie near the two ends, and a few between them, also in the upper half, where
    numbers of classes with one 255 to be ignored have none.

    Args:
        counts: label value -> number of voxels, of all label maps together.
        named: values that have a name, and so are meant.

    Returns:
        Cuts, as `option` takes them; None where they are no such masks.

    Example:
        >>> blurred({0: 900, 1: 30, 130: 2, 252: 5, 255: 90})
        [0, 128, 256]
        >>> blurred({0: 900, 128: 40, 255: 60}) is None
        True
    """
    low, high = min(counts, default=0), max(counts, default=0)
    span, inner = high - low, [value for value in counts if low < value < high]
    if low < 0 or span < SPAN or not set(inner) - set(named):
        return None
    noise = all(min(value - low, high - value) <= NOISE for value in inner)
    upper = any(value - low > span / 2 for value in inner)
    if not upper or (len(inner) < 3 and not noise):
        return None
    total = sum(counts.values())
    dark = sum(count for value, count in counts.items() if value - low <= NEAR * span)
    bright = sum(count for value, count in counts.items() if high - value <= NEAR * span)
    if dark + bright < ENDS * total or bright < BRIGHT * (total - dark):
        return None
    bottom, top = _ends(low, high)
    return [bottom, math.ceil((bottom + top) / 2), top + 1]


def smoothed(counts: Mapping[int, int], named: Collection[int] = ()) -> list[int] | None:
    """Where to cut binary masks that are smoothed so much that few voxels are as bright as before.

    There are many values, up to one that masks are written with or nearly as many as an image has,
    and most voxels lie near the lower end.

    Args:
        counts: label value -> number of voxels, of all label maps together, of which hardly a value
            is one connected piece.
        named: values that have a name, and so are meant.
    """
    low, high = min(counts, default=0), max(counts, default=0)
    bottom, top = _ends(low, high)
    least = SHADES if top in TOPS else MANY_VALUES
    upper = any((low + high) / 2 < value < high for value in counts)
    if low < 0 or not upper or len(counts) < least:
        return None
    if len(set(counts) & set(named)) * 2 > len(counts):
        return None
    dark = sum(count for value, count in counts.items() if value - low <= NEAR * (high - low))
    if dark * 2 < sum(counts.values()):
        return None
    return [bottom, math.ceil((bottom + top) / 2), top + 1]


def _scattered(counts: Sequence[Mapping[int, int]], one_piece: Sequence[float]) -> bool:
    weights = [len(one) - 1 for one in counts]
    whole = sum(weight * share for weight, share in zip(weights, one_piece, strict=True))
    return whole * 2 < sum(weights)


def blurred_classes(counts: Mapping[int, int]) -> list[int] | None:
    """Where to cut label maps of several classes that a lossy file has blurred: half way between
    the values that classes had.

    Args:
        counts: label value -> number of voxels, of all label maps together.

    Example:
        >>> blurred_classes({0: 900, 2: 9, 124: 8, 126: 90, 128: 7, 251: 9, 252: 90, 253: 8})
        [0, 63, 189, 256]
    """
    total = sum(counts.values())
    peaks = [
        value
        for value, count in sorted(counts.items())
        if count >= PEAK * total
        and not any(
            (counts[other], -other) > (count, -value)
            for other in range(value - PEAK_DISTANCE, value + PEAK_DISTANCE + 1)
            if other in counts
        )
    ]
    if len(peaks) < 2 or len(peaks) * 2 > len(counts):
        return None
    bottom, top = _ends(min(counts), max(counts))
    middles = [math.ceil((one + next_one) / 2) for one, next_one in itertools.pairwise(peaks)]
    return [bottom, *middles, top + 1]


def _ends(low: int, high: int) -> tuple[int, int]:
    """The values that the ends of a range were before it was blurred."""
    near = NEAR * (high - low)
    return (
        0 if 0 <= low <= near else low,
        next((one for one in TOPS if high <= one <= high + near), high),
    )


def number_objects(
    held: Sequence[Collection[int]], one_piece: Sequence[float], named: Collection[int] = ()
) -> bool:
    """Whether the values of label maps number objects (instances) and name no classes.

    Each value is one connected piece, and the maps do not agree which there are: they count from 1
    to another number in each, or most numbers occur in one map alone.

    Args:
        held: the values of each label map.
        one_piece: share of the values of each that are one connected piece.
        named: values that have a name, and so are classes.

    Example:
        >>> number_objects([range(8), range(5), range(12)], [1.0, 1.0, 1.0])
        True
        >>> number_objects([range(8)] * 3, [1.0, 1.0, 1.0])
        False
    """
    background = min((min(values) for values in held if values), default=0)
    maps = [
        (frozenset(values) - {background}, share)
        for values, share in zip(held, one_piece, strict=True)
        if len(set(values) - {background}) > 0
    ]
    holders = Counter(value for values, _ in maps for value in values)
    if (
        len(holders) < OBJECTS
        or background < 0
        or len(holders.keys() & set(named)) * 2 > len(holders)
    ):
        return False
    pieces = sum(len(values) * share for values, share in maps)
    if pieces < WHOLE * sum(len(values) for values, _ in maps):
        return False
    dense = sum(len(values) >= DENSE * (max(values) - background) for values, _ in maps)
    if len(maps) == 1:
        return len(holders) >= MANY_OBJECTS and dense == 1
    different = len({values for values, _ in maps})
    if dense >= WHOLE * len(maps) and different >= max(2, min(len(maps) / 2, OBJECTS)):
        return True
    few = max(1, len(maps) / 10)
    seldom = sum(count <= few for count in holders.values())
    return len(holders) >= MANY_OBJECTS and seldom * 2 >= len(holders)
