"""Rules for how images may be mirrored and turned: each gives a value with its reason."""

import re
from collections.abc import Sequence

import numpy as np

from keras_mia.planning.choices import Chosen

LATERAL_TERMS = {"left", "right", "l", "r", "lh", "rh"}
DIRECTIONAL_TERMS = LATERAL_TERMS | {
    *("upper", "lower", "top", "bottom", "superior", "inferior", "anterior", "posterior"),
}


def flip(
    names: Sequence[str], network_rank: int, axis: int | None, oriented: bool, images: int
) -> Chosen[tuple[int, ...]]:
    """Axes of a patch along which it may be mirrored."""
    directional = _terms(names) & (LATERAL_TERMS if oriented else DIRECTIONAL_TERMS)
    if directional:
        return (), f"class names tell sides apart ({', '.join(sorted(directional))})"
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
        relative: the spacing along each axis, as `relative_spacing` gives it.
        oriented: whether all are volumes of a known orientation.
        images: how many.
        slice_axis: along which the slices of volumes lie that do not say it.
    """
    alone = images == 1 and not _terms(names) & DIRECTIONAL_TERMS
    free = not oriented and not _terms(names) & DIRECTIONAL_TERMS
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


def within_slices(angle: float, relative: Sequence[float]) -> Chosen[tuple[float, ...]] | None:
    """An angle about the coarse axis of volumes alone, or None where no axis is coarse."""
    coarse = int(np.argmax(relative))
    if max(relative) <= 2 * min(relative):
        return None
    angles = tuple(angle if axis == coarse else 0.0 for axis in range(3))
    return angles, f"only within slices: axis {coarse} is coarser than the others"


def _terms(names: Sequence[str]) -> set[str]:
    return {term for name in names for term in re.split(r"[^a-z]+", name.lower())}
