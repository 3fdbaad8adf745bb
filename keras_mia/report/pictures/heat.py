"""An image beside the same with a heat map laid over it."""

import numpy as np
from PIL import Image

from keras_mia.report.pictures.case_picture import CasePicture
from keras_mia.report.pictures.drawing import encode, is_colored, resize, to_rgb, window

LENGTH = 300  # pixels of the longer side
BYTES = 60_000
LEFT_OUT, DENSE = 0.1, 0.75  # the heat that is not drawn, and how much the hottest covers
STOPS = np.array([(90, 0, 110), (215, 40, 70), (255, 150, 30), (255, 245, 130)], np.float32)


def heat_picture(
    image: np.ndarray,
    heat: np.ndarray | None,
    *,
    title: str,
    caption: str,
    label: str = "Heat",
    in_ras: bool = False,
) -> CasePicture:
    """Draws an image and, where there is a heat map, the image below it; of a volume its middle.

    Args:
        image: `(*space, channels)`, 2D or 3D; drawn as `planes` draws it.
        heat: `(*space)` from 0 to 1, or None.
        title: heading of the case.
        caption: goes before the text on the slice.
        label: of the second picture.
        in_ras: whether a volume, or a plane of one, lies in RAS+.

    Returns:
        Pictures labelled "Image" and `label`.

    Example:
        >>> heat = np.eye(8)
        >>> picture = heat_picture(heat[..., None], heat, title="a", caption="b", label="Heat")
        >>> [label for label, file in picture.images]
        ['Image', 'Heat']
    """
    flat = image if is_colored(image) else image[..., :1]
    low, high = window(flat)
    if image.ndim == 4:
        middle = flat.shape[2] // 2
        flat, heat = flat[:, :, middle], None if heat is None else heat[:, :, middle]
        about = "Middle axial slice; left is left." if in_ras else "Middle slice of the third axis."
        caption = f"{caption} {about}"
    if in_ras:
        flat = flat.swapaxes(0, 1)[::-1]
        heat = None if heat is None else heat.swapaxes(0, 1)[::-1]
    factor = LENGTH / max(flat.shape[:2])
    factor = float(int(factor)) if factor >= 1 else factor
    shape = tuple(max(1, round(length * factor)) for length in flat.shape[:2])
    base = resize(to_rgb(flat, low, high), shape)
    pictures = [base] if heat is None else [base, warmed(base, heat)]
    labels = ("Image", label)[: len(pictures)]
    return CasePicture(title, caption, tuple(zip(labels, encode(pictures, BYTES), strict=True)))


def warmed(picture: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """`picture`, RGB, in gray with the heat from 0 to 1 over it, from violet to yellow."""
    smooth = Image.fromarray(heat.astype(np.float32)).resize(
        picture.shape[1::-1], Image.Resampling.BILINEAR
    )
    amount = np.clip(np.asarray(smooth), 0, 1)
    positions = np.linspace(0, 1, len(STOPS))
    tint = np.stack([np.interp(amount, positions, stop) for stop in STOPS.T], axis=-1)
    share = DENSE * np.clip((amount - LEFT_OUT) / (1 - LEFT_OUT), 0, 1)[..., None]
    gray = picture.mean(axis=-1, keepdims=True)
    return ((1 - share) * gray + share * tint + 0.5).astype(np.uint8)
