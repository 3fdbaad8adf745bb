"""Rules for the grid that images are brought to: each looks at facts and gives a value with its
reason.

Source: most follow nnU-Net, https://doi.org/10.1038/s41592-020-01008-z
"""

import math
from collections.abc import Sequence

import numpy as np

from keras_mia.core.text import size_text
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.planning.choices import Chosen

ANISOTROPIC = 3.0
OBLIQUE_DEG = 20.0
THIN = 12
FEW_SLICES = 32


def orientation(facts: Sequence[CaseFacts]) -> Chosen[str | None]:
    """Whether volumes are turned to RAS+, or stay in the order of their files."""
    if facts[0].rank != 3 or any(one.spacing is None for one in facts):
        return None, "the files do not say, or are pictures"
    sliced = [
        (one.axes[int(np.argmax(spacing))], one.tilt_deg)
        for one in facts
        if (spacing := one.spacing) and max(spacing) > ANISOTROPIC * min(spacing)
    ]
    stored = {axis for axis, _ in sliced}
    if len(stored) == 1 and max(angle for _, angle in sliced) > OBLIQUE_DEG:
        return None, "slices are oblique: turned to RAS, they could lie along several axes"
    return "RAS", "volumes are turned to RAS"


def spacing(spacings: Sequence[Sequence[float] | None], spaces: Sequence) -> Chosen:
    """The voxel spacing in mm that all images are brought to, or None."""
    without = sum(one is None for one in spacings)
    if without:
        some = (
            "the files give no spacing"
            if without == len(spacings)
            else (f"{without} of {len(spacings)} files give no spacing")
        )
        return None, f"{some}: images keep their pixels"
    spacings_mm, sizes = np.array(spacings, float), np.median(np.array(spaces), axis=0)
    target = np.median(spacings_mm, axis=0)
    reason = f"the median of {len(spacings_mm)} images"
    coarse = int(target.argmax())
    others = np.delete(np.arange(len(target)), coarse)
    if (
        len(target) == 3
        and target[coarse] > ANISOTROPIC * target[others].min()
        and sizes[coarse] * ANISOTROPIC < sizes[others].min()
    ):
        finer = np.percentile(spacings_mm[:, coarse], 10)
        target[coarse] = max(finer, target[others].max())
        reason += f"; axis {coarse} is coarse, there the finest tenth counts"
    return tuple(float(f"{value:.5g}") for value in target), reason


def rank(image_rank: int, target: Sequence[float] | None, size: Sequence[int]) -> Chosen[int]:
    """Whether the network is 2D or 3D; `size` is the median size of the prepared images."""
    voxels = size_text(tuple(size))
    if image_rank == 2:
        return 2, "the images are pictures"
    if min(size) < THIN:
        return 2, f"volumes of {voxels} voxels are thinner than {THIN}"
    if target is None:
        if has_few_slices(size):
            return 2, f"volumes of {voxels} voxels are stacks of few slices"
        return 3, f"the images are volumes of {voxels} voxels"
    ratio = max(target) / min(target)
    slices = size[int(np.argmax(target))]
    if ratio > ANISOTROPIC and slices < FEW_SLICES:
        return 2, f"{slices} slices {ratio:.1f} times as far apart as their pixels: slice by slice"
    return (
        3,
        f"the images are volumes of {voxels} voxels, spacings alike within a factor of {ratio:.1f}",
    )


def has_few_slices(size: Sequence[int]) -> bool:
    """Whether volumes of no known spacing are stacks of few slices, which then lie far apart."""
    return min(size) < FEW_SLICES and min(size) * 4 < max(size)


def slice_axis(target: Sequence[float] | None, size: Sequence[int]) -> Chosen[int]:
    """The axis that a 2D network goes along through volumes."""
    if target is not None and max(target) > 1.01 * min(target):
        axis = int(np.argmax(target))
        return axis, f"slices lie farthest apart along it: {target[axis]:g} mm"
    axis = len(size) - 1 - int(np.argmin(size[::-1]))
    return axis, f"it has the fewest slices: {size[axis]}"


def relative_spacing(
    target: Sequence[float] | None,
    spacings: Sequence[Sequence[float] | None],
    size: Sequence[int],
) -> tuple[float, ...]:
    """How long a voxel is along each axis, in proportion to the others.

    Args:
        target: spacing that all images are brought to; None: they keep their voxels, and those
            that say how large these are speak for the others; the slices of a stack lie far apart.
        spacings: of the images.
        size: median of the images.

    Example:
        >>> relative_spacing(None, [(1, 1, 5), None], (256, 256, 64))
        (1.0, 1.0, 5.0)
        >>> relative_spacing(None, [None], (20, 512, 512))
        (inf, 1.0, 1.0)
    """
    stated = [one for one in spacings if one is not None]
    if target is not None or stated:
        return tuple(map(float, target or np.median(stated, axis=0)))
    axis = slice_axis(None, size)[0] if len(size) == 3 and has_few_slices(size) else None
    return tuple(math.inf if one == axis else 1.0 for one in range(len(size)))
