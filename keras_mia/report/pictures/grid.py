"""Many images in one picture."""

import math
from collections.abc import Sequence

import numpy as np

from keras_mia.report.pictures.drawing import BYTES, encode, in_a_row, to_bytes

GROUND = 128  # gray is seen beside black and beside white images
GAP = 2
CURVE_ROWS = 48
FRAMES = 24
FILM_BYTES = 1_500_000


def sample_grid(
    images: np.ndarray,
    columns: int | None = None,
    *,
    low: float,
    high: float,
    gap: int = GAP,
    enlarge: int = 1,
    in_ras: bool = False,
) -> np.ndarray:
    """Images in rows and columns, each as `sample_tile` draws it.

    Args:
        images: `(images, *space, channels)`, of one to three axes of space.
        columns: images in a row, of which the last may have fewer; None: about as many as rows.
        low, high: the values that are black and white; what lies beyond them is cut off.
        gap: pixels between two images.
        enlarge: pixels a side that a pixel becomes.
        in_ras: whether volumes lie in RAS+.

    Returns:
        A picture `(rows, columns, 1 or 3)` uint8.

    Raises:
        ValueError: no image, another rank, no columns, or a range without values.

    Example:
        >>> images = np.zeros((5, 28, 28, 1))
        >>> sample_grid(images, 3, low=-1.0, high=1.0).shape
        (58, 88, 1)
    """
    images = np.asarray(images)
    if images.ndim not in (3, 4, 5) or not images.size:
        raise ValueError(
            f"Images have shape {images.shape}; they are (images, *space, channels), 1D to 3D."
        )
    tiles = [
        sample_tile(image, low=low, high=high, gap=gap, enlarge=enlarge, in_ras=in_ras)
        for image in images
    ]
    return in_a_grid(tiles, columns, gap=gap)


def sample_tile(
    image: np.ndarray,
    *,
    low: float,
    high: float,
    gap: int = GAP,
    enlarge: int = 1,
    in_ras: bool = False,
) -> np.ndarray:
    """An image as a picture; of a volume the middle planes across its axes, of a signal its curve.

    Args:
        image: `(*space, channels)`; a signal may be a column `(length, 1, channels)`. Three
            channels are red, green and blue, else the first one is drawn in gray.
        low, high: the values that are black and white, of a signal those at the bottom and the top.
        gap: pixels between two planes.
        enlarge: pixels a side that a pixel becomes.
        in_ras: whether a volume lies in RAS+: then front or head is up, and left is left.

    Returns:
        A picture `(rows, columns, 1 or 3)` uint8.

    Raises:
        ValueError: a range without values, or pixels that cannot be enlarged so.

    Example:
        >>> sample_tile(np.zeros((5, 6, 7, 1)), low=0, high=1, in_ras=True).shape
        (7, 20, 1)
        >>> sample_tile(np.zeros((140, 1)), low=-1, high=1).shape
        (48, 140, 1)
    """
    if gap < 0 or enlarge < 1 or not low < high:
        raise ValueError(f"gap {gap}, enlarge {enlarge}, range {low} to {high}")
    if image.ndim == 3 and image.shape[1] == 1 < image.shape[0]:
        image = image[:, 0]
    colored = image.ndim > 2 and image.shape[-1] == 3
    pixels = to_bytes(image if colored else image[..., :1], low, high)
    planes = [_curve(pixels[:, 0]) if image.ndim == 2 else pixels]
    if image.ndim == 4:
        planes = [pixels.take(pixels.shape[axis] // 2, axis) for axis in (2, 1, 0)]
        planes = [plane.swapaxes(0, 1)[::-1] if in_ras else plane for plane in planes]
    return in_a_row([x.repeat(enlarge, axis=0).repeat(enlarge, axis=1) for x in planes], gap)


def in_a_grid(
    tiles: Sequence[np.ndarray], columns: int | None = None, *, gap: int = GAP
) -> np.ndarray:
    """Pictures of one size in rows and columns.

    Args:
        tiles: uint8 `(rows, columns, channels)` each.
        columns: how many are in a row; None: about as many as there are rows.
        gap: pixels between two of them.

    Returns:
        uint8 `(rows, columns, channels)`.

    Raises:
        ValueError: no picture, or no columns.

    Example:
        >>> in_a_grid([np.zeros((8, 6, 3), np.uint8)] * 5).shape
        (18, 22, 3)
    """
    across = math.ceil(math.sqrt(len(tiles))) if columns is None else min(columns, len(tiles))
    if across < 1:
        raise ValueError(f"{len(tiles)} pictures in {columns} columns")
    height, width, channels = tiles[0].shape
    rows = -(-len(tiles) // across)
    shape = rows * (height + gap) - gap, across * (width + gap) - gap, channels
    picture = np.full(shape, GROUND, np.uint8)
    for index, tile in enumerate(tiles):
        row, column = divmod(index, across)
        top, left = row * (height + gap), column * (width + gap)
        picture[top : top + height, left : left + width] = tile
    return picture


def image_files(
    images: np.ndarray, *, low: float, high: float, shortest: int = 96, limit: int = BYTES
) -> list[bytes]:
    """A file an image, small ones enlarged by whole numbers.

    Args:
        images, low, high: as `sample_grid` takes them.
        shortest: pixels that the longer side should have at least.
        limit: of bytes, of all of them.

    Returns:
        PNG files, or JPEG files where these would be too large.

    Example:
        >>> len(image_files(np.zeros((2, 28, 28, 1)), low=0.0, high=1.0))
        2
    """
    enlarge = max(1, -(-shortest // max(np.shape(images)[1:-1], default=1)))
    pictures = [
        sample_grid(image[None], 1, low=low, high=high, enlarge=enlarge) for image in images
    ]
    return encode(pictures, limit)


def film_frames(
    captions: Sequence[str], pictures: Sequence[np.ndarray], *, most: int = FRAMES
) -> list[tuple[str, bytes]]:
    """Pictures as frames of a film strip, evenly thinned out where there are many.

    Args:
        captions: a text a picture.
        pictures: `(rows, columns, 1 or 3)` uint8 each, in the order of time.
        most: frames that are kept, the first and the last among them.

    Returns:
        Pairs of a caption and a PNG or JPEG file, at most 1.5 MB together.

    Raises:
        ValueError: there is not a caption a picture.

    Example:
        >>> frames = film_frames("abcde", [np.zeros((8, 8, 1), np.uint8)] * 5, most=3)
        >>> [caption for caption, file in frames]
        ['a', 'c', 'e']
    """
    if len(captions) != len(pictures):
        raise ValueError(f"There are {len(captions)} captions for {len(pictures)} pictures.")
    count = min(most, len(pictures))
    kept = [round(position) for position in np.linspace(0, len(pictures) - 1, count)]
    files = encode([pictures[index] for index in kept], FILM_BYTES)
    return list(zip([captions[index] for index in kept], files, strict=True))


def _curve(values: np.ndarray) -> np.ndarray:
    """A signal of bytes as a line, black on white; steps are joined."""
    rows = (CURVE_ROWS - 1) * (255 - values.astype(int)) // 255
    before = np.concatenate([rows[:1], rows[:-1]])
    row = np.arange(CURVE_ROWS)[:, None]
    line = (row >= np.minimum(rows, before)) & (row <= np.maximum(rows, before))
    return np.where(line, 0, 255).astype(np.uint8)[..., None]
