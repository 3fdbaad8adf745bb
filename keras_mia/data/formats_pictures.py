"""PNG, JPEG, GIF and TIFF."""

from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image

from keras_mia.core.problem import Problem
from keras_mia.data.claims import check_claim
from keras_mia.data.formats_itk import array_of
from keras_mia.data.formats_volumes import narrow
from keras_mia.data.image import Image

# Channels of a palette that differ by less are grey, as in DRIVE's (252, 254, 252).
GREY_SPREAD = 8


def read(path: Path) -> Image:
    """A picture as it is displayed: grey values or RGB."""
    return _picture(path, labels=False)


def read_palette_index(path: Path) -> Image:
    """A picture as labels: as `read`, but of a coloured palette the indices."""
    return _picture(path, labels=True)


def _picture(path: Path, labels: bool) -> Image:
    with PIL.Image.open(path) as file:
        frames = getattr(file, "n_frames", 1)
        if frames > 1:
            raise Problem(
                f"A picture was expected, this file is moving: {frames} frames.",
                path,
                "Save the frames as the pages of a TIFF.",
            )
        file.load()
        if path.suffix.lower() == ".png" and _png_colour_of_16_bits(path):
            return Image(_without_alpha(_by_simpleitk(path)))
        return Image(_channels(_grey_or_rgb(file, labels)))


def _grey_or_rgb(file: PIL.Image.Image, labels: bool) -> np.ndarray:
    if file.mode in ("P", "PA"):
        indices = np.asarray(file.getchannel(0))
        palette = np.array(file.getpalette("RGB"), int).reshape(-1, 3)
        used = palette[np.unique(indices)]
        if np.ptp(used, axis=1).max() <= GREY_SPREAD:
            return np.asarray(file.convert("RGB").convert("L"))
        return indices if labels else np.asarray(file.convert("RGB"))
    if file.mode in ("1", "LA", "La"):
        return np.asarray(file.convert("L"))
    if file.mode in ("L", "F", "I") or file.mode.startswith("I;16"):
        return np.asarray(file)
    return np.asarray(file.convert("RGB"))


def _png_colour_of_16_bits(path: Path) -> bool:
    # Pillow would halve their depth.
    with path.open("rb") as file:
        header = file.read(26)
    return header[24] == 16 and header[25] != 0


def read_tiff(path: Path) -> Image:
    """A picture, or a volume (rows, columns, pages) where there are several equal pages."""
    import tifffile

    with tifffile.TiffFile(path) as file:
        if len(file.series) != 1:
            shapes = ", ".join(str(one.shape) for one in file.series[:4])
            raise Problem(
                f"Pages of one size were expected, found {len(file.series)} kinds: {shapes}.",
                path,
                "Save the pages that you mean as a file of their own.",
            )
        series = file.series[0]
        page: Any = file.pages[0]
        check_claim(path, series.shape, series.dtype.itemsize)
        axes: str | None = series.axes
        if page.photometric == tifffile.PHOTOMETRIC.PALETTE:
            axes = series.axes.replace("S", "")
        try:
            array = series.asarray()
        except ValueError as error:
            if "imagecodecs" not in str(error):
                raise
            array, axes = _by_simpleitk(path), None
        white_is_zero = page.photometric == tifffile.PHOTOMETRIC.MINISWHITE
    if axes is None:
        return Image(_without_alpha(array))
    array = _in_order(array, axes, path)
    if array.dtype.kind == "b":
        array = array.astype(np.uint8) * 255
    if white_is_zero and array.dtype.kind == "u":
        array = np.iinfo(array.dtype).max - array
    return Image(_without_alpha(array))


def _in_order(array: np.ndarray, axes: str, path: Path) -> np.ndarray:
    """From TIFF's order of axes to rows, columns, pages, channels."""
    keep = [i for i, name in enumerate(axes) if array.shape[i] > 1 or name in "YX"]
    array = array.reshape([array.shape[i] for i in keep])
    axes = "".join(axes[i] for i in keep)
    channels = [i for i, name in enumerate(axes) if name in "SC"]
    pages = [i for i, name in enumerate(axes) if name not in "YXSC"]
    if len(channels) > 1 or len(pages) > 1:
        raise Problem(
            f"A picture or one stack was expected, found axes {axes} of {array.shape}.",
            path,
            "Save one time and position as a file of its own.",
        )
    array = array.transpose([axes.index("Y"), axes.index("X"), *pages, *channels])
    return array if channels else array[..., None]


def _by_simpleitk(path: Path) -> np.ndarray:
    """`(rows, columns, [pages,] channels)`, for what needs libtiff or libpng themselves."""
    import SimpleITK

    picture = SimpleITK.ReadImage(str(path))
    array = array_of(picture)
    return np.moveaxis(array, 0, 2) if picture.GetDimension() == 3 else array


def _channels(array: np.ndarray) -> np.ndarray:
    return array[..., None] if array.ndim == 2 else array


def _without_alpha(array: np.ndarray) -> np.ndarray:
    return array[..., : {2: 1, 4: 3}.get(array.shape[-1], array.shape[-1])]


def write(path: Path, array: np.ndarray, like: Image) -> None:
    """8 or 16 bits of grey, or 8 bits of RGB."""
    array = narrow(array)
    if array.ndim == 3 and array.shape[-1] == 1:
        array = array[..., 0]
    grey = array.ndim == 2 and array.dtype in (np.uint8, np.uint16)
    if not grey and not (array.shape[2:] == (3,) and array.dtype == np.uint8):
        raise ValueError("a picture holds 8 or 16 bits of grey or 8 bits of RGB")
    PIL.Image.fromarray(array).save(path)


def write_tiff(path: Path, array: np.ndarray, like: Image) -> None:
    """A picture, or a volume as pages; a last axis of 3 holds colours."""
    import tifffile

    array = narrow(array)
    if array.ndim in (3, 4) and array.shape[-1] == 1:
        array = array[..., 0]
    colours = array.ndim > 2 and array.shape[-1] == 3
    if array.ndim - colours == 3:
        array = np.moveaxis(array, 2, 0)
    elif array.ndim - colours != 2:
        raise ValueError("a TIFF holds a picture or a stack of pages")
    tifffile.imwrite(
        path, array, photometric="rgb" if colours else "minisblack", compression="zlib"
    )
