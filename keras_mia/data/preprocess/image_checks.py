"""What an image has to be, to be trained on as to be predicted: one place for both."""

import math
from collections.abc import Sequence

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.fingerprint.finite import finite_range
from keras_mia.data.fingerprint.intensity import Intensity
from keras_mia.data.image import Image
from keras_mia.data.preprocess.plan import Plan

ABSOLUTE = ("ct", "set", "pixels", "range")
"""Schemes of normalization that take intensities for what they are in every image."""
AIR_HU = -500.0
OTHER_UNIT = 16.0
"""Times all training images from which on intensities are in another unit: 12 or 8 bits for 16."""
ODD_VOXELS = 5.0
"""Times the plan's spacing, along every axis, from which on a header is wrong, or the image of
another kind."""
ABSURD_VOXEL = 50.0
"""The same along a single axis."""
KINDS = {
    **dict.fromkeys(("CR", "DX", "RG", "RF", "XR"), "X-ray"),
    **dict.fromkeys(("MR", "MRI"), "MR"),
    **dict.fromkeys(("PT", "PET"), "PET"),
    **{name: name for name in ("CT", "NM", "US", "MG", "XA", "SM")},
}
"""Modalities of which an image has one; secondary captures and the like may hold any."""
MUCH_SMALLER = 64
"""Times fewer pixels or voxels than the network looks at: nothing of what it learnt can be seen."""
LIKE_TRAINING = "Give images of the kind that was trained on."


def check_image(image: Image, plan: Plan, where: object = None) -> None:
    """Refuses an image that a plan is not for.

    Args:
        image: as read.
        plan: that it is to be prepared by.
        where: the file or case, for messages.

    Raises:
        Problem: it has other axes or channels or is of another modality than the plan, its values
            are not numbers, or they are in another unit than those of all training images.
    """
    if image.rank != plan.image_rank:
        kinds = {2: "picture", 3: "volume"}
        slice_alone = image.rank == 3 and 1 in image.space
        raise Problem(
            f"The image is a {kinds[image.rank]}{' of one slice' * slice_alone}, the plan is for"
            f" {kinds[plan.image_rank]}s.",
            where,
            "Export it as a picture, with the same bits and contrast as those for training."
            if slice_alone
            else LIKE_TRAINING,
        )
    channels = image.array.shape[-1]
    if channels != plan.channels:
        raise Problem(
            f"The image has {channels} channels, the plan is for {plan.channels}.",
            where,
            LIKE_TRAINING,
        )
    _check_modality(image.modality, plan.modality, where)
    low, high = finite_range(image, [] if where is None else [where])
    if plan.normalization in ABSOLUTE:
        for ends in zip(low, high, plan.intensities, strict=True):
            _check_unit(*ends, ct=plan.normalization == "ct", where=where)


def check_spacing(
    spacing: Sequence[float], planned: Sequence[float | None], where: object = None
) -> None:
    """Refuses voxels that cannot be of the size that a header says.

    Args:
        spacing: of the image, mm an axis.
        planned: what it is to be brought to; None along an axis that stays as it is.
        where: the file or case, for messages.

    Raises:
        Problem: they are five times as large or small as the plan's along every axis, or fifty
            times along one.
    """
    pairs = [(mm, goal) for mm, goal in zip(spacing, planned, strict=True) if goal is not None]
    ratios = np.array([mm / goal for mm, goal in pairs])
    if not ratios.size:
        return
    odd = (ratios > ODD_VOXELS).all() or (ratios < 1 / ODD_VOXELS).all()
    if odd or (np.maximum(ratios, 1 / ratios) > ABSURD_VOXEL).any():
        actual, expected = (
            " x ".join(f"{one:.4g}" for one in sizes) for sizes in zip(*pairs, strict=True)
        )
        raise Problem(
            f"The voxels are {actual} mm by the header, the plan is for {expected} mm.",
            where,
            "Correct the voxel size in the header (its unit is mm), or leave the image out.",
        )


def _check_modality(modality: str | None, planned: str | None, where: object) -> None:
    actual, expected = (KINDS.get((one or "").upper()) for one in (modality, planned))
    if actual and expected and actual != expected:
        raise Problem(
            f"The file says that it is of {actual}, the plan is for {expected}.",
            where,
            LIKE_TRAINING,
        )


def _check_unit(low: float, high: float, trained: Intensity, *, ct: bool, where: object) -> None:
    if trained.floors is None or trained.peaks is None:
        return
    first, last = trained.floors
    if ct and ((last <= AIR_HU and low >= 0) or (first >= 0 and low <= AIR_HU)):
        begin = f"{first:g}" if first == last else f"{first:g} to {last:g}"
        raise Problem(
            f"The values begin at {low:g}, those of the training images at {begin}: not both are"
            " Hounsfield units.",
            where,
            "Give the CT with its rescale slope and intercept applied, or images of the kind that"
            " was trained on.",
        )
    peak, (least, most) = max(abs(low), abs(high)), trained.peaks
    if low < high and (peak * OTHER_UNIT <= least or peak >= most * OTHER_UNIT > 0):
        span = f"{least:g}" if least == most else f"{least:g} to {most:g}"
        raise Problem(
            f"The values run from {low:g} to {high:g}, in the training images they reach {span}:"
            " they are in another unit.",
            where,
            "Export the image as those for training were, with as many bits.",
        )


def is_constant(image: Image) -> bool:
    """Whether each channel holds one value only: there is nothing to see in it.

    Args:
        image: as read.
    """
    return bool((image.array == image.array[(slice(0, 1),) * image.rank]).all())


def is_much_smaller(
    image: Image, window: Sequence[int], planned: Sequence[float | None] | None
) -> bool:
    """Whether an image holds so much less than a network takes that a prediction means little.

    Args:
        image: as read.
        window: shape that the network takes, in voxels.
        planned: the spacing in mm that images are brought to, an axis; None where they keep theirs.
    """
    spacing, goal = image.spacing_mm, [size for size in planned or () if size is not None]
    voxels: float = math.prod(
        sorted(image.space)[-len(window) :]
    )  # of volumes in a 2D network, a slice
    if spacing and len(spacing) == len(goal) == len(window):
        voxels *= math.prod(spacing) / math.prod(goal)
    return voxels * MUCH_SMALLER < math.prod(window)
