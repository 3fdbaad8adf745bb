"""Scores of integer label maps: overlap, volume and surfaces, a class at a time.

With TP, FP, FN, TN the voxels of one class against all others: `dice` 2 TP / (2 TP + FP + FN),
`jaccard` TP / (TP + FP + FN), `sensitivity` TP / (TP + FN), `specificity` TN / (TN + FP),
`precision` TP / (TP + FP). What is empty is scored as `keras_mia.metrics` says.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_mia.metrics.segmentation import surface
from keras_mia.metrics.statistics.weighted import share


def scores(
    truth: np.ndarray,
    prediction: np.ndarray,
    classes: int,
    spacing_mm: Sequence[float] | None = None,
    region: np.ndarray | None = None,
    tolerance_mm: float = 1.0,
    ignore_label: int | None = 255,
) -> dict[int, dict[str, float]]:
    """Scores one case, class by class, background (class 0) left out.

    Args:
        truth: `(*space)`, integer classes.
        prediction: `(*space)`, integer classes.
        classes: how many classes there are, background among them.
        spacing_mm: the voxels' sides; None: not known, and lengths are in voxels.
        region: `(*space)`, bool: where it is not set, nothing counts; None: all counts.
        tolerance_mm: of the surface Dice; in voxels where the spacing is not known.
        ignore_label: voxels of the truth with this label do not count either.

    Returns:
        For each class its scores by name: `dice`, `jaccard`, `sensitivity`, `specificity`,
        `precision`, `surface_dice` (0 to 1), `hd95_mm`, `hausdorff_mm`, `surface_distance_mm`; of
        volumes `volume_ml` (predicted) and `volume_error_ml` (predicted minus true), of pictures
        `area_mm2` and `area_error_mm2`. Without a spacing all of these end in `_px`: `hd95_px`,
        `volume_px`, `area_px`, ... Undefined: NaN.

    Raises:
        ValueError: where shapes do not fit or a label is not below `classes`.

    Example:
        >>> truth, prediction = np.array([[0, 1, 1, 0]]), np.array([[0, 1, 0, 0]])
        >>> found = scores(truth, prediction, classes=2)[1]
        >>> round(found["dice"], 3), found["precision"], found["hausdorff_px"]
        (0.667, 1.0, 1.0)
    """
    counted = _counted(truth, region, ignore_label)
    table = confusion(truth, prediction, classes, region, ignore_label)
    spacing = (1.0,) * truth.ndim if spacing_mm is None else tuple(map(float, spacing_mm))
    by_class = {}
    for index in range(1, classes):
        overlap = overlap_scores(table, index)
        sizes = _sizes(table, index, spacing)
        of_truth, of_prediction = (truth == index) & counted, (prediction == index) & counted
        surfaces = _surfaces(of_truth, of_prediction, spacing, tolerance_mm)
        by_class[index] = overlap | (
            surfaces | sizes if spacing_mm else _in_voxels(surfaces | sizes)
        )
    return by_class


def confusion(
    truth: np.ndarray,
    prediction: np.ndarray,
    classes: int,
    region: np.ndarray | None = None,
    ignore_label: int | None = 255,
) -> np.ndarray:
    """How many voxels of each true class (rows) were given each class (columns), in one pass.

    Args:
        truth, prediction, classes, region, ignore_label: as in `scores`.

    Returns:
        `(classes, classes)`, integer.

    Raises:
        ValueError: where shapes do not fit, or a label is no integer below `classes`.

    Example:
        >>> confusion(np.array([0, 1, 1, 255]), np.array([0, 1, 0, 1]), classes=2)
        array([[1, 0],
               [1, 1]])
    """
    if truth.shape != prediction.shape:
        raise ValueError(f"Truth {truth.shape} and prediction {prediction.shape} do not fit.")
    counted = _counted(truth, region, ignore_label)
    truth, prediction = truth[counted], prediction[counted]
    for name, labels in (("truth", truth), ("prediction", prediction)):
        if labels.size and not 0 <= labels.min() <= labels.max() < classes:
            raise ValueError(
                f"The {name} holds {labels.min()} to {labels.max()}; there are {classes} classes."
            )
        if labels.dtype.kind == "f" and (labels != np.rint(labels)).any():
            wrong = labels[labels != np.rint(labels)][0]
            raise ValueError(f"The {name} holds {wrong}; labels are whole numbers.")
    truth, prediction = truth.astype(np.int64), prediction.astype(np.int64)
    pairs = np.bincount(truth * classes + prediction, minlength=classes**2)
    return pairs.reshape(classes, classes)


def pixel_scores(table: np.ndarray) -> dict[str, float]:
    """The share of voxels whose class is right, `accuracy`, and wrong, `pixel_error`.

    Args:
        table: of `confusion`, or many `(..., classes, classes)`; NaN where it counts nothing.

    Returns:
        The two shares by name, each a number or `(...)`.

    Example:
        >>> pixel_scores(np.array([[2, 1], [0, 1]]))
        {'accuracy': 0.75, 'pixel_error': 0.25}
    """
    right = share(np.trace(table, axis1=-2, axis2=-1), table.sum(axis=(-2, -1)))
    return {"accuracy": right, "pixel_error": 1 - right}


def _counted(truth: np.ndarray, region: np.ndarray | None, ignore_label: int | None) -> np.ndarray:
    counted = np.ones(truth.shape, bool) if region is None else np.asarray(region, bool)
    if counted.shape != truth.shape:
        raise ValueError(f"Truth {truth.shape} and region {counted.shape} do not fit.")
    return counted if ignore_label is None else counted & (truth != ignore_label)


def overlap_scores(table: np.ndarray, index: int) -> dict[str, float]:
    """The scores of one class that follow from counts alone: Dice, Jaccard, sensitivity, ...

    Args:
        table: of `confusion`, or many `(..., classes, classes)`.
        index: the class.

    Returns:
        `dice`, `jaccard`, `sensitivity`, `specificity` and `precision`, each a number or `(...)`, 0
        to 1; NaN where undefined.

    Example:
        >>> overlap_scores(np.array([[1, 0], [1, 1]]), 1)["sensitivity"]
        0.5
    """
    true, predicted = table[..., index, :].sum(axis=-1), table[..., index].sum(axis=-1)
    return overlap_of(table[..., index, index], true, predicted, table.sum(axis=(-2, -1)))


def overlap_of(hits: Any, true: Any, predicted: Any, whole: Any) -> dict[str, Any]:
    """The scores of `overlap_scores` of any number of classes.

    Args:
        hits: how many are rightly predicted to be of the class, `(...)`.
        true: how many are of it, `(...)`.
        predicted: how many are predicted to be, `(...)`.
        whole: how many there are, `(...)`.

    Returns:
        As `overlap_scores`, each `(...)`.
    """
    false_negatives, false_positives = true - hits, predicted - hits
    true_negatives = whole - hits - false_negatives - false_positives
    return {
        "dice": share(2 * hits, 2 * hits + false_negatives + false_positives),
        "jaccard": share(hits, hits + false_negatives + false_positives),
        "sensitivity": share(hits, hits + false_negatives),
        "specificity": share(true_negatives, true_negatives + false_positives),
        "precision": share(hits, hits + false_positives),
    }


def _sizes(table: np.ndarray, index: int, spacing: tuple[float, ...]) -> dict[str, float]:
    voxel = math.prod(spacing)
    of_prediction = float(table[:, index].sum() * voxel)
    error = float((table[:, index].sum() - table[index].sum()) * voxel)
    if len(spacing) == 3:
        return {"volume_ml": of_prediction / 1000, "volume_error_ml": error / 1000}
    if len(spacing) == 2:
        return {"area_mm2": of_prediction, "area_error_mm2": error}
    return {"length_mm": of_prediction, "length_error_mm": error}


def _in_voxels(scores: dict[str, float]) -> dict[str, float]:
    """The same for voxels of 1, whose lengths, areas and volumes have no unit but the voxel."""
    in_voxels = {}
    for name, value in scores.items():
        bare, _, unit = name.rpartition("_")
        scale = 1000 if unit == "ml" else 1
        in_voxels[f"{bare}_px" if unit in ("mm", "mm2", "ml") else name] = scale * value
    return in_voxels


def _surfaces(
    of_truth: np.ndarray, of_prediction: np.ndarray, spacing: tuple[float, ...], tolerance_mm: float
) -> dict[str, float]:
    distances = surface.surface_distances(of_truth, of_prediction, spacing)
    within = surface.surface_dice(distances, tolerance_mm)
    if of_truth.any() != of_prediction.any():
        within = 0.0
    return {
        "surface_dice": within,
        "hd95_mm": surface.hd95_mm(distances),
        "hausdorff_mm": surface.hausdorff_mm(distances),
        "surface_distance_mm": surface.mean_surface_distance_mm(distances),
    }
