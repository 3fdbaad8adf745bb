"""Volumes on the grid of another one, by their affines."""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import affine_transform

MOST_POINTS = 20
"""Voxels an axis by which a grid is judged."""
ROUNDING = 1e-3


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


def share_covered(
    space: Sequence[int],
    affine: np.ndarray,
    to_space: Sequence[int],
    to_affine: np.ndarray,
) -> float:
    """How much of a grid another one reaches, voxels of its border counted in whole.

    Args:
        space: voxels an axis of the grid that reaches.
        affine: of it, voxel index to RAS mm, `(4, 4)`.
        to_space: voxels an axis of the grid to be reached.
        to_affine: of it.

    Returns:
        A share of its voxels, in 0..1; of large grids that of some thousands of them.

    Example:
        >>> share_covered((2, 4, 4), np.eye(4), (4, 4, 4), np.eye(4))
        0.5
    """
    points = [
        np.unique(np.linspace(0, size - 1, min(size, MOST_POINTS)).round()) for size in to_space
    ]
    grid = np.stack(np.meshgrid(*points, indexing="ij"), axis=-1).reshape(-1, len(to_space))
    way = np.linalg.inv(affine) @ to_affine
    reached = grid @ way[:3, :3].T + way[:3, 3]
    inside = (reached >= -0.5 - ROUNDING) & (reached <= np.array(space) - 0.5 + ROUNDING)
    return float(inside.all(axis=1).mean())
