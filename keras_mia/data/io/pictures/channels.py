"""Grey images among colours, and colours among grey ones: one number of channels for a data set."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.image import Image
from keras_mia.data.io.pictures.pixels import luminance

REPEATED = "Gray images are repeated as red, green and blue"
ONE_OF_THREE = "Gray images that are stored as colors are taken as gray"
LUMINANCE = "Colors become gray by their luminance"
COLOURS = "whether channels are red, green and blue"


class Coloured(Protocol):
    """What is known of an image's channels."""

    @property
    def name(self) -> str:
        """Of the case."""

    @property
    def channels(self) -> int:
        """How many."""

    @property
    def colours(self) -> bool:
        """Whether three channels are red, green and blue."""

    @property
    def grey(self) -> bool:
        """Whether all channels are equal."""


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


Seen = TypeVar("Seen", bound=Coloured)


def common(seen: Sequence[Coloured]) -> Channels:
    """The channels of a data set, by its training cases: those of the files where all have as many;
    of grey images and colours together colours, or grey where nothing is coloured.

    Raises:
        Problem: images have several numbers of channels that cannot be made one; it names those
            that differ from most.
    """
    counts = [one.channels for one in seen]
    if len(set(counts)) == 1:
        colours = counts[0] == 3 and any(one.colours for one in seen)
        return Channels(counts[0], colours, "as the files have")
    usual = max(sorted(set(counts)), key=counts.count)
    odd = [one for one in seen if one.channels != usual]
    if not all(one.channels == 1 or one.colours for one in seen):
        other = next(one.channels for one in odd)
        raise Problem(
            f"Most images have {usual} channels, {len(odd)} have others (such as {other}).",
            ", ".join(one.name for one in odd[:10]),
            "Convert these images, or leave them out.",
        )
    if all(one.grey for one in seen):
        return Channels(1, False, "those stored as colors are gray as well")
    return Channels(3, True, "gray images among colors are repeated as red, green and blue")


def in_channels(seen: Seen, channels: int) -> Seen:
    """What is known of an image, with its intensities in as many channels as `common` gives."""
    known: Any = seen
    if known.channels == channels:
        return seen
    pick = [0] * channels
    values = {
        "low": tuple(known.low[at] for at in pick),
        "high": tuple(known.high[at] for at in pick),
        "sample": known.sample[:, pick],
    }
    if hasattr(known, "percentiles"):
        values["percentiles"] = known.percentiles[pick]
    return replace(known, channels=channels, **values)


def change(
    channels: int, colours: bool, wanted: int, wanted_colours: bool, grey: bool = False
) -> str | None:
    """What is done to an image to have as many channels as a plan asks for, in words.

    Args:
        channels: of the image.
        colours: whether they are red, green and blue.
        wanted: by the plan.
        wanted_colours: whether those are red, green and blue.
        grey: whether the image's channels are equal.

    Returns:
        None where nothing is, or nothing can be done.
    """
    if channels == 1 and wanted == 3 and wanted_colours:
        return REPEATED
    if channels == 3 and colours and wanted == 1:
        return ONE_OF_THREE if grey else LUMINANCE
    return None


def fitted(image: Image, plan: Any) -> Image:
    """An image with the channels that a plan asks for, and a remark where they were changed; the
    image itself where that cannot be.

    Args:
        image: as read.
        plan: with `channels` and `colours`.

    Example:
        >>> from types import SimpleNamespace
        >>> grey = Image(np.full((1, 1, 1), 7, np.uint8))
        >>> fitted(grey, SimpleNamespace(channels=3, colours=True)).array.tolist()
        [[[7, 7, 7]]]
    """
    array = image.array
    said = change(array.shape[-1], image.colours, plan.channels, plan.colours, is_grey(image.array))
    if said is None:
        return image
    array = np.repeat(array, 3, axis=-1) if said == REPEATED else luminance(array)[..., None]
    return replace(image, array=array, colours=plan.colours, remarks=(*image.remarks, said))


def one_channel(image: Image) -> Image:
    """An image that is one channel of a case: grey that is stored as colours has one."""
    if not (image.colours and is_grey(image.array)):
        return image
    remarks = (*image.remarks, ONE_OF_THREE)
    return replace(image, array=image.array[..., :1], colours=False, remarks=remarks)


def is_grey(array: np.ndarray) -> bool:
    """Whether all channels of `(*space, channels)` are equal."""
    return all(np.array_equal(array[..., 0], array[..., i]) for i in range(1, array.shape[-1]))
