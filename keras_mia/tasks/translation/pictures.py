"""Cases to look at: source, target, prediction, and what is wrong with it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from keras_mia.data.datasets.cases import Case
from keras_mia.data.image import Image, ras_orientation
from keras_mia.report.pictures.case_picture import CasePicture
from keras_mia.report.pictures.drawing import encode, resize, to_rgb
from keras_mia.tasks.translation.evaluation.score_space import ScoreSpace
from keras_mia.tasks.translation.identity import identity
from keras_mia.tasks.translation.prediction_files import prediction_name, read_prediction
from keras_mia.tasks.translation.translation_plan import SHARED, TranslationPlan

LENGTH = 420  # pixels of the longer side
BYTES = 120_000
ENDS = (0.5, 99.5)
TINY = 1e-6  # where an image holds one value only
TOO_LOW, TOO_HIGH = np.array([60, 120, 255.0]), np.array([255, 90, 40.0])


def draw(case: Case, folder: Path, plan: TranslationPlan, *, title: str) -> CasePicture:
    """A case to look at, with the image that was written for it.

    Args:
        case: that was predicted.
        folder: that its prediction lies in.
        plan: of the run.
        title: of the picture.

    Returns:
        The middle slice of source, target and prediction, and the difference of the two last, in
        RAS orientation where it is a volume with one.

    Raises:
        Problem: a file cannot be read.
    """
    source, truth = plan.source(case), plan.truth(case)
    space = ScoreSpace.of(truth, source, plan)
    path = folder / prediction_name(case, source.rank)
    prediction = space.values(read_prediction(path, source, plan.target_channels))
    images = [_middle(source, array) for array in (source.array, space.truth, prediction)]
    ends = np.percentile(images[1], ENDS)
    # Where values mean the same, images are drawn with one scale.
    of_source = ends if plan.target_normalization == SHARED else np.percentile(images[0], ENDS)
    drawn = _grey(images, (of_source, ends, ends))
    error = images[2] - images[1]
    strongest = _strongest(error)
    drawn.append(difference(error[..., 0], strongest))
    alike = "Images" if plan.target_normalization == SHARED else "Target and prediction"
    caption = (
        f"{alike} have one scale, from {ends[0]:.4g} to {ends[1]:.4g}. Difference: the prediction"
        f" is too high by up to {strongest:.4g} where it is orange, too low where it is"
        f" blue.{_where(source)}"
    )
    names = ("Source", "Target", "Prediction", "Difference")
    return _picture(title, caption, names, drawn, (source,) * 4)


def draw_change(
    case: Case, folder: Path, plan: TranslationPlan, *, title: str, real: Case
) -> CasePicture:
    """A case to look at whose image has no true one.

    Args:
        case: of which an image was made.
        folder: that it lies in.
        plan: of the run.
        title: of the picture.
        real: an image of the kind that is made.

    Returns:
        The middle slice of the source, of what was made of it, of the difference of the two, and of
        a real image.

    Raises:
        Problem: a file cannot be read.
    """
    source, other = plan.source(case), plan.source(real)
    path = folder / prediction_name(case, source.rank)
    made, unchanged = read_prediction(path, source, plan.target_channels), identity(source, plan)
    images = [
        _middle(*one) for one in ((source, source.array), (source, made), (other, other.array))
    ]
    ends = [np.percentile(image, ENDS) for image in images]
    shared = plan.target_normalization == SHARED
    if shared:
        ends[1] = ends[0]
    drawn = _grey(images, ends)
    change = _middle(source, made - unchanged)
    strongest = _strongest(change)
    drawn.insert(2, difference(change[..., 0], strongest))
    caption = (
        f"Change: up to {strongest:.4g} was added where it is orange, taken away where it is"
        f" blue.{' Source and what was made of it have one scale.' * shared} The real image is"
        f" one of {plan.kinds[1]} that does not belong to it.{_where(source)}"
    )
    names = (f"Source: {plan.kinds[0]}", "Made", "Change", f"Real: {plan.kinds[1]}")
    return _picture(title, caption, names, drawn, (source, source, source, other))


def _grey(images: Sequence[np.ndarray], ends: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Slices in grey, each from the lower to the upper of its ends."""
    return [
        to_rgb(image, float(low), max(float(high), float(low) + TINY))
        for image, (low, high) in zip(images, ends, strict=True)
    ]


def _strongest(error: np.ndarray) -> float:
    """What has the full colour."""
    return float(np.percentile(np.abs(error), 99.5)) or 1.0


def _where(image: Image) -> str:
    """Which slice it is, as a sentence."""
    return " Middle axial slice; left is left." if _in_ras(image) else ""


def _picture(
    title: str,
    caption: str,
    names: Sequence[str],
    drawn: Sequence[np.ndarray],
    images: Sequence[Image],
) -> CasePicture:
    """The slices side by side, each in the proportions of its image."""
    shaped = [
        resize(one, _shape(one.shape[:2], _sides(image)))
        for one, image in zip(drawn, images, strict=True)
    ]
    return CasePicture(title, caption, tuple(zip(names, encode(shaped, BYTES), strict=True)))


def _in_ras(image: Image) -> bool:
    return image.rank == 3 and image.affine is not None


def _middle(image: Image, array: np.ndarray) -> np.ndarray:
    """The middle slice of the first channel of an array on an image's grid."""
    return _slice(ras_orientation(image).apply(array[..., :1]), _in_ras(image))


def _sides(image: Image) -> Sequence[float]:
    """Of a pixel of that slice, rows first."""
    if not (_in_ras(image) and image.spacing):
        return (1.0, 1.0)
    return ras_orientation(image).permute(image.spacing)[:2][::-1]


def difference(error: np.ndarray, strongest: float) -> np.ndarray:
    """Errors in colours on black, `(rows, columns, 3)` uint8.

    Args:
        error: `(rows, columns)`, of either sign.
        strongest: the error that has the full colour.

    Returns:
        Orange where it is above 0, blue where it is below.
    """
    share = np.clip(np.abs(error) / strongest, 0, 1)[..., None]
    return (share * np.where(error[..., None] > 0, TOO_HIGH, TOO_LOW)).astype(np.uint8)


def _slice(array: np.ndarray, in_ras: bool) -> np.ndarray:
    """The middle slice of a volume, `(rows, columns, 1)`."""
    flat = array[:, :, array.shape[2] // 2] if array.ndim == 4 else array
    return np.asarray(flat.swapaxes(0, 1)[::-1] if in_ras else flat, np.float32)


def _shape(space: Sequence[int], spacing: Sequence[float]) -> tuple[int, int]:
    sides = np.array(space) * np.array(spacing)
    rows, columns = np.maximum(1, np.round(sides * LENGTH / sides.max())).astype(int)
    return int(rows), int(columns)
