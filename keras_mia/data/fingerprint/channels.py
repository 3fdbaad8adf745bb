"""The channels that all images of a data set are brought to, by the facts of those for training."""

from collections.abc import Sequence
from typing import NamedTuple

from keras_mia.core.problem import Problem
from keras_mia.data.fingerprint.facts import CaseFacts

COLOURS = "whether channels are red, green and blue"


class Channels(NamedTuple):
    """What the network is given.

    Attributes:
        number: of channels.
        colours: whether they are red, green and blue.
        reason: why, in a sentence.
    """

    number: int
    colours: bool
    reason: str


def common_channels(facts: Sequence[CaseFacts]) -> Channels:
    """The channels of a data set, by its training cases: those of the files where all have as many;
    of grey images and colours together colours, or grey where nothing is coloured.

    Args:
        facts: of the training cases.

    Raises:
        Problem: images have several numbers of channels that cannot be made one; it names those
            that differ from most.
    """
    counts = [one.channels for one in facts]
    if len(set(counts)) == 1:
        colours = counts[0] == 3 and any(one.colours for one in facts)
        return Channels(counts[0], colours, "as the files have")
    usual = max(sorted(set(counts)), key=counts.count)
    odd = [one for one in facts if one.channels != usual]
    if not all(one.channels == 1 or one.colours for one in facts):
        other = next(one.channels for one in odd)
        raise Problem(
            f"Most images have {usual} channels, {len(odd)} have others (such as {other}).",
            ", ".join(one.name for one in odd[:10]),
            "Convert these images, or leave them out.",
        )
    if all(one.grey for one in facts):
        return Channels(1, False, "those stored as colors are gray as well")
    return Channels(3, True, "gray images among colors are repeated as red, green and blue")
