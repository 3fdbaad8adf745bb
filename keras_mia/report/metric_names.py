"""What the scores of metrics.json are called, and which of them are better when smaller."""

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
    "psnr": "PSNR (dB)",
    "ssim": "SSIM",
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
    "frechet_distance": "Fréchet distance",
    "frechet_floor": "Fréchet distance, real to real",
    "kernel_distance": "Kernel distance",
    "kernel_floor": "Kernel distance, real to real",
    "classes_covered": "Classes covered",
    "smallest_class_share": "Share of the rarest class",
    "evenness": "Evenness of classes",
    "label_accuracy": "Samples of the class asked for",
    "sample_precision": "Precision of samples",
    "sample_recall": "Recall of samples",
    "ms_ssim": "MS-SSIM among samples",
    "ms_ssim_real": "MS-SSIM among real images",
    "nearest_ratio": "Distance to training, samples to held-out",
    "memorized_share": "Share nearer than held-out",
    "nearer_p": "Nearer than held-out, p",
    "change": "Mean absolute change",
    "ks_distance": "Kolmogorov-Smirnov distance",
}
DECIMALS = {
    "classes_covered": 0,
    "frechet_distance": 2,
    "frechet_floor": 2,
    "kernel_distance": 4,
    "kernel_floor": 4,
}
DISTANCES = ("hd95", "hausdorff", "surface_distance")
SMALL = {
    *("brier", "nll", "mae", "rmse", "frechet_distance", "frechet_floor", "kernel_distance"),
    *("change", "kernel_floor", "ks_distance", "memorized_share", "ms_ssim", "ms_ssim_real"),
}
UNITS = {"mm": "mm", "mm2": "mm²", "ml": "ml", "px": "px"}


def heading(metric: str) -> str:
    """A metric's name with its unit. Of one of several targets it begins with its column.

    Args:
        metric: its name in metrics.json, with its column before it where there are several targets.

    Returns:
        The heading of its column.

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

    Args:
        metric: its name in metrics.json.

    Returns:
        "mm", "mm2", "ml" or "px"; empty: it has none.

    Example:
        >>> unit("hd95_mm"), unit("dice")
        ('mm', '')
    """
    last = metric.rpartition("_")[-1]
    return last if last in UNITS and last != metric else ""


def decimals(metric: str) -> int:
    """With how many decimals a value of usual size is shown.

    Args:
        metric: its name in metrics.json.

    Returns:
        Two of what has a unit, three of other scores, but for those that need more or fewer.

    Example:
        >>> decimals("dice"), decimals("hd95_mm"), decimals("classes_covered")
        (3, 2, 0)
    """
    metric = metric.rpartition(NAMED)[-1]
    return DECIMALS.get(metric, 2 if unit(metric) else 3)


def lower_is_better(metric: str) -> bool:
    """Whether a small value is a good one.

    Args:
        metric: its name in metrics.json.

    Returns:
        Whether it is a distance, an error, a loss, or a likeness that there should be little of.
    """
    metric = metric.rpartition(NAMED)[-1]
    distance = metric.rpartition("_")[0] in DISTANCES
    return distance or "error" in metric or "loss" in metric or metric in SMALL
