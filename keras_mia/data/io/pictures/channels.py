"""Grey images among colours, and colours among grey ones: one number of channels for a data set."""

from dataclasses import replace
from typing import Any

import numpy as np

from keras_mia.data.image import Image
from keras_mia.data.io.pictures.pixels import luminance

REPEATED = "Gray images are repeated as red, green and blue"
ONE_OF_THREE = "Gray images that are stored as colors are taken as gray"
LUMINANCE = "Colors become gray by their luminance"


def channel_change(
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


def planned_channels(image: Image, plan: Any) -> Image:
    """An image with the channels that a plan asks for, and a remark where they were changed; the
    image itself where that cannot be.

    Args:
        image: as read.
        plan: with `channels` and `colours`.

    Example:
        >>> from types import SimpleNamespace
        >>> grey = Image(np.full((1, 1, 1), 7, np.uint8))
        >>> planned_channels(grey, SimpleNamespace(channels=3, colours=True)).array.tolist()
        [[[7, 7, 7]]]
    """
    array = image.array
    remark = channel_change(
        array.shape[-1], image.colours, plan.channels, plan.colours, is_grey(image.array)
    )
    if remark is None:
        return image
    array = np.repeat(array, 3, axis=-1) if remark == REPEATED else luminance(array)[..., None]
    return replace(image, array=array, colours=plan.colours, remarks=(*image.remarks, remark))


def one_channel(image: Image) -> Image:
    """An image that is one channel of a case: grey that is stored as colours has one.

    Args:
        image: as read.
    """
    if not (image.colours and is_grey(image.array)):
        return image
    remarks = (*image.remarks, ONE_OF_THREE)
    return replace(image, array=image.array[..., :1], colours=False, remarks=remarks)


def is_grey(array: np.ndarray) -> bool:
    """Whether all channels of `(*space, channels)` are equal.

    Args:
        array: of any dtype.
    """
    return all(np.array_equal(array[..., 0], array[..., i]) for i in range(1, array.shape[-1]))
