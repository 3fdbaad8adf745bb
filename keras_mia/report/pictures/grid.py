"""Many images in one picture."""

from collections.abc import Sequence

import numpy as np

from keras_mia.report.pictures.drawing import BYTES, encode, in_a_row, to_bytes

GROUND = 128  # gray is seen beside black and beside white images
FRAMES = 24
FILM_BYTES = 1_500_000


def sample_grid(
    images: np.ndarray,
    columns: int,
    *,
    low: float,
    high: float,
    gap: int = 2,
    enlarge: int = 1,
) -> np.ndarray:
    """Images in rows and columns; of volumes, the middle plane across each axis.

    Args:
        images: `(images, *space, 1 or 3)`, of two or three axes of space.
        columns: images in a row; the last row may have fewer.
        low, high: the values that are black and white; what lies beyond them is cut off.
        gap: pixels between two images.
        enlarge: pixels a side that a pixel becomes.

    Returns:
        A picture `(rows, columns, 1 or 3)` uint8.

    Raises:
        ValueError: no image, another rank, another number of channels, no columns, or a range
            without values.

    Example:
        >>> images = np.zeros((5, 28, 28, 1))
        >>> sample_grid(images, 3, low=-1.0, high=1.0).shape
        (58, 88, 1)
    """
    images = np.asarray(images)
    if images.ndim not in (4, 5) or images.shape[-1] not in (1, 3) or not images.size:
        raise ValueError(
            f"Images have shape {images.shape}; they are (images, *space, channels), 2D or 3D, of 1"
            " channel or 3."
        )
    if columns < 1 or gap < 0 or enlarge < 1 or not low < high:
        raise ValueError(f"columns {columns}, gap {gap}, enlarge {enlarge}, range {low} to {high}")
    tiles = [_tile(to_bytes(image, low, high), gap, enlarge) for image in images]
    height, width, channels = tiles[0].shape
    columns = min(columns, len(tiles))
    rows = -(-len(tiles) // columns)
    shape = rows * (height + gap) - gap, columns * (width + gap) - gap, channels
    picture = np.full(shape, GROUND, np.uint8)
    for index, tile in enumerate(tiles):
        row, column = divmod(index, columns)
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


def _tile(image: np.ndarray, gap: int, enlarge: int) -> np.ndarray:
    """An image; of a volume the planes across its third, second and first axis."""
    flat = [image]
    if image.ndim == 4:
        flat = [image.take(image.shape[axis] // 2, axis) for axis in (2, 1, 0)]
    return in_a_row([x.repeat(enlarge, axis=0).repeat(enlarge, axis=1) for x in flat], gap)
