"""What a label map adds to the facts of a case, and whether it fits the image."""

import zlib
from collections.abc import Sequence

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.core.text import size_text
from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.facts import LabelFacts
from keras_mia.data.fingerprint.similarity import digest
from keras_mia.data.image import Image, grid_difference
from keras_mia.data.io.labels.components import count_values, is_label, share_in_one_piece
from keras_mia.data.io.pictures.pixels import ORIENTED

SAMPLE = 10_000


def read_label_facts(case: Case, image: Image) -> LabelFacts:
    """Reads a label map.

    Args:
        case: whose label map it is.
        image: of the case, as read.

    Raises:
        Problem: image, label map and region do not lie on one grid, or the region is empty.
    """
    label = case.label()
    _check_grid(case, image, label)
    region = case.region_mask()
    if region is not None and region.shape != image.space:
        raise Problem(
            f"The region has {size_text(region.shape)} voxels, the image {size_text(image.space)}.",
            case.region,
            "Give a region mask on the image's own grid.",
        )
    flat = label.array.reshape(-1)
    values = count_values(flat if region is None else flat[region.reshape(-1)])
    if not values:
        raise Problem("The region is empty.", case.region, "Leave the case or its region out.")
    beyond = flat != min(values)
    if region is not None:
        beyond &= region.reshape(-1)
    chosen = np.flatnonzero(beyond)
    counts = np.array([*values.items()])
    content = digest(image.space, np.packbits(beyond), counts) if chosen.size else None
    if chosen.size > SAMPLE:
        generator = np.random.default_rng(zlib.crc32(case.name.encode()))
        chosen = np.sort(generator.choice(chosen, SAMPLE, replace=False))
    return LabelFacts(
        values=values,
        sample=_voxels(image.array, chosen),
        sample_values=flat[chosen],
        digest=content,
        one_piece=share_in_one_piece(label.array[..., 0], values),
        is_image=is_label(image.array, label.array[..., 0]),
        remarks=label.remarks,
    )


def remedy_of_untagged(case: Case, image: Image, label: Image) -> str | None:
    """What to do where a label map fits an image as it is stored, not as its orientation tag has
    it; None where that is not so.

    Args:
        case: with the files of both.
        image: as read.
        label: as read.
    """
    if ORIENTED not in image.remarks or ORIENTED in label.remarks or image.rank != 2:
        return None
    if label.space != image.space[::-1]:
        return None
    return (
        "The image is turned by its orientation tag, the label map fits it unturned: turn the label"
        f" map, or take the tag off the image (exiftool -Orientation= '{case.images[0]}')."
    )


def _check_grid(case: Case, image: Image, label: Image) -> None:
    difference = grid_difference(image, label)
    if difference:
        raise Problem(
            f"An image and its label map share one grid; these have {difference}.",
            case.target,
            remedy_of_untagged(case, image, label)
            or f"Resample it onto {', '.join(map(str, case.images))}, or correct its header.",
        )


def _voxels(array: np.ndarray, chosen: Sequence[int] | np.ndarray) -> np.ndarray:
    """The intensities of voxels by their flat numbers, `(n, channels)`."""
    return array[np.unravel_index(chosen, array.shape[:-1])]
