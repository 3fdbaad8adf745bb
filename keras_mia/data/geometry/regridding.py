"""Volumes on the grid of another one, by their affines."""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import affine_transform


def regrid(
    array: np.ndarray,
    affine: np.ndarray,
    space: Sequence[int],
    to_affine: np.ndarray,
) -> np.ndarray:
    """A volume linearly interpolated at the voxels of another grid.

    Args:
        array: `(*space, channels)`, three axes of space.
        affine: of its own grid, voxel index to RAS mm, `(4, 4)`.
        space: voxels an axis of the other grid.
        to_affine: of the other grid.

    Returns:
        `(*space, channels)` float32; the smallest value of a channel where it does not reach.

    Example:
        >>> line = np.arange(4.0).reshape(4, 1, 1, 1)
        >>> half = np.diag([0.5, 1.0, 1.0, 1.0])
        >>> regrid(line, np.eye(4), (3, 1, 1), half).ravel().tolist()
        [0.0, 0.5, 1.0]
    """
    way = np.linalg.inv(affine) @ to_affine
    channels = [
        affine_transform(
            np.asarray(array[..., channel], np.float32),
            way[:3, :3],
            way[:3, 3],
            tuple(space),
            order=1,
            mode="grid-constant",
            cval=float(array[..., channel].min()),
        )
        for channel in range(array.shape[-1])
    ]
    return np.stack(channels, axis=-1)
