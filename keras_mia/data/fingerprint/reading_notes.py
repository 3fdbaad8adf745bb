"""What was done to images and label maps when they were read, said once for all of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from keras_mia.core.text import listing
from keras_mia.data.datasets.cases import Case
from keras_mia.data.io.pictures.channels import change, common

SHOWN = 3


class Stored(Protocol):
    """How an image is stored."""

    @property
    def rank(self) -> int:
        """2 for a picture, 3 for a volume."""

    @property
    def dtype(self) -> str:
        """Of its numbers."""


def gathered(found: Iterable[tuple[object, Iterable[str]]]) -> tuple[str, ...]:
    """A sentence for each kind of remark, with how many files it is about.

    Args:
        found: names of cases or files, with the remarks on each.

    Example:
        >>> gathered([("a.jpg", ["Turned"]), ("b.jpg", []), ("c.jpg", ["Turned"])])
        ('Turned: 2 (a.jpg, c.jpg).',)
    """
    names: dict[str, dict[str, None]] = {}
    for name, remarks in found:
        for remark in remarks:
            names.setdefault(remark, {})[str(name)] = None
    return tuple(
        f"{remark}: {len(about)} ({listing(list(about), SHOWN)})."
        for remark, about in names.items()
    )


def as_read(seen: Sequence[tuple[Case, Any]]) -> tuple[str, ...]:
    """What reading did to the images and label maps of a data set, and what preparing will do to
    their channels.

    Args:
        seen: cases, with or without a split, with the facts of each image or the look at it.

    Raises:
        Problem: the images' channels cannot be made alike.
    """
    learnt = [facts for case, facts in seen if case.split == "train"]
    wanted = common(learnt or [facts for _, facts in seen])

    def remarks(facts: Any) -> list[str]:
        said = change(facts.channels, facts.colours, wanted.number, wanted.colours, facts.grey)
        return [*facts.remarks, *([said] if said else [])]

    found = bit_depths([facts for _, facts in seen])
    said = ", ".join(f"{count} of {dtype}" for dtype, count in sorted(found.items()))
    several = (f"Pictures of several depths: {said}.",) if len(found) > 1 else ()
    return gathered((case.name, remarks(facts)) for case, facts in seen) + several


def bit_depths(seen: Sequence[Stored]) -> dict[str, int]:
    """The types of numbers that pictures are stored in, such as "uint8", and how many have each."""
    return dict(Counter(one.dtype for one in seen if one.rank == 2))
