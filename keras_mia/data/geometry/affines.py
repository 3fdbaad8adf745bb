"""Affines from voxel index to mm: their shears, and that of a resampled grid."""

from collections.abc import Sequence

import numpy as np


def without_shears(affine: np.ndarray) -> np.ndarray:
    """The affine whose axes are at right angles: the first stays, the second stays in its plane.

    Args:
        affine: voxel index to RAS mm, `(4, 4)`.

    Returns:
        float64 `(4, 4)` with the same spacing and origin.

    Example:
        >>> affine = np.array([[1, 0, 0, 0], [0, 1, 3, 0], [0, 0, 4, 0], [0, 0, 0, 1]])
        >>> without_shears(affine)[:3, 2].tolist()
        [0.0, 0.0, 5.0]
    """
    sizes = np.linalg.norm(affine[:3, :3], axis=0)
    first, second, third = (affine[:3, :3] / sizes).T
    second = second - (second @ first) * first
    second /= np.linalg.norm(second)
    normal = np.cross(first, second)
    upright = np.array(affine, float)
    upright[:3, :3] = np.stack([first, second, normal * np.sign(normal @ third)], axis=1) * sizes
    return upright


def shear(affine: np.ndarray) -> float:
    """The largest angle in degrees by which an axis departs from a right angle with the others.

    Args:
        affine: voxel index to RAS mm, `(4, 4)`.
    """
    one, other = (matrix[:3, :3] for matrix in (affine, without_shears(affine)))
    cosines = (one * other).sum(axis=0) / np.linalg.norm(one, axis=0) ** 2
    return float(np.degrees(np.arccos(np.clip(cosines, -1, 1))).max())


def resampled_affine(
    affine: np.ndarray, space: Sequence[int], new_space: Sequence[int]
) -> np.ndarray:
    """The affine of a volume after its grid was cut into `new_space` voxels, edges aligned.

    Args:
        affine: voxel index to RAS mm, `(4, 4)`.
        space: voxels an axis before.
        new_space: voxels an axis afterwards.

    Returns:
        float64 `(4, 4)`.
    """
    scale = np.array(space, float) / np.array(new_space, float)
    step = np.diag([*scale, 1.0])
    step[:3, 3] = scale / 2 - 0.5
    return affine @ step
