"""Samples of a network side by side."""

import math
from collections.abc import Sequence

import numpy as np

from keras_mia.report.pictures.drawing import to_rgb

GAP = 2
"""Pixels between samples."""
PAPER = 255


def sample_tile(
    image: np.ndarray, value_range: tuple[float, float], *, in_ras: bool = False
) -> np.ndarray:
    """A sample as a picture; of a volume the middle slice along its third axis.

    Args:
        image: `(*space, channels)`, 2D or 3D. Three channels are red, green and blue, else the
            first one is drawn in gray.
        value_range: the values that are drawn black and white.
        in_ras: whether a volume lies in RAS+: then front is up, and left is left (neurological).

    Returns:
        uint8 `(rows, columns, 3)`.

    Example:
        >>> tile = sample_tile(np.full((5, 6, 7, 1), 50.0), (0, 100), in_ras=True)
        >>> tile.shape, int(tile[0, 0, 0])
        ((6, 5, 3), 128)
    """
    if image.ndim == 4:
        image = image[:, :, image.shape[2] // 2]
        image = image.swapaxes(0, 1)[::-1] if in_ras else image
    low, high = value_range
    pixels = image if image.shape[-1] == 3 else image[..., :1]
    return to_rgb(pixels, low, high if high > low else low + 1)


def sample_grid(tiles: Sequence[np.ndarray], columns: int | None = None) -> np.ndarray:
    """Pictures of one size in rows, on white.

    Args:
        tiles: uint8 `(rows, columns, 3)` each, as `sample_tile` gives them.
        columns: how many are in a row; None: about as many as there are rows.

    Returns:
        uint8 `(rows, columns, 3)`.

    Example:
        >>> sample_grid([np.zeros((8, 6, 3), np.uint8)] * 5).shape
        (18, 22, 3)
    """
    height, width, _ = tiles[0].shape
    across = columns or grid_columns(len(tiles))
    down = math.ceil(len(tiles) / across)
    size = (down * (height + GAP) - GAP, across * (width + GAP) - GAP)
    grid = np.full((*size, 3), PAPER, np.uint8)
    for number, tile in enumerate(tiles):
        top, left = (number // across) * (height + GAP), (number % across) * (width + GAP)
        grid[top : top + height, left : left + width] = tile
    return grid


def grid_columns(count: int) -> int:
    """How many samples are in a row of a grid that is about square.

    Args:
        count: of all samples.

    Example:
        >>> [grid_columns(count) for count in (1, 2, 10, 16)]
        [1, 2, 4, 4]
    """
    return math.ceil(math.sqrt(count))
