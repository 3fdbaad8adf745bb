"""What pictures share, whatever library reads them: how they are turned, alpha, shades of grey."""

import numpy as np

GREY_SPREAD = 8
"""Channels that differ by less show grey, as in DRIVE's (252, 254, 252)."""

ORIENTED = "Turned as the file's orientation tag says"
ALPHA = "The alpha channel is left out"
FIRST = "The first of several pictures in a file is taken"
BLURRED = "Label maps in a format that changes values a little (JPEG and the like)"


def oriented(array: np.ndarray, tag: int) -> np.ndarray:
    """A picture as viewers show it.

    Args:
        array: `(rows, columns, ...)` as stored.
        tag: of its orientation, 1 to 8 as in EXIF and TIFF; others count as 1, as it lies.

    Returns:
        A view of the array.

    Source: TIFF 6.0, tag 274; EXIF 2.3 has the same.

    Example:
        >>> oriented(np.array([[1, 2, 3]]), 6).tolist()
        [[1], [2], [3]]
    """
    if tag in (5, 6, 7, 8):
        array = array.swapaxes(0, 1)
    if tag in (3, 4, 7, 8):
        array = array[::-1]
    if tag in (2, 3, 6, 7):
        array = array[:, ::-1]
    return array


def palette_is_grey(palette: np.ndarray) -> bool:
    """Whether a palette `(n, 3)` holds shades of grey only.

    Args:
        palette: of any dtype.
    """
    return not palette.size or int(np.ptp(palette.astype(int), axis=1).max()) <= GREY_SPREAD


def painted(indices: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """An indexed picture as shown: grey values where it uses nothing else, else RGB.

    Args:
        indices: `(rows, columns, ...)`.
        palette: `(n, 3)` uint8.

    Returns:
        `(rows, columns, ...)`, or the same with a last axis of 3.
    """
    if palette_is_grey(palette[np.unique(indices)]):
        return luminance(palette)[indices]
    return palette[indices]


def palette_labels(indices: np.ndarray, palette: np.ndarray, values: str | None) -> np.ndarray:
    """An indexed picture as labels.

    Args:
        indices: of any shape.
        palette: `(n, 3)` uint8.
        values: "displayed" for the shades of grey, "stored" for the indices; None: displayed
            where the whole palette, used or not, is grey.

    Returns:
        Of the shape of `indices`.
    """
    if values == "displayed" or (values is None and palette_is_grey(palette)):
        return luminance(palette)[indices]
    return indices


def grey_labels(grey: np.ndarray, white: int, values: str | None) -> np.ndarray:
    """A grey picture as labels.

    Args:
        grey: values of up to 8 bits as shown, deeper ones as stored.
        white: the number that is stored for white.
        values: "displayed" for values of which 255 is white, "stored" for those in the file; None:
            as they come.

    Returns:
        Of the shape of `grey`, integers where it holds integers.
    """
    if values == "stored" and white < 255:
        return np.round(grey * (white / 255)).astype(np.uint8)
    if values == "displayed" and white > 255 and grey.dtype.kind in "iu":
        scaled = grey * (255 / white)
        whole = np.abs(scaled - np.round(scaled)).max(initial=0) < 1e-6
        return np.round(scaled).astype(np.uint8) if whole else grey
    return grey


def luminance(array: np.ndarray) -> np.ndarray:
    """Colours as grey values of the same type.

    Args:
        array: `(..., 3)`, red, green and blue.

    Returns:
        `(...)`; equal channels stay as they are.

    Source: ITU-R BT.601, as in Pillow.

    Example:
        >>> luminance(np.array([[255, 0, 0], [7, 7, 7]], np.uint8)).tolist()
        [76, 7]
    """
    grey = array.astype(np.float64) @ (0.299, 0.587, 0.114)
    return (np.round(grey) if array.dtype.kind in "iu" else grey).astype(array.dtype)


def split_alpha(array: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Colours or grey without the last channel, and that channel where it is not the same
    everywhere.

    Args:
        array: `(rows, columns, ..., channels)` whose last channel is alpha.

    Returns:
        `(rows, columns, ..., channels - 1)`; and `(rows, columns, ...)` or None.
    """
    alpha = array[..., -1]
    return array[..., :-1], None if alpha.size and alpha.min() == alpha.max() else alpha


def alpha_separates(values: np.ndarray, alpha: np.ndarray) -> bool:
    """Whether voxels of one value have several alphas, so that the values are not all there is.

    Args:
        values: integers.
        alpha: of the same shape.
    """
    pairs = np.unique(np.stack([values.ravel().astype(np.int64), alpha.ravel()]), axis=1)
    return bool(len(np.unique(pairs[0])) < pairs.shape[1])
