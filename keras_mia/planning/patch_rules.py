"""Rules for patches and the network that sees them, sized for the device and the minutes at hand:
each gives a value with its reason.

Source: most follow nnU-Net, https://doi.org/10.1038/s41592-020-01008-z
"""

from collections.abc import Sequence

import numpy as np

from keras_mia.core.text import size_text
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.targets.label_map import Classes
from keras_mia.planning.choices import Chosen

SMALLEST_SIZE = 4


def voxel_budget(network_rank: int, device: str, minutes: float) -> Chosen[int]:
    """How many voxels a patch may hold."""
    if device == "gpu":
        length = (
            (384 if minutes <= 15 else 512) if network_rank == 2 else (96 if minutes <= 15 else 128)
        )
    elif network_rank == 2:
        length = 192 if minutes <= 15 else 256
    else:
        length = 40 if minutes <= 5 else 48 if minutes <= 15 else 64
    voxels = size_text((length,) * network_rank)
    return (
        length**network_rank,
        f"at most {voxels} voxels for {minutes:g} min on a {device.upper()}",
    )


def largest_box(size: Sequence[int], relative: Sequence[float], budget: int) -> tuple[int, ...]:
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
    return tuple(max(1, int(length + 1e-6)) for length in box)


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
        able = [axis for axis, length in enumerate(left) if length / 2 >= SMALLEST_SIZE]
        if not able:
            break
        finest = min(now[axis] for axis in able)
        level = tuple(
            2 if axis in able and now[axis] < 2 * finest else 1 for axis in range(len(left))
        )
        left = [length / by for length, by in zip(left, level, strict=True)]
        now = [value * by for value, by in zip(now, level, strict=True)]
        levels.append(level)
    voxels = size_text(tuple(map(round, left)))
    return tuple(levels), f"{len(levels)} halvings leave {voxels} voxels at the deepest level"


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


def foreground_share(facts: Sequence[CaseFacts], classes: Classes) -> Chosen[float]:
    """Share of the patches that are drawn to hold foreground."""
    if not len(classes):
        return 0.0, "all voxels count alike"
    foreground = {value for values in classes.values[1:] for value in values}
    counts = [(v, n) for one in facts for v, n in one.values.items() if v not in classes.ignored]
    share = sum(n for v, n in counts if v in foreground) / max(1, sum(n for _, n in counts))
    chosen = 0.33 if share >= 0.1 else 0.5 if share >= 0.01 else 0.67
    return chosen, f"{100 * share:.2g} % of the voxels are foreground"
