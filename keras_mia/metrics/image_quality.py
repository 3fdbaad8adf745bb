"""How near a predicted image is to the true one."""

import math
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter

from keras_mia.core.structural_similarity import SIGMA, TRUNCATE, WINDOW, similarity_parts


def image_quality_scores(
    truth: np.ndarray,
    prediction: np.ndarray,
    *,
    data_range: float,
    mask: np.ndarray | None = None,
) -> dict[str, Any]:
    """Scores of a predicted image, over a mask where there is one.

    Args:
        truth: `(*space, channels)`, in the unit of the data.
        prediction: of the same shape and unit.
        data_range: the difference between the largest and the smallest value that images can have;
            PSNR and SSIM mean nothing without it.
        mask: `(*space)`, the voxels that count; None: all.

    Returns:
        By name: `mae` and `rmse` in the data's unit; `psnr` in dB, infinity where all voxels are
        equal; `ssim` from -1 to 1, its map's mean over the mask. The windows of SSIM are 11 voxels
        wide, Gaussian with a deviation of 1.5; an image with an axis shorter than that is taken
        slice by slice, and where all axes are, `ssim` is NaN. All are NaN of an empty mask.

    Raises:
        ValueError: shapes differ, the range is not above 0, or a value is not finite.

    Source: PSNR and SSIM: Wang et al. (2004), doi:10.1109/TIP.2003.819861 (the images are
    mirrored at their borders, as scikit-image has it).

    Example:
        >>> truth = np.arange(256.0).reshape(16, 16, 1)
        >>> found = image_quality_scores(truth, truth + 2.55, data_range=255.0)
        >>> round(found["mae"], 2), round(found["psnr"], 1), found["ssim"] > 0.99
        (2.55, 40.0, True)
    """
    truth, prediction = np.asarray(truth, np.float64), np.asarray(prediction, np.float64)
    if truth.shape != prediction.shape:
        raise ValueError(f"Truth has shape {truth.shape}, the prediction {prediction.shape}.")
    if not data_range > 0:
        raise ValueError(f"data_range is {data_range}; it has to be above 0.")
    if not (np.isfinite(truth).all() and np.isfinite(prediction).all()):
        raise ValueError("A value is not finite.")
    kept = np.ones(truth.shape[:-1], bool) if mask is None else np.asarray(mask, bool)
    if kept.shape != truth.shape[:-1]:
        raise ValueError(f"The mask has shape {kept.shape}, the images {truth.shape[:-1]}.")
    if not kept.any():
        return dict.fromkeys(("mae", "rmse", "psnr", "ssim"), math.nan)
    error = (prediction - truth)[kept]
    mean_square = float(np.mean(error**2))
    return {
        "mae": float(np.mean(np.abs(error))),
        "rmse": math.sqrt(mean_square),
        "psnr": 10 * math.log10(data_range**2 / mean_square) if mean_square else math.inf,
        "ssim": float(np.mean(similarity_map(truth, prediction, data_range)[kept])),
    }


def similarity_map(truth: np.ndarray, prediction: np.ndarray, data_range: float) -> np.ndarray:
    """SSIM at each voxel and channel.

    Args:
        truth, prediction, data_range: as in `image_quality_scores`.

    Returns:
        `(*space, channels)` float64; NaN where all axes are shorter than the window.
    """
    axes = [axis for axis, size in enumerate(truth.shape[:-1]) if size >= WINDOW]
    if not axes:
        return np.full(truth.shape, math.nan)
    moments = truth, prediction, truth * truth, prediction * prediction, truth * prediction
    means = [gaussian_filter(one, SIGMA, truncate=TRUNCATE, axes=axes) for one in moments]
    brightness, structure = similarity_parts(means, data_range)
    return brightness * structure
