"""Gray and colour, fills, outlines, and files small enough for a page."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image
from scipy import ndimage

from keras_mia.data.fingerprint.sampling import sample_voxels
from keras_mia.report.pictures.colors import color, rgb

BYTES = 185_000
SAMPLE = 1_000_000


def is_colored(image: np.ndarray) -> bool:
    """Whether `(*space, channels)` holds red, green and blue, and not thrice the same gray."""
    if image.shape[-1] != 3 or image.dtype.kind != "u":
        return False
    return bool((image[..., :2] != image[..., 1:]).any())


def window(image: np.ndarray) -> tuple[float, float]:
    """The values shown black and white: percentiles 1 and 99.5; of 8-bit RGB 0 and 255."""
    if image.shape[-1] == 3 and image.dtype == np.uint8:
        return 0.0, 255.0
    values = sample_voxels(image, SAMPLE).astype(np.float32)
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    low, high = np.percentile(values, (1, 99.5))
    if low == high:
        low, high = values.min(), values.max()
    return float(low), float(high if high > low else low + 1)


def to_rgb(flat: np.ndarray, low: float, high: float) -> np.ndarray:
    """A plane `(rows, columns, 1 or 3)` as uint8 RGB."""
    colored = flat if flat.shape[-1] == 3 else np.repeat(flat, 3, axis=-1)
    return to_bytes(colored, low, high)


def to_bytes(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Values as uint8, `low` as 0 and `high` as 255; what is no number as 0."""
    scaled = (values.astype(np.float32) - low) / (high - low)
    return (255 * np.clip(np.nan_to_num(scaled), 0, 1) + 0.5).astype(np.uint8)


def resize(flat: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """RGB by the mean over each new pixel's area, labels by the nearest; larger ones keep steps."""
    how = Image.Resampling.BOX if flat.ndim == 3 else Image.Resampling.NEAREST
    return np.asarray(Image.fromarray(flat).resize(shape[::-1], how))


def outline(labels: np.ndarray, thick: int = 1) -> np.ndarray:
    """Where classes end: pixels of a class beside another one, bool `(rows, columns)`.

    The picture's border is no end. The line lies inside the class, `thick` pixels wide.

    Example:
        >>> outline(np.pad(np.ones((3, 3), int), 1)).astype(int)[1:4, 1:4]
        array([[1, 1, 1],
               [1, 0, 1],
               [1, 1, 1]])
    """
    edge = np.zeros(labels.shape, bool)
    down, right = labels[1:] != labels[:-1], labels[:, 1:] != labels[:, :-1]
    edge[1:] |= down
    edge[:-1] |= down
    edge[:, 1:] |= right
    edge[:, :-1] |= right
    inside = labels > 0
    edge &= inside
    return ndimage.binary_dilation(edge, iterations=thick - 1, mask=inside) if thick > 1 else edge


def paint(picture: np.ndarray, labels: np.ndarray, where: np.ndarray, share: float) -> np.ndarray:
    """`picture` with the colours of `labels` laid over it where `where` is set."""
    table = np.array([(0, 0, 0), *(rgb(color(k)) for k in range(1, 256))], np.float32)
    painted = (1 - share) * picture + share * table[labels]
    return np.where((where & (labels > 0))[..., None], painted + 0.5, picture).astype(np.uint8)


def in_a_row(pictures: Sequence[np.ndarray], gap: int) -> np.ndarray:
    """Pictures `(rows, columns, channels)` beside each other on black, centred in height."""
    height = max(len(picture) for picture in pictures)
    padded = []
    for i, picture in enumerate(pictures):
        above = (height - len(picture)) // 2
        margins = ((above, height - len(picture) - above), (gap if i else 0, 0), (0, 0))
        padded.append(np.pad(picture, margins))
    return np.concatenate(padded, axis=1)


def encode(pictures: Sequence[np.ndarray], limit: int = BYTES) -> list[bytes]:
    """Pictures `(rows, columns, 3 or 1)` as files: PNG, or JPEG where over `limit` bytes."""
    files = [_file(picture, format="PNG", optimize=True) for picture in pictures]
    qualities = iter((88, 80, 70, 55, 40))
    while sum(map(len, files)) > limit:
        quality = next(qualities, None)
        if quality is None:  # noise: only fewer pixels help
            quality, pictures = 40, [picture[::2, ::2] for picture in pictures]
        files = [
            _file(picture, format="JPEG", quality=quality, subsampling=0) for picture in pictures
        ]
    return files


def _file(picture: np.ndarray, **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture).save(buffer, **options)
    return buffer.getvalue()
