"""At which spacing volumes that are predicted as a whole are prepared."""

from collections.abc import Sequence

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.planning import views
from keras_mia.planning.choices import Chosen

FITTING, LARGEST = 95, 1.5
"""So many percent of the volumes are not cut along an axis, but for those that are so many times
larger than the median: they would make all others small."""

Spacing = tuple[float | None, ...]
"""mm an axis; None along the one of slices that are predicted by themselves."""


def given_spacing(
    given: Sequence[float] | float,
    facts: Sequence[CaseFacts],
    *,
    is_spatial: bool,
    view: str | None,
    axis: int | None,
) -> Spacing:
    """What the user gave, one length an axis.

    Args:
        given: mm, one number or one an axis.
        facts: of the training images.
        is_spatial: whether a prediction says where in the image something is.
        view: of the plan.
        axis: along which slices are taken, where they are.

    Raises:
        Problem: the images, the target or the view do not allow it.
    """
    rank = facts[0].rank
    lengths = (float(given),) if isinstance(given, int | float) else tuple(map(float, given))
    lengths = lengths * rank if len(lengths) == 1 else lengths
    for wrong, what, remedy in (
        (
            not all_have_spacing(facts),
            "The images do not all say how large their voxels are.",
            "Leave it out.",
        ),
        (is_spatial, "A box is learnt as shares of the whole image.", "Leave it out."),
        (len(lengths) != rank, f"{len(lengths)} sides were given.", f"Give one, or {rank}."),
        (
            not all(0 < length < np.inf for length in lengths),
            f"{' '.join(f'{length:g}' for length in lengths)} mm do not fit.",
            "Give more than 0 mm.",
        ),
        (
            view in views.CUBIC and len(set(lengths)) > 1,
            "Planes across different axes need one spacing.",
            f"Give one side, such as {min(lengths):g}.",
        ),
    ):
        if wrong:
            raise Problem(what, "spacing", remedy)
    return tuple(None if i == axis else length for i, length in enumerate(lengths))


def usual_spacing(
    facts: Sequence[CaseFacts],
    size: Sequence[int],
    *,
    is_spatial: bool,
    view: str | None,
    axis: int | None,
) -> Chosen[Spacing | None]:
    """The spacing by which volumes fit into a size; the rest as `given_spacing` takes it."""
    if not all_have_spacing(facts):
        return None, "the files do not say how large a voxel is: images are resized"
    if is_spatial:
        return None, "the corners of a box are shares of the whole image: images are resized"
    fitting = _reach(facts, view) / size
    spacing = tuple(None if i == axis else float(f"{x:.4g}") for i, x in enumerate(fitting))
    return spacing, f"the same in all volumes, so that {FITTING} % of them fit along each axis"


def size_at(
    spacing: Spacing, facts: Sequence[CaseFacts], view: str | None
) -> Chosen[tuple[int, ...]]:
    """The size, in voxels, into which volumes fit at a spacing."""
    usual = np.median([one.space for one in facts], axis=0)
    voxels = [
        count if length is None else mm / length
        for count, length, mm in zip(usual, spacing, _reach(facts, view), strict=True)
    ]
    size = tuple(max(1, round(float(x))) for x in voxels)
    return size, "what the volumes measure, by the spacing"


def prepared_spacing(
    facts: Sequence[CaseFacts], size: Sequence[int], spacing: Spacing | None
) -> Chosen[tuple[float, ...]]:
    """How long a voxel of prepared images is along each axis.

    Args:
        facts: of the training images.
        size: of prepared images.
        spacing: of prepared images; None as a whole or along an axis: they are resized.
    """
    extents_mm = [np.multiply(one.space, one.spacing) for one in facts if one.spacing is not None]
    extents = extents_mm or [np.array(one.space) for one in facts]
    resized = (np.median(extents, axis=0) / size).tolist()
    lengths = [one or by for one, by in zip(spacing or (None,) * len(size), resized, strict=True)]
    pixels = "in pixels of the files, which do not say how large they are"
    return tuple(float(f"{length:.4g}") for length in lengths), "in mm" if extents_mm else pixels


def all_have_spacing(facts: Sequence[CaseFacts]) -> bool:
    """Whether all are volumes that say how large their voxels are."""
    return all(one.rank == 3 and one.spacing is not None for one in facts)


def _reach(facts: Sequence[CaseFacts], view: str | None) -> np.ndarray:
    """How many mm an axis are seen of all volumes."""
    extents = [np.multiply(one.space, one.spacing or ()) for one in facts]
    most, usual = np.percentile(extents, FITTING, axis=0), np.median(extents, axis=0)
    reach = np.minimum(most, LARGEST * usual)
    return np.full_like(reach, reach.max()) if view in views.CUBIC else reach
