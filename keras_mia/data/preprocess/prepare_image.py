"""Images of one size, as networks that look at them as a whole take them."""

from collections.abc import Sequence

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.geometry.resampling import resample, voxel_centres
from keras_mia.data.image import Image, ras_orientation
from keras_mia.data.io.pictures.channels import planned_channels
from keras_mia.data.preprocess.image_checks import LIKE_TRAINING, check_image, check_spacing
from keras_mia.data.preprocess.image_plan import ImagePlan
from keras_mia.data.preprocess.normalize import normalize


def prepare_image(image: Image, plan: ImagePlan, where: object = None) -> np.ndarray:
    """An image as it lies in the cache: in the plan's channels, turned, of its size and, where it
    has one, spacing; normalized where that needs all of it.

    Args:
        image: as read.
        plan: what to do.
        where: the file or case, for messages.

    Returns:
        `(*size, channels)`, uint8 where nothing is lost by it, else float32.

    Raises:
        Problem: the plan is not for such an image, as `check_image` and `check_spacing` have it.
    """
    image = planned_channels(image, plan)
    check_image(image, plan, where)
    if plan.bytes and image.array.dtype != np.uint8:
        raise Problem(
            f"The pixels are {image.array.dtype}, those of the training images bytes of 0 to 255.",
            where,
            LIKE_TRAINING,
        )
    orientation = ras_orientation(image)
    array = orientation.apply(image.array)
    if plan.normalization == "zscore":
        array = normalize(array, "zscore")
    if plan.spacing_mm is None:
        array = resample(array, plan.size)
    elif image.spacing_mm is None:
        raise Problem(
            "The image does not say how large its voxels are, those of the training images do.",
            where,
            LIKE_TRAINING,
        )
    else:
        spacing = orientation.permute(image.spacing)
        check_spacing(spacing, plan.spacing_mm, where)
        array = at_spacing(array, spacing, plan.spacing_mm, plan.size)
    return np.round(array).astype(np.uint8) if plan.bytes else np.asarray(array, np.float32)


def at_spacing(
    array: np.ndarray, spacing: Sequence[float], goal: Sequence[float | None], size: Sequence[int]
) -> np.ndarray:
    """The middle of an image on another grid, filled up around it by its darkest value.

    Args:
        array: `(*space, channels)`.
        spacing: mm a voxel, an axis.
        goal: the same of the new grid; None along an axis that is resized.
        size: voxels of the new grid, an axis.

    Returns:
        `(*size, channels)` float32.

    Example:
        >>> at_spacing(np.array([[1.0], [2.0]]), [1.0], [0.5], [6])[:, 0].tolist()
        [1.0, 1.0, 1.25, 1.75, 2.0, 1.0]
    """
    steps = [
        array.shape[axis] / size[axis] if new is None else new / old
        for axis, (old, new) in enumerate(zip(spacing, goal, strict=True))
    ]
    result = resample(array, size, steps=steps)
    result = np.array(result) if result is array else result
    darkest = array.min(axis=tuple(range(array.ndim - 1)))
    for axis, step in enumerate(steps):
        old = array.shape[axis]
        at = voxel_centres(old, size[axis], step)
        outside = (at + step / 2 <= -0.5) | (at - step / 2 >= old - 0.5)
        result[(slice(None),) * axis + (outside,)] = darkest
    return result
