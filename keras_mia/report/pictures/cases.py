"""A case to look at: the image, the truth and the prediction."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import ndimage

from keras_mia.report.pictures.case_picture import CasePicture
from keras_mia.report.pictures.colors import color
from keras_mia.report.pictures.drawing import (
    encode,
    in_a_row,
    is_colored,
    outline,
    paint,
    resize,
    to_rgb,
    window,
)
from keras_mia.report.pictures.error_map import ERRORS, draw_errors, error_map, thickened

IGNORE = 255
LENGTH = {2: 600, 3: 800}  # pixels of a 2D picture's longer side; of a row of three planes
GAP = 6
FILL = 0.5
GROUND, DIM = 0.8, 0.35  # how bright the image is below classes, and outside the region
THIN = 0.4  # share of a structure that its outline may cover

NEUROLOGICAL = "Axial, coronal and sagittal plane; left is left (neurological)."
WITHOUT_RAS = "Planes across the third, second and first axis of the array."
OUTLINED = "Filled: classes, of the truth and of the prediction. White line: the truth in both."
FILLED = "Filled: classes, of the truth and of the prediction."


def planes(
    image: np.ndarray,
    truth: np.ndarray,
    prediction: np.ndarray,
    *,
    names: Sequence[str],
    title: str = "",
    region: np.ndarray | None = None,
    spacing: Sequence[float] | None = None,
) -> CasePicture:
    """Draws a case; of a volume, three planes through the centre of the truth's largest structure.

    Classes are drawn over gray, also where the image has colours. Outside the region, and where the
    truth is 255, it is dim and no class is drawn. A white line is the truth's outline, where its
    structures are not too thin for one. Errors have colours of their own, what is right is light.

    Args:
        image: `(*space, channels)`; three channels of unsigned integers that differ are RGB,
            otherwise the first channel is shown in gray. A volume with `spacing` lies in RAS+.
        truth: classes `(*space)`; 0 is background.
        prediction: classes `(*space)`.
        names: of the classes, background first.
        title: heading of the case.
        region: where it counts, bool `(*space)`.
        spacing: of the voxels in mm, a number an axis; None: pixels without a known
            position in the world.

    Returns:
        Pictures labelled "Image", "Truth", "Prediction" and "Errors", together below 200 kB.

    Raises:
        ValueError: the space is neither 2D nor 3D, or the arrays differ in it.

    Example:
        >>> disk = np.pad(np.ones((8, 8), int), 4)
        >>> picture = planes(disk[..., None], disk, disk, names=["background", "disk"])
        >>> [label for label, file in picture.images], dict(picture.colors)
        (['Image', 'Truth', 'Prediction', 'Errors'], {'disk': '#e69f00'})
    """
    space = truth.shape
    if len(space) not in (2, 3):
        raise ValueError(f"a picture is 2D or 3D, the truth has shape {space}")
    if image.shape[:-1] != space or prediction.shape != space:
        raise ValueError(
            f"shapes differ: image {image.shape}, truth {space}, prediction {prediction.shape}"
        )
    counted = truth != IGNORE
    if region is not None:
        counted = counted & region.astype(bool)
    image = image if is_colored(image) else image[..., :1]
    low, high = window(image)
    cuts = _cuts(_centre(truth, prediction, counted), spacing)
    shapes, thick = _shapes([cut(truth).shape for cut, _ in cuts], [step for _, step in cuts])
    errors = error_map(truth, prediction, counted)
    parts = []
    for (cut, _), shape in zip(cuts, shapes, strict=True):
        base = resize(to_rgb(cut(image), low, high), shape)
        maps = (truth, prediction, counted)
        labels = [resize(np.ascontiguousarray(cut(x).astype(np.uint8)), shape) for x in maps]
        wrong = resize(thickened(np.ascontiguousarray(cut(errors)), shape), shape)
        parts.append((base, *labels[:2], labels[2].astype(bool), wrong))
    pictures, outlined = _draw(parts, thick)
    about = (NEUROLOGICAL if spacing is not None else WITHOUT_RAS) if len(space) == 3 else ""
    present = set(np.unique(truth[counted])) | set(np.unique(prediction[counted]))
    return CasePicture(
        title,
        " ".join(filter(None, (about, OUTLINED if outlined else FILLED))),
        tuple(zip(("Image", "Truth", "Prediction", "Errors"), encode(pictures), strict=True)),
        {name: color(k) for k, name in enumerate(names) if k and k in present},
        {name: css for kind, (name, css) in enumerate(ERRORS.items(), 1) if (errors == kind).any()},
    )


def _centre(truth, prediction, counted) -> tuple[int, ...]:
    for labels in (truth, prediction):
        inside = (labels > 0) & counted
        if inside.any():
            structures, _ = ndimage.label(inside)
            largest = np.argmax(np.bincount(structures.ravel())[1:]) + 1
            return tuple(int(np.median(i)) for i in np.nonzero(structures == largest))
    return tuple(length // 2 for length in truth.shape)


def _cuts(at, spacing) -> list[tuple[Callable, tuple[float, float]]]:
    """Pairs of a function from an array to its plane, and that plane's steps (rows, columns)."""
    in_ras = spacing is not None
    steps = [float(step) for step in spacing] if in_ras else [1.0] * len(at)
    if len(at) == 2:
        return [(lambda array: array, (steps[0], steps[1]))]

    def cut(axis: int) -> Callable:
        def plane(array):
            flat = array.take(at[axis], axis)
            return flat.swapaxes(0, 1)[::-1] if in_ras else flat

        return plane

    cuts = []
    for axis in (2, 1, 0):
        first, second = (step for i, step in enumerate(steps) if i != axis)
        cuts.append((cut(axis), (second, first) if in_ras else (first, second)))
    return cuts


def _shapes(shapes, steps) -> tuple[list[tuple[int, int]], int]:
    """The planes' shapes in pixels of one size, and how thick to draw an outline.

    The finest voxels are a whole number of pixels wide, unless they have to be made smaller.
    """
    finest = min(step for pair in steps for step in pair)
    sizes = [
        [length * step / finest for length, step in zip(shape, pair, strict=True)]
        for shape, pair in zip(shapes, steps, strict=True)
    ]
    flat = len(sizes) == 1
    length = max(sizes[0]) if flat else sum(columns for _, columns in sizes)
    longest = max(length, max(rows for rows, _ in sizes))
    factor = LENGTH[2 if flat else 3] / longest
    factor = float(int(factor)) if factor >= 1 else factor
    return [
        (max(1, round(rows * factor)), max(1, round(columns * factor))) for rows, columns in sizes
    ], 2 if factor >= 2 else 1


def _draw(parts, thick: int) -> tuple[list[np.ndarray], bool]:
    """Image, truth, prediction and errors, the planes in a row; and whether outlines were drawn."""
    lines = [outline(np.where(counted, truth, 0)) for _, truth, _, counted, _ in parts]
    filled = sum(int(((truth > 0) & counted).sum()) for _, truth, _, counted, _ in parts)
    outlined = sum(int(line.sum()) for line in lines) <= THIN * filled
    rows: tuple[list, list, list, list] = ([], [], [], [])
    for base, truth, prediction, counted, wrong in parts:
        gray = base.mean(axis=-1, keepdims=True).repeat(3, axis=-1)  # so that classes stand out
        dim = (gray * np.where(counted, GROUND, DIM)[..., None]).astype(np.uint8)
        line = outline(np.where(counted, truth, 0), thick) & counted
        rows[0].append(base)
        for row, labels in ((rows[1], truth), (rows[2], prediction)):
            filled_in = paint(dim, labels, counted, FILL)
            row.append(np.where((line & outlined)[..., None], np.uint8(255), filled_in))
        right = (truth > 0) & (truth == prediction) & counted
        rows[3].append(draw_errors(dim, wrong, right))
    return [in_a_row(row, GAP) for row in rows], outlined
