"""What places of an image look like: how bright they are, and how much changes at each scale."""

import numpy as np
from scipy import ndimage

SCALES = (0.7, 1.4, 2.8)
"""Deviations of the Gaussians, in voxels."""
LEAST = 1e-3
"""Of the range of values: what changes less counts as this much."""


def texture_features(
    image: np.ndarray, *, data_range: float, cell: int = 16, mask: np.ndarray | None = None
) -> np.ndarray:
    """A row of numbers for each square cell of an image.

    For each channel: the mean value, and at each of three scales the logarithm of the mean gradient
    magnitude and of the mean of the Laplacian without its sign. A blurred image has less of both at
    the small scales, a noisy one more; none of them says where anything is. With
    `kernel_distance` they tell how far images are from looking real, whatever they show.

    Args:
        image: `(rows, columns, channels)`; of a volume `(slices, rows, columns, channels)`, whose
            slices are looked at one by one.
        data_range: what values are relative to.
        cell: voxels of a cell's sides; an image with a shorter side is one cell along it.
        mask: `(rows, columns)`, likewise; cells that lie in it by less than half do not count.

    Returns:
        `(cells, 7 * channels)`.

    Raises:
        ValueError: the range is not above 0, a cell has no voxel, or the mask has another shape.

    Source: derivatives of Gaussians as features of texture: ter Haar Romeny et al. (1991),
    doi:10.1007/BFb0033756.

    Example:
        >>> noise = np.random.default_rng(0).normal(size=(64, 64, 1))
        >>> texture_features(noise, data_range=8.0).shape
        (16, 7)
    """
    if not data_range > 0 or cell < 1:
        raise ValueError(f"data_range {data_range} and cell {cell} have to be above 0.")
    kept = np.ones(image.shape[:-1], bool) if mask is None else np.asarray(mask, bool)
    if kept.shape != image.shape[:-1]:
        raise ValueError(f"The mask has shape {kept.shape}, the image {image.shape[:-1]}.")
    slices = np.asarray(image, np.float64).reshape(-1, *image.shape[-3:]) / data_range
    masks = kept.reshape(-1, *image.shape[-3:-1])
    rows = [_of_slice(one, inside, cell) for one, inside in zip(slices, masks, strict=True)]
    return np.concatenate(rows)


def _of_slice(image: np.ndarray, inside: np.ndarray, cell: int) -> np.ndarray:
    share = _means(inside.astype(np.float64), cell)
    chosen = share >= 0.5
    if not chosen.any():
        return np.empty((0, (1 + 2 * len(SCALES)) * image.shape[-1]))
    features = []
    for channel in np.moveaxis(image, -1, 0):
        features.append(_means(channel, cell))
        for scale in SCALES:
            gradient = ndimage.gaussian_gradient_magnitude(channel, scale, mode="nearest")
            bend = np.abs(ndimage.gaussian_laplace(channel, scale, mode="nearest"))
            features += [np.log(LEAST + _means(one, cell)) for one in (gradient, bend)]
    return np.stack([one[chosen] for one in features], axis=-1)


def _means(values: np.ndarray, cell: int) -> np.ndarray:
    """Over cells; what is left at the ends is left out."""
    sides = [min(cell, length) for length in values.shape]
    counts = [length // side for length, side in zip(values.shape, sides, strict=True)]
    cut = values[: counts[0] * sides[0], : counts[1] * sides[1]]
    return cut.reshape(counts[0], sides[0], counts[1], sides[1]).mean((1, 3))
