"""Label maps out of one or several masks of an image, as their names tell."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing, natural_key, plural
from keras_mia.data.datasets.case_target import LabelMapFile
from keras_mia.data.datasets.files.image_groups import ImageGroup
from keras_mia.data.datasets.files.naming import Named
from keras_mia.data.datasets.layouts.csv_hint import csv_start
from keras_mia.data.datasets.mask_files import Masks

Target = LabelMapFile | Masks | None
Drawn = list[tuple[Named, Path]]


@dataclass(frozen=True)
class LabelMaps:
    """What is learnt of each image.

    Args:
        targets: the label map of each image, or None.
        names: label value -> structure, where masks of several structures are joined.
        notes: how, in sentences.
    """

    targets: tuple[Target, ...]
    names: Mapping[int, str]
    notes: tuple[str, ...]


def label_maps(groups: Sequence[ImageGroup], root: Path) -> LabelMaps:
    """One label map an image. Of several observers the first one's is taken; numbered masks are
    merged; masks of several structures get a value each.

    Raises:
        Problem: the names do not tell how several masks belong together; it has a table's
            beginning by which the user can.
    """
    drawn, notes = _first_observer([one.labels for one in groups])
    parts = {name.part for one in drawn for name, _ in one}
    many = sum(len(one) > 1 for one in drawn)
    twice = next(
        (i for i, one in enumerate(drawn) if len({n.part for n, _ in one}) < len(one)), None
    )
    numbered = all(word.isdecimal() for part in parts for word in part)
    if not many and (len(parts) == 1 or numbered):
        alone = tuple(LabelMapFile(one[0][1]) if one else None for one in drawn)
        return LabelMaps(alone, {}, tuple(notes))
    if twice is not None or (() in parts and not numbered):
        raise _unclear(groups, drawn, root, twice)
    if numbered:
        notes.append(f"The masks of an image are merged ({plural(many, 'image')} with several).")
        return LabelMaps(tuple(_joined(one, {}) for one in drawn), {}, tuple(notes))
    ordered = sorted(parts, key=lambda part: natural_key(" ".join(part)))
    values = {part: value for value, part in enumerate(ordered, 1)}
    names = {value: " ".join(part) for part, value in values.items()}
    legend = ", ".join(f"{value} {name}" for value, name in names.items())
    notes.append(f"The masks of an image are joined, a value a structure: {legend}.")
    lacking = Counter(part for one in drawn if one for part in parts - {n.part for n, _ in one})
    notes += [
        f"{plural(lacking[part], 'image')} without a mask of {' '.join(part)}: taken as absent."
        for part in ordered
        if lacking[part]
    ]
    targets = tuple(_joined(one, values) for one in drawn)
    return LabelMaps(targets, {0: "background", **names}, tuple(notes))


def _first_observer(drawn: Sequence[Drawn]) -> tuple[list[Drawn], list[str]]:
    observers = sorted({name.observer for one in drawn for name, _ in one})
    if len(observers) < 2:
        return list(drawn), []
    first = observers[0]
    left = [path for one in drawn for name, path in one if name.observer != first]
    note = f"Label maps of other observers are left out ({len(left)}): {listing(left, 1)}."
    return [[pair for pair in one if pair[0].observer == first] for one in drawn], [note]


def _joined(drawn: Drawn, values: Mapping[tuple[str, ...], int]) -> Target:
    if not drawn:
        return None
    ordered = sorted(
        drawn, key=lambda pair: (values.get(pair[0].part, 1), natural_key(pair[1].name))
    )
    return Masks(
        tuple(path for _, path in ordered), tuple(values.get(name.part, 1) for name, _ in ordered)
    )


def _unclear(
    groups: Sequence[ImageGroup], drawn: Sequence[Drawn], root: Path, twice: int | None
) -> Problem:
    at = twice if twice is not None else max(range(len(drawn)), key=lambda i: len(drawn[i]))
    files = [path for _, path in drawn[at]]
    names = ", ".join(path.name for path in files)
    return Problem(
        f"Images have several label maps, and their names do not tell how they belong together:"
        f" {groups[at].images[0].name} has {names}.",
        root,
        csv_start(root, ("image", "label"), (groups[at].images[0], files))
        + "\n  Several label maps of a row are joined, the first is 1, the second 2.",
    )
