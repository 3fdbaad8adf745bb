"""One rule for the label maps of a data set that are pictures of several kinds."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_target import LabelMapFile
from keras_mia.data.datasets.cases import Case
from keras_mia.data.io.formats import FORMATS, suffix_of
from keras_mia.data.io.image_io import read_label
from keras_mia.data.io.labels.integers import remedy_command
from keras_mia.data.io.pictures import pillow, pixels, tiff

KINDS: dict[Any, Callable[[Path], tuple[int, np.ndarray | None]]] = {
    pillow.read: pillow.kind_of_label,
    tiff.read: tiff.kind_of_label,
}
"""What tells the kind of a label map, by what reads an image of the format."""


@dataclass(frozen=True)
class LabelKind:
    """How a picture holds labels.

    Args:
        white: the number that is stored for white.
        palette: its colours, three bytes each, where the numbers are indices of them.
    """

    white: int
    palette: bytes | None = None

    @property
    def coloured(self) -> bool:
        """Whether the palette holds more than shades of grey."""
        return self.palette is not None and not pixels.palette_is_grey(self.colours)

    @property
    def colours(self) -> np.ndarray:
        """The palette, `(n, 3)`."""
        return np.frombuffer(self.palette or b"", np.uint8).reshape(-1, 3)

    def __str__(self) -> str:
        if self.palette is not None:
            return "indexed" if self.coloured else "indexed shades of gray"
        bits = self.white.bit_length()
        return f"gray of {bits} bit{'' if bits == 1 else 's'}"


def with_label_values(cases: Sequence[Case]) -> tuple[list[Case], tuple[str, ...]]:
    """The cases with how their label maps are read, and a note where that had to be decided; what
    was decided for more of them stays.

    Raises:
        Problem: the colours of palettes contradict each other.
    """
    targets = [case.target for case in cases if isinstance(case.target, LabelMapFile)]
    if any(target.read_as for target in targets):
        return list(cases), ()
    files = list(dict.fromkeys(target.path for target in targets))
    kinds = kinds_of(files)
    values = common_values(kinds)
    if values is None:
        return list(cases), ()
    count = Counter(map(str, kinds.values()))
    counts = ", ".join(f"{number} {kind}" for kind, number in sorted(count.items()))
    how = "the numbers that they store" if values == "stored" else "the gray values that they show"
    made = [
        replace(case, target=replace(case.target, read_as=values))
        if isinstance(case.target, LabelMapFile) and case.target.path in kinds
        else case
        for case in cases
    ]
    return made, (f"Label maps of several kinds ({counts}) are read by {how}.",)


def kinds_of(files: Sequence[Path]) -> dict[Path, LabelKind]:
    """The kinds of those files that are pictures and can be read; no pixel is."""
    kinds = {}
    for file in files:
        form = FORMATS.get((suffix_of(file) or "").lower())
        kind_of = KINDS.get(form.read) if form else None
        if kind_of is None:
            continue
        try:
            white, palette = kind_of(file)
        except Exception:  # broken in any way: whoever reads the labels says so
            continue
        ramp = palette is not None and (palette == np.arange(len(palette))[:, None]).all()
        kinds[file] = LabelKind(white, None if palette is None or ramp else palette.tobytes())
    return kinds


def common_values(kinds: dict[Path, LabelKind]) -> str | None:
    """How the label maps of a data set are to be read, whichever kind each of them is.

    With a coloured palette anywhere, by the numbers that are stored. Otherwise as stored or as
    shown, whichever leaves fewer values in all: of masks with 0 and 255 and others of one bit, the
    values shown.

    Args:
        kinds: of the label maps, by their files.

    Returns:
        "stored" or "displayed"; None where each file can be read by itself.

    Raises:
        Problem: an index has one colour in one file and another in another.
    """
    several = set(kinds.values())
    if any(kind.coloured for kind in several):
        clash = _clash(kinds)
        if clash is None:
            return "stored" if not all(kind.coloured for kind in several) else None
        if not _only_grey(kinds):
            raise clash
        return "displayed"
    if len(several) < 2:
        return None
    left = {how: len(_values(kinds, how)) for how in (None, "displayed", "stored")}
    return min(left, key=lambda how: left[how])


def _values(kinds: dict[Path, LabelKind], how: str | None) -> set[int]:
    values: set[int] = set()
    for file in kinds:
        try:
            values |= set(np.unique(read_label(file, values=how).array).tolist())
        except Problem:  # whoever reads the labels says so
            continue
    return values


def _used(file: Path, kind: LabelKind) -> dict[int, tuple[int, ...]]:
    """The colour of each index that a file uses."""
    try:
        indices = np.unique(read_label(file, values="stored").array)
    except Problem:
        return {}
    return {int(index): tuple(kind.colours[index].tolist()) for index in indices}


def _clash(kinds: dict[Path, LabelKind]) -> Problem | None:
    indexed = {file: kind for file, kind in kinds.items() if kind.palette is not None}
    if len(set(indexed.values())) < 2:
        return None
    first_use: dict[int, tuple[tuple[int, ...], Path]] = {}
    for file, kind in indexed.items():
        for index, colour in _used(file, kind).items():
            first, holder = first_use.setdefault(index, (colour, file))
            if first != colour:
                return Problem(
                    f"The palettes of the label maps differ: {index} is {colour} here and {first}"
                    f" in {holder.name}, so that numbers do not tell classes.",
                    file,
                    f"Number the colours: {remedy_command(file, 'colours_to_labels')}",
                )
    return None


def _only_grey(kinds: dict[Path, LabelKind]) -> bool:
    used = [
        colour
        for file, kind in kinds.items()
        if kind.palette is not None
        for colour in _used(file, kind).values()
    ]
    return pixels.palette_is_grey(np.array(used, np.uint8).reshape(-1, 3))
