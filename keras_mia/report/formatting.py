"""Numbers and names as a reader expects them."""

import math
from collections.abc import Mapping

from keras_mia.data.targets.multitask import NAMED

HEADINGS = {
    "dice": "Dice",
    "dice_empty_as_1": "Dice (rightly empty: 1)",
    "jaccard": "Jaccard",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "precision": "Precision",
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "top5_accuracy": "Top-5 accuracy",
    "auc": "AUC",
    "average_precision": "Average precision",
    "f1": "F1",
    "kappa": "Kappa",
    "kappa_quadratic": "Kappa, quadratic",
    "matthews": "Matthews",
    "calibration_error": "Calibration error",
    "brier": "Brier",
    "nll": "NLL",
    "mae": "Mean absolute error",
    "rmse": "RMSE",
    "r2": "R²",
    "pixel_error": "Pixel error",
    "surface_dice": "Surface Dice",
    "hd95_mm": "HD95 (mm)",
    "hausdorff_mm": "Hausdorff (mm)",
    "surface_distance_mm": "Surface distance (mm)",
    "volume_ml": "Volume (ml)",
    "volume_error_ml": "Volume error (ml)",
    "area_mm2": "Area (mm²)",
    "area_error_mm2": "Area error (mm²)",
    "hd95_px": "HD95 (px)",
    "hausdorff_px": "Hausdorff (px)",
    "surface_distance_px": "Surface distance (px)",
    "volume_px": "Volume (px)",
    "volume_error_px": "Volume error (px)",
    "area_px": "Area (px)",
    "area_error_px": "Area error (px)",
}
DISTANCES = ("hd95", "hausdorff", "surface_distance")
SMALL = ("brier", "nll", "mae", "rmse")
UNITS = {"mm": "mm", "mm2": "mm²", "ml": "ml", "px": "px"}
UNDEFINED = "–"


def heading(metric: str) -> str:
    """A metric's name with its unit. Of one of several targets it begins with its column.

    Example:
        >>> heading("hd95_mm"), heading("hd95_px"), heading("lesion_recall")
        ('HD95 (mm)', 'HD95 (px)', 'Lesion recall')
    """
    column, between, metric = metric.rpartition(NAMED)
    text = HEADINGS.get(metric)
    if text is None:
        suffix = unit(metric)
        bare = metric.removesuffix(f"_{suffix}") if suffix else metric
        text = bare.replace("_", " ").strip()
        text = text[:1].upper() + text[1:] + (f" ({UNITS[suffix]})" if suffix else "")
    return column + between + text


def unit(metric: str) -> str:
    """The last part of a metric's name, where that is a unit.

    Example:
        >>> unit("hd95_mm"), unit("dice")
        ('mm', '')
    """
    last = metric.rpartition("_")[-1]
    return last if last in UNITS and last != metric else ""


def is_distance(metric: str) -> bool:
    """Whether it is a distance between surfaces, in mm or px."""
    return metric.rpartition("_")[0] in DISTANCES


def lower_is_better(metric: str) -> bool:
    """Whether a small value is a good one."""
    metric = metric.rpartition(NAMED)[-1]
    return is_distance(metric) or "error" in metric or "loss" in metric or metric in SMALL


def value(text: object) -> float:
    """A number out of a table's cell or a JSON value; NaN where there is none."""
    try:
        return float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan


def number(amount: object, metric: str = "dice") -> str:
    """A value with the decimals its metric deserves.

    Example:
        >>> number(0.89512), number(3.14159, "hd95_mm"), number(None)
        ('0.895', '3.14', '–')
    """
    amount = value(amount)
    if not math.isfinite(amount):
        return UNDEFINED if math.isnan(amount) else "∞"
    if unit(metric):
        return f"{amount:.2f}" if abs(amount) < 100 else f"{amount:.0f}"
    return f"{amount:.3f}" if abs(amount) < 100 else f"{amount:.1f}"


def interval(ends: object, metric: str = "dice") -> str:
    """ "low to high", or nothing where an end is missing."""
    low, high = ends if isinstance(ends, list | tuple) and len(ends) == 2 else (None, None)
    if not (math.isfinite(value(low)) and math.isfinite(value(high))):
        return ""
    return f"{number(low, metric)} to {number(high, metric)}"


def duration(seconds: object) -> str:
    """Seconds as a person says them.

    Example:
        >>> duration(4.21), duration(754), duration(7380)
        ('4.2 s', '12 min 34 s', '2 h 3 min')
    """
    seconds = value(seconds)
    if math.isnan(seconds):
        return UNDEFINED
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def count(amount: int, noun: str) -> str:
    """ "1 case", "12 cases", "1 234 567 parameters" (with narrow spaces)."""
    text = f"{amount:,}".replace(",", "\u202f")
    return f"{text} {noun}" if amount == 1 else f"{text} {noun}s"


def plain(content: object, size: bool = False) -> str:
    """A value of a JSON file in one line, without brackets and quotes.

    Args:
        content: what `json.loads` gives.
        size: whether lists of numbers are sizes.

    Example:
        >>> plain([64, 32], size=True), plain({"mean": 1.5, "used": True}), plain(None)
        ('64 × 32', 'mean 1.5, used yes', '–')
    """
    if content is None or content == [] or content == {}:
        return UNDEFINED
    if isinstance(content, bool):
        return "yes" if content else "no"
    if isinstance(content, float):
        return f"{content:.4g}"
    if isinstance(content, Mapping):
        return ", ".join(f"{key} {plain(inner, size)}" for key, inner in content.items())
    if isinstance(content, list | tuple):
        simple = size and all(isinstance(item, int | float) for item in content)
        return (" × " if simple else ", ").join(plain(item, size) for item in content)
    return str(content)
