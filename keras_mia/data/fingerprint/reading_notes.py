"""What was done to images and label maps when they were read, said once for all of them."""

from collections import Counter
from collections.abc import Iterable, Sequence

from keras_mia.core.text import listing
from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.channels import common_channels
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.io.pictures.channels import channel_change

MOST_LISTED = 3


def remark_notes(remarks: Iterable[tuple[object, Iterable[str]]]) -> tuple[str, ...]:
    """A sentence for each kind of remark, with how many files it is about.

    Args:
        remarks: names of cases or files, with the remarks on each.

    Returns:
        The sentences, in the order in which remarks first appear.

    Example:
        >>> remark_notes([("a.jpg", ["Turned"]), ("b.jpg", []), ("c.jpg", ["Turned"])])
        ('Turned: 2 (a.jpg, c.jpg).',)
    """
    names: dict[str, dict[str, None]] = {}
    for name, on_one in remarks:
        for remark in on_one:
            names.setdefault(remark, {})[str(name)] = None
    return tuple(
        f"{remark}: {len(about)} ({listing(list(about), MOST_LISTED)})."
        for remark, about in names.items()
    )


def reading_notes(surveyed: Sequence[tuple[Case, CaseFacts]]) -> tuple[str, ...]:
    """What reading did to the images and label maps of a data set, and what preparing will do to
    their channels.

    Args:
        surveyed: cases, with or without a split, with their facts.

    Returns:
        One sentence each.

    Raises:
        Problem: the images' channels cannot be made alike.
    """
    learnt = [facts for case, facts in surveyed if case.split == "train"]
    wanted = common_channels(learnt or [facts for _, facts in surveyed])

    def remarks(facts: CaseFacts) -> list[str]:
        changed = channel_change(
            facts.channels, facts.colours, wanted.number, wanted.colours, facts.grey
        )
        return [*facts.remarks, *([changed] if changed else [])]

    depths = bit_depths([facts for _, facts in surveyed])
    counts = ", ".join(f"{count} of {dtype}" for dtype, count in sorted(depths.items()))
    several = (f"Pictures of several depths: {counts}.",) if len(depths) > 1 else ()
    return remark_notes((case.name, remarks(facts)) for case, facts in surveyed) + several


def bit_depths(facts: Sequence[CaseFacts]) -> dict[str, int]:
    """The types of numbers that pictures are stored in, such as "uint8", and how many have each.

    Args:
        facts: of some cases.
    """
    return dict(Counter(one.dtype for one in facts if one.rank == 2))
