"""What values each score can have, by the names that metrics.json has."""

import math
from typing import NamedTuple


class Range(NamedTuple):
    """What values a score can have, and from how many patients on an interval of it holds.

    Args:
        low, high: the least and the greatest value; infinite: there is none.
        fewest: of how many patients it has an interval, fewer have none.
    """

    low: float
    high: float
    fewest: int

    @property
    def closed(self) -> bool:
        """Whether it has two bounds."""
        return math.isfinite(self.low) and math.isfinite(self.high)


def between(low: float, high: float) -> Range:
    """The range of a score by its bounds: fewer than 5 patients need two of them.

    Args:
        low, high: the least and the greatest value; infinite: there is none.

    Returns:
        The range, for intervals of 2 patients and more, or of 5 and more.

    Raises:
        ValueError: nothing lies between them.
    """
    if not low < high:
        raise ValueError(f"No score lies between {low:g} and {high:g}.")
    return Range(low, high, 2 if math.isfinite(low) and math.isfinite(high) else 5)


SHARE, AGREEMENT = between(0.0, 1.0), between(-1.0, 1.0)
SIZE, SIGNED = between(0.0, math.inf), between(-math.inf, math.inf)
# Scores of squares and logarithms are decided by single patients: as long as none of these is among
# the cases, the score looks steady. How many it takes was found by simulation.
OF_ERRORS, OF_PROBABILITIES = 20, 50
RANGES: dict[str, Range | None] = {
    **dict.fromkeys(("dice", "jaccard", "sensitivity", "specificity", "precision"), SHARE),
    **dict.fromkeys(("surface_dice", "accuracy", "pixel_error", "auc", "iou"), SHARE),
    **dict.fromkeys(("average_precision", "balanced_accuracy", "top5_accuracy", "f1"), SHARE),
    **dict.fromkeys(("kappa", "kappa_quadratic", "matthews", "pearson", "spearman"), AGREEMENT),
    **dict.fromkeys(("hd95_mm", "hausdorff_mm", "surface_distance_mm"), SIZE),
    **dict.fromkeys(("hd95_px", "hausdorff_px", "surface_distance_px"), SIZE),
    **dict.fromkeys(("volume_ml", "area_mm2", "length_mm"), SIZE),
    **dict.fromkeys(("volume_px", "area_px", "length_px"), SIZE),
    **dict.fromkeys(("mae", "corner_error"), SIZE),
    "psnr": SIGNED,
    "ssim": AGREEMENT,
    **dict.fromkeys(("volume_error_ml", "area_error_mm2", "length_error_mm"), SIGNED),
    **dict.fromkeys(("volume_error_px", "area_error_px", "length_error_px", "bias"), SIGNED),
    **dict.fromkeys(("limit_low", "limit_high"), SIGNED._replace(fewest=OF_ERRORS)),
    "rmse": SIZE._replace(fewest=OF_ERRORS),
    "r2": Range(-math.inf, 1.0, OF_ERRORS),
    "brier": Range(0.0, 2.0, OF_PROBABILITIES),
    "nll": SIZE._replace(fewest=OF_PROBABILITIES),
    "calibration_error": None,
    # Of sets of samples: how many there are decides these more than the images do.
    **dict.fromkeys(("frechet_distance", "frechet_floor", "ks_distance"), None),
    **dict.fromkeys(("classes_covered", "smallest_class_share", "evenness"), None),
    **dict.fromkeys(("sample_precision", "sample_recall"), None),
    **dict.fromkeys(("label_accuracy", "memorized_share", "ms_ssim", "ms_ssim_real"), SHARE),
    **dict.fromkeys(("kernel_distance", "kernel_floor"), SIGNED),
    "nearest_ratio": SIZE,
}


def range_of(name: str) -> Range | None:
    """The range of a score; without bounds, where its name is not in the table.

    Args:
        name: as metrics.json has it.

    Returns:
        The range; None where the number of cases biases the score by more than it spreads, so that
        no interval of it holds (the calibration error of few cases is always great, and so is
        the Frechet distance of few samples).

    Example:
        >>> range_of("dice"), range_of("hd95_mm")
        (Range(low=0.0, high=1.0, fewest=2), Range(low=0.0, high=inf, fewest=5))
    """
    return RANGES.get(name, SIGNED)
