"""The rules of planning: each looks at facts and gives a value with its reason.

Source: most follow nnU-Net, https://doi.org/10.1038/s41592-020-01008-z, with patches and networks
sized for the device and the minutes at hand.
"""

import math
import re
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.fingerprint.intensity import Intensity

T = TypeVar("T")
Chosen = tuple[T, str]

ANISOTROPIC = 3.0
OBLIQUE_DEG = 20.0
THIN = 12
FEW_SLICES = 32
SMALLEST_SIDE = 4
SIDES_OF_THE_BODY = {"left", "right", "l", "r", "lh", "rh"}
SIDES_OF_A_PICTURE = SIDES_OF_THE_BODY | {
    *("upper", "lower", "top", "bottom", "superior", "inferior", "anterior", "posterior"),
}


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
    found, sizes = np.array(spacings, float), np.median(np.array(spaces), axis=0)
    target = np.median(found, axis=0)
    reason = f"the median of {len(found)} images"
    coarse = int(target.argmax())
    others = np.delete(np.arange(len(target)), coarse)
    if (
        len(target) == 3
        and target[coarse] > ANISOTROPIC * target[others].min()
        and sizes[coarse] * ANISOTROPIC < sizes[others].min()
    ):
        finer = np.percentile(found[:, coarse], 10)
        target[coarse] = max(finer, target[others].max())
        reason += f"; axis {coarse} is coarse, there the finest tenth counts"
    return tuple(float(f"{value:.5g}") for value in target), reason


def rank(image_rank: int, target: Sequence[float] | None, size: Sequence[int]) -> Chosen[int]:
    """Whether the network is 2D or 3D; `size` is the median size of the prepared images."""
    words = " x ".join(map(str, size))
    if image_rank == 2:
        return 2, "the images are pictures"
    if min(size) < THIN:
        return 2, f"volumes of {words} voxels are thinner than {THIN}"
    if target is None:
        if is_stack(size):
            return 2, f"volumes of {words} voxels are stacks of few slices"
        return 3, f"the images are volumes of {words} voxels"
    ratio = max(target) / min(target)
    slices = size[int(np.argmax(target))]
    if ratio > ANISOTROPIC and slices < FEW_SLICES:
        return 2, f"{slices} slices {ratio:.1f} times as far apart as their pixels: slice by slice"
    return (
        3,
        f"the images are volumes of {words} voxels, spacings alike within a factor of {ratio:.1f}",
    )


def is_stack(size: Sequence[int]) -> bool:
    """Whether volumes of no known spacing are stacks of few slices, which then lie far apart."""
    return min(size) < FEW_SLICES and min(size) * 4 < max(size)


def slice_axis(target: Sequence[float] | None, size: Sequence[int]) -> Chosen[int]:
    """The axis that a 2D network goes along through volumes."""
    if target is not None and max(target) > 1.01 * min(target):
        axis = int(np.argmax(target))
        return axis, f"slices lie farthest apart along it: {target[axis]:g} mm"
    axis = len(size) - 1 - int(np.argmin(size[::-1]))
    return axis, f"it has the fewest slices: {size[axis]}"


def modality(facts: Sequence[CaseFacts], stated: str | None) -> Chosen[str | None]:
    """What the images were made with: as the data set states, as the files say, or as it looks."""
    if stated:
        return stated, "the data set says so"
    found = sorted({one.modality for one in facts if one.modality})
    if len(found) == 1:
        return found[0], "the files say so"
    if found:
        return None, f"the files say {' and '.join(found)}"
    if looks_like_ct(facts):
        low = float(np.median([one.low[0] for one in facts]))
        return "CT", f"whole numbers from {low:.0f} can only be Hounsfield units"
    return None, "the files do not say"


def normalization(known: str | None) -> Chosen[str]:
    """The scheme of normalization."""
    if known == "CT":
        return "ct", "Hounsfield units mean the same in every scan"
    return "zscore", "intensities have no unit: each image by itself"


def looks_like_ct(facts: Sequence[CaseFacts]) -> bool:
    """Whether the intensities of volumes can only be Hounsfield units."""
    if any(one.channels != 1 or one.rank != 3 or not one.integer for one in facts):
        return False
    low = np.median([one.low[0] for one in facts])
    high = np.median([one.high[0] for one in facts])
    return bool(-4096 <= low <= -900 and 100 <= high <= 33_000)


def intensities(facts: Sequence[CaseFacts], foreground: set[int]) -> Chosen[tuple]:
    """The statistics of the training foreground, one a channel; empty where there is none."""
    labels = [one.label for one in facts if one.label]
    chosen = [one.sample[np.isin(one.sample_values, list(foreground))] for one in labels]
    values = np.concatenate([one.astype(np.float32) for one in chosen])
    if not len(values):
        return (), "no foreground in the training images"
    found = intensities_of(values, facts)
    return found, f"0.5 to 99.5 percentiles of {len(values):,} foreground voxels"


def intensities_of(values: np.ndarray, facts: Sequence[CaseFacts]) -> tuple[Intensity, ...]:
    """The statistics of each channel.

    Args:
        values: a sample, `(n, channels)`.
        facts: of the images.
    """
    return tuple(
        Intensity.of(values[:, channel], [(one.low[channel], one.high[channel]) for one in facts])
        for channel in range(values.shape[1])
    )


def voxel_budget(network_rank: int, device: str, minutes: float) -> Chosen[int]:
    """How many voxels a patch may hold."""
    if device == "gpu":
        side = (
            (384 if minutes <= 15 else 512) if network_rank == 2 else (96 if minutes <= 15 else 128)
        )
    elif network_rank == 2:
        side = 192 if minutes <= 15 else 256
    else:
        side = 40 if minutes <= 5 else 48 if minutes <= 15 else 64
    words = " x ".join([str(side)] * network_rank)
    return (
        side**network_rank,
        f"at most {words} voxels for {minutes:g} min on a {device.upper()}",
    )


def sides(size: Sequence[int], relative: Sequence[float], budget: int) -> tuple[int, ...]:
    """The box within `size` of at most `budget` voxels that is nearest to a cube in mm.

    Args:
        size: voxels an axis that images have.
        relative: spacing an axis, in any unit.
        budget: voxels.
    """
    if np.prod(size) <= budget:
        return tuple(size)
    low, high = 0.0, float(max(s * r for s, r in zip(size, relative, strict=True)))
    for _ in range(60):
        middle = (low + high) / 2
        box = [min(s, middle / r) for s, r in zip(size, relative, strict=True)]
        low, high = (middle, high) if np.prod(box) <= budget * (1 + 1e-9) else (low, middle)
    box = [min(s, low / r) for s, r in zip(size, relative, strict=True)]
    return tuple(max(1, int(side + 1e-6)) for side in box)


def pool(
    patch: Sequence[int], relative: Sequence[float], deepest: int
) -> Chosen[tuple[tuple[int, ...], ...]]:
    """By how much each axis shrinks at each level.

    Axes with the finest spacing are halved first, until all are alike; an axis is halved while 4
    voxels or more are left.
    """
    left, now = list(map(float, patch)), list(relative)
    levels: list[tuple[int, ...]] = []
    while len(levels) < deepest:
        able = [axis for axis, side in enumerate(left) if side / 2 >= SMALLEST_SIDE]
        if not able:
            break
        finest = min(now[axis] for axis in able)
        level = tuple(
            2 if axis in able and now[axis] < 2 * finest else 1 for axis in range(len(left))
        )
        left = [side / by for side, by in zip(left, level, strict=True)]
        now = [value * by for value, by in zip(now, level, strict=True)]
        levels.append(level)
    words = " x ".join(f"{side:.0f}" for side in left)
    return tuple(levels), f"{len(levels)} halvings leave {words} voxels at the deepest level"


def batch_size(network_rank: int, device: str, replicas: int = 1) -> Chosen[int]:
    """How many patches a batch holds, all devices together."""
    size = 4 if network_rank == 2 else 2
    if device == "gpu":
        each = f", of {replicas} that share it" if replicas > 1 else ""
        return 2 * size * replicas, f"fills the GPU{each}"
    reason = "on a CPU more steps of small batches learn faster than fewer of large ones"
    if size % replicas == 0:
        return size, reason
    return -(-size // replicas) * replicas, f"{reason}; {replicas} devices share it"


def filters(device: str) -> Chosen[int]:
    """Filters of the first level."""
    if device == "gpu":
        return 32, "usual on a GPU"
    return 16, "on a CPU: a multiple of 16 is fast, and more steps fit into the time"


def norm(images: int) -> Chosen[str]:
    """The kind of normalization layers, for so many training images."""
    if images == 1:
        return "none", "one image: statistics of its patches would hide how bright they are in it"
    return "instance", "batches are small, and each image is judged by itself"


def flip(
    names: Sequence[str], network_rank: int, axis: int | None, oriented: bool, images: int
) -> Chosen[tuple[int, ...]]:
    """Axes of a patch along which it may be mirrored."""
    sided = _words(names) & (SIDES_OF_THE_BODY if oriented else SIDES_OF_A_PICTURE)
    if sided:
        return (), f"class names tell sides apart ({', '.join(sorted(sided))})"
    if images == 1:
        return tuple(range(network_rank)), "one image: what its other parts hold may lie any way"
    if not oriented:
        return tuple(range(network_rank)), "images of no known orientation look the same mirrored"
    if axis == 0:
        return (), "left and right are in different slices"
    return (0,), "bodies are nearly alike on the left and on the right"


def rotation(
    names: Sequence[str],
    network_rank: int,
    relative: Sequence[float],
    oriented: bool,
    images: int,
    slice_axis: int = 2,
) -> Chosen[tuple[float, ...]]:
    """The largest angle in degrees: one in 2D, one about each axis in 3D.

    Args:
        names: of the classes.
        network_rank: 2 or 3.
        relative: the sides of a voxel beside each other, as `relative_sides` gives them.
        oriented: whether all are volumes of a known orientation.
        images: how many.
        slice_axis: along which the slices of volumes lie that do not say it.
    """
    alone = images == 1 and not _words(names) & SIDES_OF_A_PICTURE
    free = not oriented and not _words(names) & SIDES_OF_A_PICTURE
    if network_rank == 2:
        if alone:
            return (180.0,), "one image: what its other parts hold may lie any way"
        if free:
            return (180.0,), "pictures of no known orientation may lie any way"
        return (30.0 if oriented else 15.0,), "patients lie a little differently"
    within = within_slices(180.0 if alone or free else 30.0, relative)
    if within:
        return within
    if alone:
        return (180.0, 180.0, 180.0), "one image: what its other parts hold may lie any way"
    if free:
        angles = tuple(180.0 if axis == slice_axis else 15.0 for axis in range(3))
        return angles, "stacks of no known orientation may lie any way in the plane"
    return (15.0, 15.0, 15.0), "patients lie a little differently"


def relative_sides(
    target: Sequence[float] | None,
    spacings: Sequence[Sequence[float] | None],
    size: Sequence[int],
) -> tuple[float, ...]:
    """The sides of a voxel beside each other.

    Args:
        target: spacing that all images are brought to; None: they keep their voxels, and those
            that say how large these are speak for the others; the slices of a stack lie far apart.
        spacings: of the images.
        size: median of the images.

    Example:
        >>> relative_sides(None, [(1, 1, 5), None], (256, 256, 64))
        (1.0, 1.0, 5.0)
        >>> relative_sides(None, [None], (20, 512, 512))
        (inf, 1.0, 1.0)
    """
    known = [one for one in spacings if one is not None]
    if target is not None or known:
        return tuple(map(float, target or np.median(known, axis=0)))
    stack = len(size) == 3 and is_stack(size)
    axis = slice_axis(None, size)[0] if stack else None
    return tuple(math.inf if one == axis else 1.0 for one in range(len(size)))


def within_slices(angle: float, relative: Sequence[float]) -> Chosen[tuple[float, ...]] | None:
    """An angle about the coarse axis of volumes alone, or None where no axis is coarse."""
    coarse = int(np.argmax(relative))
    if max(relative) <= 2 * min(relative):
        return None
    angles = tuple(angle if axis == coarse else 0.0 for axis in range(3))
    return angles, f"only within slices: axis {coarse} is coarser than the others"


def foreground_share(
    facts: Sequence[CaseFacts], foreground: set[int], ignored: set[int]
) -> Chosen[float]:
    """Share of the patches that are drawn to hold foreground."""
    counts = [(v, n) for one in facts for v, n in one.values.items() if v not in ignored]
    share = sum(n for v, n in counts if v in foreground) / max(1, sum(n for _, n in counts))
    chosen = 0.33 if share >= 0.1 else 0.5 if share >= 0.01 else 0.67
    return chosen, f"{100 * share:.2g} % of the voxels are foreground"


def _words(names: Sequence[str]) -> set[str]:
    return {word for name in names for word in re.split(r"[^a-z]+", name.lower())}
