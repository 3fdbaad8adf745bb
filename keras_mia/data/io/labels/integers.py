"""What a file of labels holds as whole numbers, one a voxel."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.image import Image
from keras_mia.data.io.labels.plausibility import blurred
from keras_mia.data.io.pictures import pixels

NEARLY = 1e-3
"""By how much numbers that a header scales may miss the whole numbers that they stand for."""

SMALL = 2**16
"""Larger numbers are those of no mask."""

ROUNDED = "Numbers that are nearly whole are rounded to labels"


def whole_numbers(image: Image, path: Path) -> Image:
    """An image as labels `(*space, 1)` of an integer dtype; equal channels are one.

    Args:
        image: as read.
        path: of it.

    Raises:
        Problem: it holds colours, several channels, or numbers that are not whole.
    """
    array = image.array
    if pixels.BLURRED in image.remarks and array.shape[-1] == 3:
        array = _grey_again(array)
    if any(not np.array_equal(array[..., 0], array[..., i]) for i in range(1, array.shape[-1])):
        coded = f" Where each colour is a class: {remedy_command(path, 'colours_to_labels')}"
        raise Problem(
            f"A label map has one channel, this one has {array.shape[-1]} that differ.",
            path,
            "Save it as grey values or palette indices, one value a class." + coded * image.colours,
        )
    array, rounded = _whole(array[..., :1], path)
    remarks = (*image.remarks, ROUNDED) if rounded else image.remarks
    return replace(image, array=array, colours=False, remarks=remarks)


def _grey_again(array: np.ndarray) -> np.ndarray:
    """Grey that was stored as colours in a format that changes values a little."""
    spread = int(np.ptp(array.astype(int), axis=-1).max())
    return pixels.luminance(array)[..., None] if spread <= pixels.GREY_SPREAD else array


def _whole(array: np.ndarray, path: Path) -> tuple[np.ndarray, bool]:
    if array.dtype.kind in "iu":
        return array, False
    whole = np.round(array)
    off = ~np.isfinite(array) | (np.abs(array - whole) > NEARLY)
    if off.any():
        above = _threshold(array)
        soft = above is not None
        command = remedy_command(path, "threshold_labels", f", above={above or 0:g}")
        raise Problem(
            f"A label map holds whole numbers, this one holds {array[off][0]:.7g}."
            + " It is a blurred mask, or a probability." * soft,
            path,
            f"Make masks by a threshold: {command}"
            if soft
            else "Give the label map, not a probability or an image.",
        )
    if np.abs(whole).max(initial=0) >= 2**31:
        raise Problem(f"The label {array.max():g} is too large.", path, "Use small numbers.")
    return whole.astype(np.int32), bool((whole != array).any())


def _threshold(array: np.ndarray) -> float | None:
    """Where a blurred mask, or a probability, is cut; None where it is neither."""
    if not np.isfinite(array).all() or array.min() < 0 or array.max() > SMALL:
        return None
    if array.max() <= 1 + NEARLY:
        return 0.5
    values, counts = np.unique(np.round(array).astype(int), return_counts=True)
    cuts = blurred(dict(zip(values.tolist(), counts.tolist(), strict=True)))
    return float(cuts[1] - 1) if cuts else None


def remedy_command(path: Path, function: str, more: str = "") -> str:
    """A line to paste that converts all label maps of a folder.

    Args:
        path: of one of the label maps.
        function: of `keras_mia.data`, which takes a folder and a folder to write to.
        more: further arguments, as they are written in Python.
    """
    folder = path.parent
    return (
        f'python -c "from keras_mia.data import {function};'
        f" {function}('{folder}', '{folder}-labels'{more})\""
    )
