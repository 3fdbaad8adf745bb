"""PNG, JPEG, GIF and the other pictures that Pillow reads."""

import contextlib
import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image

from keras_mia.core.problem import Problem
from keras_mia.data.image import Image
from keras_mia.data.io.pictures import pixels
from keras_mia.data.io.volumes.itk import array_of
from keras_mia.data.io.volumes.nifti import narrow

ORIENTATION = 274
"""The tag that says how a picture is turned."""

HEAD = 4096
"""Bytes at the beginning of a file that hold what tells how it is compressed."""


def read(path: Path) -> Image:
    """A picture as viewers show it: grey values or RGB.

    Args:
        path: the file.

    Raises:
        Problem: it holds several frames.
    """
    with PIL.Image.open(path) as file:
        remarks = _one_picture(file, path)
        if _deep_colour(file, path):
            array = by_simpleitk(path)
            array, alpha = pixels.split_alpha(array) if array.shape[-1] in (2, 4) else (array, None)
        else:
            array, alpha = displayed(file, path), _alpha(file)
        tag = orientation(file)
    remarks += [pixels.ALPHA] if alpha is not None else []
    remarks += [pixels.ORIENTED] if tag != 1 else []
    colours = array.ndim == 3 and array.shape[-1] == 3
    array = array[..., None] if array.ndim == 2 else array
    return Image(pixels.oriented(array, tag), colours=colours, remarks=tuple(remarks))


def read_label(path: Path, values: str | None = None) -> Image:
    """A picture as labels.

    Args:
        path: of the file.
        values: "displayed", grey values as viewers show them, white is 255; "stored", the numbers
            in the file: indices of a palette, bits. None: as displayed where the file holds grey of
            up to 8 bits or a palette of nothing else, otherwise as stored.

    Returns:
        An `Image` of the labels; of several channels where the file holds colours without a
        palette.
    """
    with PIL.Image.open(path) as file:
        remarks = _one_picture(file, path) + ([pixels.BLURRED] if _blurs(file, path) else [])
        tag, alpha = orientation(file), None
        if file.mode in ("P", "PA"):
            array = pixels.palette_labels(np.asarray(file.getchannel(0)), palette_of(file), values)
        elif _deep_colour(file, path):
            array = by_simpleitk(path)
            array, alpha = pixels.split_alpha(array) if array.shape[-1] in (2, 4) else (array, None)
        else:
            array = pixels.grey_labels(displayed(file, path), white_value(file, path), values)
            alpha = _alpha(file)
    array = array[..., None] if array.ndim == 2 else array
    if alpha is not None:
        check_alpha(array[..., 0], alpha, path)
    remarks += [pixels.ORIENTED] if tag != 1 else []
    colours = array.shape[-1] == 3
    return Image(pixels.oriented(array, tag), colours=colours, remarks=tuple(remarks))


def kind_of_label(path: Path) -> tuple[int, np.ndarray | None]:
    """The number that is stored for white, and the palette `(256, 3)` where there is one.

    Args:
        path: the file.

    Returns:
        The number, and None where the picture is not indexed.
    """
    with PIL.Image.open(path) as file:
        indexed = file.mode in ("P", "PA")
        return white_value(file, path), palette_of(file) if indexed else None


def check_alpha(values: np.ndarray, alpha: np.ndarray, path: Path) -> None:
    """Sees to it that a label map's alpha channel, which is not read, does not tell more.

    Args:
        values: labels `(rows, columns)`.
        alpha: of the same shape.
        path: of the file, for the message.

    Raises:
        Problem: voxels of one value differ in it.
    """
    if pixels.alpha_separates(values, alpha):
        raise Problem(
            "Voxels of one value differ in the alpha channel of this label map, which is not read.",
            path,
            'Where alpha is the mask, write it as one: python -c "from PIL import Image;'
            f" Image.open('{path}').getchannel('A').save('{path.with_suffix('.png')}')\"",
        )


def displayed(file: PIL.Image.Image, path: Path) -> np.ndarray:
    """Grey values `(rows, columns)`, or RGB with a last axis of 3, as viewers show them but for
    alpha and orientation; grey of more than 8 bits as stored.

    Args:
        file: open and loaded.
        path: of it.

    Returns:
        Of the dtype that the file stores, uint8 of colours.
    """
    if file.mode in ("P", "PA"):
        return pixels.painted(np.asarray(file.getchannel(0)), palette_of(file))
    if file.mode in ("1", "LA", "La"):
        return np.asarray(file.convert("L"))
    if file.mode == "I" and file.format == "PPM":  # Pillow spreads any depth over 16 bits
        return np.round(np.asarray(file) * (white_value(file, path) / 65535)).astype(np.uint16)
    if file.mode in ("L", "F", "I") or file.mode.startswith("I;16"):
        return np.asarray(file)
    return np.asarray(file.convert("RGB"))


def palette_of(file: PIL.Image.Image) -> np.ndarray:
    """The colours of an indexed picture, `(256, 3)` uint8; black beyond those that the file has.

    Args:
        file: open, of mode P or PA.

    Returns:
        Red, green and blue of each index.
    """
    colours = np.zeros(768, np.uint8)
    palette = file.getpalette("RGB") or []
    colours[: len(palette)] = palette
    return colours.reshape(-1, 3)


def white_value(file: PIL.Image.Image, path: Path) -> int:
    """The number in the file that is shown as white.

    Args:
        file: open.
        path: of it.
    """
    if file.mode == "1":
        return 1
    if file.format == "PPM" and file.mode in ("L", "I"):
        tokens = re.sub(rb"#[^\n\r]*", b"", _head(path)).split(None, 4)
        return int(tokens[3])
    if file.format == "PNG" and file.mode == "L":
        head = _head(path)
        return 255 if head[25] else 2 ** head[24] - 1  # else with alpha, or RGB
    return 65535 if file.mode.startswith("I") else 255


def orientation(file: PIL.Image.Image) -> int:
    """How the picture is turned, 1 to 8; 1 where the file does not say.

    Args:
        file: open.

    Returns:
        The tag of EXIF and TIFF.
    """
    # as viewers do, who show a picture whose EXIF is broken as it lies
    with contextlib.suppress(SyntaxError, ValueError, TypeError, KeyError, OSError, struct.error):
        tag = file.getexif().get(ORIENTATION, 1)
        return tag if tag in range(1, 9) else 1
    return 1


def by_simpleitk(path: Path) -> np.ndarray:
    """`(rows, columns, [pages,] channels)`, for colours of 16 bits, which Pillow halves.

    Args:
        path: the file.

    Returns:
        Of the dtype that the file stores.
    """
    import SimpleITK

    picture = SimpleITK.ReadImage(str(path))
    array = array_of(picture)
    return np.moveaxis(array, 0, 2) if picture.GetDimension() == 3 else array


def _one_picture(file: Any, path: Path) -> list[str]:
    """Loads the picture; what is said where the file holds others beside it."""
    frames = getattr(file, "n_frames", 1)
    # A phone's depth, preview or gain map, which no viewer shows.
    has_extras = frames > 1 and file.format == "MPO"
    if frames > 1 and not has_extras:
        raise Problem(
            f"A picture was expected, this file is moving: {frames} frames.",
            path,
            "Save the frame that is meant as a file of its own, or all as the pages of a TIFF.",
        )
    if frames > 1:
        file.seek(0)
    file.load()
    return [pixels.FIRST] if has_extras else []


def _deep_colour(file: PIL.Image.Image, path: Path) -> bool:
    """Whether this is a PNG of 16 bits that is not plain grey, which Pillow would make 8 bits."""
    if file.format != "PNG":
        return False
    head = _head(path)
    return head[24] == 16 and head[25] != 0


def _alpha(file: PIL.Image.Image) -> np.ndarray | None:
    if not file.has_transparency_data or file.mode.startswith("I"):
        return None
    return pixels.split_alpha(np.asarray(file.convert("RGBA")))[1]


def _blurs(file: PIL.Image.Image, path: Path) -> bool:
    if file.format == "WEBP":
        return b"VP8L" not in _head(path)
    if file.format == "JPEG2000":
        at = _head(path).find(b"\xff\x52")
        return at >= 0 and _head(path)[at + 13 : at + 14] == b"\0"  # the irreversible wavelet
    return file.format in ("JPEG", "MPO", "AVIF")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)


def write(path: Path, array: np.ndarray, like: Image) -> None:
    """8 or 16 bits of grey, or 8 bits of RGB.

    Args:
        path: the file; its suffix says the format.
        array: `(rows, columns)`, or with a last axis of 1 or 3.
        like: not used, since pictures hold no geometry.

    Raises:
        ValueError: the format holds no such array.
    """
    array = narrow(array)
    if array.ndim == 3 and array.shape[-1] == 1:
        array = array[..., 0]
    grey = array.ndim == 2 and array.dtype in (np.uint8, np.uint16)
    if not grey and not (array.shape[2:] == (3,) and array.dtype == np.uint8):
        raise ValueError("a picture holds 8 or 16 bits of grey or 8 bits of RGB")
    PIL.Image.fromarray(array).save(path)
