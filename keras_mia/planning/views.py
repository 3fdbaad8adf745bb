"""Which view of volumes a plan takes, and the size that it asks for."""

from collections.abc import Sequence

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.targets.kinds import VIEWS
from keras_mia.planning import grid_rules
from keras_mia.planning.choices import Chosen

SLICED = ("slices", "neighbours")
CUBIC = ("planes", "random")


def usual_view(rank: int) -> Chosen[str | None]:
    """What is proposed for images of a rank."""
    if rank == 2:
        return None, "the images are pictures"
    return "volume", "the network sees all axes"


def check_view(view: str | None, rank: int, channels: int, is_spatial: bool) -> None:
    """Refuses a view that images or target do not allow.

    Raises:
        Problem: there is no such view; or pictures, several channels or a box do not go with it.
    """
    flat = view in SLICED + CUBIC
    for wrong, what, remedy in (
        (
            view is not None and view not in VIEWS,
            "It is none of the views.",
            f"Choose {', '.join(VIEWS)}.",
        ),
        (
            view is not None and rank != 3,
            "The images are pictures: only volumes are seen as a whole, in slices or in planes.",
            "Leave the option out.",
        ),
        (
            view in ("neighbours", "planes") and channels != 1,
            f"Neighbours and planes become channels, and the images have {channels} already.",
            "Choose slices, random or volume.",
        ),
        (flat and is_spatial, "The corners of a box are not seen in 2D.", "Choose volume."),
    ):
        if wrong:
            raise Problem(what, f"view {view}", remedy)


def slice_axis(view: str | None, facts: Sequence[CaseFacts]) -> Chosen[int | None]:
    """The axis along which slices are taken, where they are."""
    if view not in SLICED:
        return None, "no slices are taken by themselves"
    stated = [one.spacing for one in facts if one.spacing is not None]
    spacing = np.median(stated, axis=0).tolist() if len(stated) == len(facts) else None
    space = np.median([one.space for one in facts], axis=0).astype(int).tolist()
    return grid_rules.slice_axis(spacing, space)


def check_cube(view: str | None, size: Sequence[int]) -> None:
    """Refuses sides that differ where planes across different axes are channels, or are turned.

    Raises:
        Problem: so.
    """
    if view in CUBIC and len(set(size)) > 1:
        raise Problem(
            f"Planes of {' x '.join(map(str, size))} voxels are not equal.",
            f"size, view {view}",
            f"Give one side, such as {max(size)}.",
        )


def size(
    median: Sequence[float], view: str | None, axis: int | None, most: tuple[int, int]
) -> tuple[int, ...]:
    """The size of prepared images: that of the median image, or a smaller one.

    Args:
        median: voxels an axis of the images.
        view: of the plan.
        axis: along which slices are taken, where they are.
        most: the side of a picture and of a volume that a device can do, as the geometric mean.

    Example:
        >>> size([256, 256, 20], "slices", 2, (128, 40))
        (128, 128, 20)
        >>> size([60, 40, 30], "planes", None, (128, 40))
        (40, 40, 40)
    """
    lengths = np.array(median, float)
    if view in CUBIC:
        lengths[:] = lengths.max()
    within = [number for number in range(len(lengths)) if number != axis]
    mean = float(np.prod(lengths[within])) ** (1 / len(within))
    lengths[within] *= min(1.0, most[len(within) - 2] / mean)
    if axis is not None:
        lengths[axis] = min(lengths[axis], most[1])
    return tuple(max(1, round(length)) for length in lengths)
