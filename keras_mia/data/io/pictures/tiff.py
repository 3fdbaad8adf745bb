"""TIFF: a picture, or a volume of pages."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import tifffile
from tifffile import EXTRASAMPLE, PHOTOMETRIC

from keras_mia.core.problem import Problem
from keras_mia.data.image import Image
from keras_mia.data.io.header_size import check_header_size
from keras_mia.data.io.pictures import pillow, pixels
from keras_mia.data.io.volumes.nifti import narrow

PLAIN = (
    PHOTOMETRIC.MINISWHITE,
    PHOTOMETRIC.MINISBLACK,
    PHOTOMETRIC.RGB,
    PHOTOMETRIC.PALETTE,
)
"""What numbers of a page mean that need no calculation; Pillow makes RGB of the others."""


@dataclass(frozen=True, eq=False)
class Pages:
    """The pages of a file.

    Args:
        array: `(rows, columns, [pages,] channels)`, as stored but that white is the largest number.
        colours: whether channels are red, green, blue and perhaps alpha.
        alpha: whether the last channel is alpha.
        palette: `(n, 3)` uint8 where the numbers are indices.
        tag: the orientation of the pages, as `pixels.oriented` takes it.
        upright: whether the array is oriented already.
    """

    array: np.ndarray
    colours: bool = False
    alpha: bool = False
    palette: np.ndarray | None = None
    tag: int = 1
    upright: bool = False

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is noted where pages are turned."""
        return (pixels.ORIENTED,) if self.tag != 1 else ()

    def oriented(self, array: np.ndarray) -> np.ndarray:
        """An array that was made of theirs, as viewers show it.

        Args:
            array: `(rows, columns, ...)`.

        Returns:
            A view of it.
        """
        return array if self.upright else pixels.oriented(array, self.tag)


def read(path: Path) -> Image:
    """A picture, or a volume (rows, columns, pages) where there are several equal pages, as viewers
    show them.

    Args:
        path: the file.

    Raises:
        Problem: its pages are of several sizes or orientations.
    """
    pages = _pages(path)
    array, remarks = pages.array, pages.remarks
    colours = pages.colours
    if pages.palette is not None:
        array = pixels.painted(array[..., 0], pages.palette)
        colours = array.ndim > pages.array.ndim - 1
        array = array if colours else array[..., None]
    if pages.alpha:
        array, alpha = pixels.split_alpha(array)
        remarks += (pixels.ALPHA,) if alpha is not None else ()
    if array.dtype.kind == "b":
        array = array.astype(np.uint8) * 255
    return Image(pages.oriented(array), colours=colours, remarks=remarks)


def read_label(path: Path, values: str | None = None) -> Image:
    """The same as labels; `values` as `pictures.pillow.read_label` takes them.

    Args:
        path: the file.
        values: "displayed", "stored" or None.

    Raises:
        Problem: its pages are of several sizes or orientations, or alpha tells labels apart.
    """
    pages = _pages(path)
    array = pages.array
    if pages.alpha:
        array, alpha = pixels.split_alpha(array)
        if alpha is not None:
            pillow.check_alpha(array[..., 0], alpha, path)
    if pages.palette is not None:
        array = pixels.palette_labels(array, pages.palette, values)
    elif array.dtype.kind == "b":
        array = pixels.grey_labels(array.astype(np.uint8) * 255, 1, values)
    elif array.dtype == np.uint16:
        array = pixels.grey_labels(array, 65535, values)
    return Image(pages.oriented(array), colours=pages.colours, remarks=pages.remarks)


def kind_of_label(path: Path) -> tuple[int, np.ndarray | None]:
    """The number that is stored for white, and the palette where there is one; no pixel is read.

    Args:
        path: the file.

    Returns:
        The number, and `(n, 3)` uint8 or None.
    """
    with tifffile.TiffFile(path) as file:
        page: Any = file.pages[0]
        palette = _palette(page) if page.photometric == PHOTOMETRIC.PALETTE else None
        bits = page.bitspersample
        return (2 ** (bits if isinstance(bits, int) else bits[0]) - 1), palette


def _pages(path: Path) -> Pages:
    with tifffile.TiffFile(path) as file:
        series = _series(file, path)
        page: Any = series.keyframe
        check_header_size(path, series.shape, series.dtype.itemsize)
        tag = _tag(series, path)
        if page.photometric not in PLAIN:
            return replace(_by_pillow(path), tag=tag, upright=True)
        try:
            array = series.asarray()
        except ValueError as error:
            if "imagecodecs" not in str(error):
                raise
            deep = series.dtype.itemsize > 1 and page.photometric != PHOTOMETRIC.PALETTE
            if deep and (tag == 1 or "S" in series.axes):
                return _by_simpleitk(path, tag)
            return replace(_by_pillow(path), tag=tag, upright=True)
        palette = _palette(page) if page.photometric == PHOTOMETRIC.PALETTE else None
    axes = series.axes if palette is None else series.axes.replace("S", "")
    array = _in_order(array, axes, path)
    if page.photometric == PHOTOMETRIC.MINISWHITE and array.dtype.kind in "bu":
        most = 2**page.bitspersample - 1
        array = ~array if array.dtype.kind == "b" else (most - array).astype(array.dtype)
    colours = page.photometric == PHOTOMETRIC.RGB and array.shape[-1] in (3, 4)
    alpha = "S" in axes and _has_alpha(page, array.shape[-1])
    return Pages(array, colours, alpha, palette, tag)


def _series(file: tifffile.TiffFile, path: Path) -> Any:
    """The pages of one size; a preview and a mask of what is transparent are none of them."""
    candidates = [
        one for one in file.series if not (one.keyframe.is_reduced or one.keyframe.is_mask)
    ]
    candidates = candidates or list(file.series)
    if len(candidates) != 1:
        shapes = ", ".join(str(one.shape) for one in candidates[:4])
        raise Problem(
            f"Pages of one size were expected, found {len(candidates)} kinds: {shapes}.",
            path,
            "Save the pages that you mean as a file of their own.",
        )
    return candidates[0]


def _tag(series: Any, path: Path) -> int:
    tags = {
        int(page.tags.valueof(pillow.ORIENTATION, default=1))
        for page in series.pages
        if page is not None and hasattr(page, "tags")
    }
    if len(tags) > 1:
        raise Problem(
            f"The pages are turned in several ways (orientation tags {sorted(tags)}).",
            path,
            "Save them all upright.",
        )
    return tags.pop() if tags else 1


def _palette(page: Any) -> np.ndarray:
    colours = np.asarray(page.colormap)
    # some programs write 8 bits where the standard asks for 16
    return (colours if colours.max(initial=0) < 256 else colours >> 8).T.astype(np.uint8)


def _has_alpha(page: Any, channels: int) -> bool:
    extra = tuple(page.extrasamples or ())
    if page.photometric == PHOTOMETRIC.RGB:  # old programs do not say what the fourth one is
        return channels == 4 and len(extra) <= 1
    alpha_kinds = (EXTRASAMPLE.ASSOCALPHA, EXTRASAMPLE.UNASSALPHA)
    return channels == 2 and len(extra) == 1 and extra[0] in alpha_kinds


def _by_simpleitk(path: Path, tag: int) -> Pages:
    """What tifffile cannot unpack by itself and Pillow would make 8 bits of."""
    if tag != 1:  # SimpleITK would make 8 bits of it too, and turn it by half
        raise Problem(
            f"Packed colors of 16 bits that are turned (orientation tag {tag}) are not read.",
            path,
            "Save the picture upright, or without packing it.",
        )
    array = pillow.by_simpleitk(path)
    return Pages(array, array.shape[-1] in (3, 4), array.shape[-1] in (2, 4))


def _by_pillow(path: Path) -> Pages:
    """What tifffile cannot unpack by itself, or does not convert to RGB; Pillow turns it."""
    with PIL.Image.open(path) as file:
        frames = []
        for number in range(getattr(file, "n_frames", 1)):
            file.seek(number)
            if number and _is_extra_page(file):
                continue
            file.load()
            frames.append(_frame(file, path))
    if len({(one.array.shape, one.colours) for one in frames}) > 1:
        raise Problem(
            "Pages of one size and kind were expected, these differ.",
            path,
            "Save the pages that you mean as a file of their own.",
        )
    if len(frames) == 1:
        return frames[0]
    return replace(frames[0], array=np.stack([one.array for one in frames], axis=2))


def _is_extra_page(file: Any) -> bool:
    return bool(file.tag_v2.get(254, 0) & 5)  # a preview, or a mask of what is transparent


def _frame(file: PIL.Image.Image, path: Path) -> Pages:
    if file.mode in ("P", "PA"):
        indices = np.asarray(file.getchannel(0))[..., None]
        return Pages(indices, palette=pillow.palette_of(file))
    if file.mode in ("LA", "RGBA"):
        return Pages(np.asarray(file), file.mode == "RGBA", alpha=True)
    array = np.asarray(file) if file.mode == "1" else pillow.displayed(file, path)
    return Pages(array if array.ndim == 3 else array[..., None], array.ndim == 3)


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


def write(path: Path, array: np.ndarray, like: Image) -> None:
    """A picture, or a volume as pages; a last axis of 3 holds colours.

    Args:
        path: the file.
        array: `(rows, columns)`, `(rows, columns, pages)` or `(rows, columns, 3)`.
        like: not used, since TIFF holds no geometry.

    Raises:
        ValueError: the array has other axes.
    """
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
