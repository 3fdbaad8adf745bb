"""From facts to the plan of a family that looks at whole images."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from keras_mia.core.text import size_text
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.fingerprint.intensity import Intensity
from keras_mia.data.fingerprint.reading_notes import bit_depths
from keras_mia.data.preprocess.image_checks import ABSOLUTE
from keras_mia.data.preprocess.image_plan import ImagePlan
from keras_mia.data.preprocess.views import View, view_of
from keras_mia.data.targets.multitask import AnyTarget
from keras_mia.planning import grid_rules, intensity_rules, movement_rules, views
from keras_mia.planning.choices import Choices, Chosen, begin
from keras_mia.planning.limits import SHARED, Limits, angles, check_flip, one_an_axis
from keras_mia.planning.spacing import (
    all_have_spacing,
    given_spacing,
    prepared_spacing,
    size_at,
    usual_spacing,
)

LIMITS: Limits = {
    "view": (lambda value: isinstance(value, str), "a view"),
    "size": (lambda value: min(value) >= 1, "voxels an axis, 1 or more"),
    **SHARED,
    "network": (lambda value: isinstance(value, str), "a builder's name"),
    "options": (lambda value: isinstance(value, Mapping), "options of the builder"),
}
"""The fields that a user can set in any family, and what they may be; a family adds its own, and
the schemes of normalization that it offers."""

ROTATION = 10.0
UNEQUAL = 1.01
AS_THEY_ARE = "how images look is all that is learnt, and it would change"

SchemeRule = Callable[[str | None, Sequence[CaseFacts]], Chosen[str]]
"""From the modality and facts of the training images to a scheme of normalization."""
SizeRule = Callable[[tuple[int, ...], str], Chosen[tuple[int, ...]]]
"""From the usual size, and why it is that, to the one that a family's networks can take or make."""


def usual_scheme(modality: str | None, facts: Sequence[CaseFacts]) -> Chosen[str]:
    """The scheme of normalization where images are looked at and not made.

    Args:
        modality: of the images, where it is known.
        facts: of the training images.

    Returns:
        The scheme, and why.
    """
    if len(bit_depths(facts)) > 1:
        return "zscore", "pictures of 8 bits and of others have no common scale: each by itself"
    if modality == "CT":
        return "ct", "Hounsfield units mean the same in every scan"
    if facts[0].rank == 3:
        return "zscore", "intensities have no unit: each image by itself"
    return "set", "how bright a picture is may tell what it shows"


def usual_size(size: tuple[int, ...], reason: str) -> Chosen[tuple[int, ...]]:
    """The size that follows from images and time, whatever it is.

    Args:
        size: voxels an axis.
        reason: why it is that.

    Returns:
        The same.
    """
    return size, reason


def image_choices(
    facts: Sequence[CaseFacts],
    target: AnyTarget | None = None,
    *,
    limits: Limits,
    scheme: SchemeRule = usual_scheme,
    size: SizeRule = usual_size,
    modality: str | None = None,
    minutes: float = 10.0,
    device: str = "cpu",
    overrides: Mapping[str, Any] | None = None,
) -> Choices:
    """Proposes how to prepare images that are looked at as a whole, and how they may be moved.

    The family takes the network, its options, the batch and what else it trains with;
    `planned_view` says what the network is shown.

    Args:
        facts: of the training images.
        target: what is known of each image; None: images are all that is learnt from, so nothing
            says that moved ones are as likely.
        limits: of the fields that a user can set: `LIMITS`, and those of the family.
        scheme: the family's rule for the scheme of normalization.
        size: the family's rule for the size of prepared images, where the user gives none.
        modality: what the data set as a whole states.
        minutes: of training, which the size follows.
        device: "cpu" or "gpu".
        overrides: field of the plan -> the value to use instead; None counts as not given.

    Returns:
        A value for each field of `ImagePlan` that preparing and moving depend on, and why it was
        chosen.

    Raises:
        Problem: images that do not go together, or an override that is unknown or does not fit.
    """
    choices, facts = begin(facts, overrides, limits)
    _take_geometry(choices, facts, target, size, device, minutes)
    intensity_rules.take_intensities(
        choices,
        facts,
        modality,
        lambda modality: scheme(modality, facts),
        lambda scheme: _intensities(facts, scheme),
    )
    choices.take("bytes", lambda: _bytes(facts, choices["normalization"]))
    return choices


def planned_view(choices: Choices) -> View:
    """What a network is shown of images.

    Args:
        choices: as `image_choices` gives them.
    """
    names = ("view", "size", "channels", "slice_axis")
    return view_of(*(choices[name] for name in names))


def _take_geometry(
    choices: Choices,
    facts: Sequence[CaseFacts],
    target: AnyTarget | None,
    size_rule: SizeRule,
    device: str,
    minutes: float,
) -> None:
    """Chooses view, size and spacing of prepared images, and how they may be moved."""
    given, take, rank, channels = choices.given, choices.take, facts[0].rank, choices["channels"]
    is_spatial = target is not None and target.is_spatial
    if "size" in given:
        given["size"] = one_an_axis("size", given["size"], rank)
    view = take("view", lambda: views.usual_view(rank))
    views.check_view(view, rank, channels, is_spatial)
    axis = take("slice_axis", lambda: views.slice_axis(view, facts))
    grid: dict[str, Any] = {"is_spatial": is_spatial, "view": view, "axis": axis}
    if "spacing_mm" in given:
        spacing = given_spacing(given["spacing_mm"], facts, **grid)
        choices.given["spacing_mm"] = spacing
        size = take("size", lambda: size_rule(*size_at(spacing, facts, view)))
    else:
        spaces = [one.space for one in facts]
        size = take("size", lambda: size_rule(*_size(spaces, view, axis, device, minutes)))
    views.check_cube(view, size)
    prepared = take("spacing_mm", lambda: usual_spacing(facts, size, **grid))
    voxel_spacing = take("voxel_spacing", lambda: prepared_spacing(facts, size, prepared))
    take("flip", lambda: _flip(target, rank, all_have_spacing(facts), view, axis))
    take("rotation_deg", lambda: _rotation(target, facts, voxel_spacing, view))
    network_rank = len(planned_view(choices).shape) - 1
    choices.values["rotation_deg"] = angles(choices["rotation_deg"], network_rank)
    check_flip(choices["flip"], network_rank)


def _size(
    spaces: Sequence[Sequence[int]],
    view: str | None,
    axis: int | None,
    device: str,
    minutes: float,
) -> Chosen[tuple[int, ...]]:
    median = np.median(np.array(spaces), axis=0)
    most = (128, 40) if device == "cpu" else (224, 96)
    if minutes > 30 and device == "cpu":
        most = (192, 60)
    size = views.size(median, view, axis, most)
    reason = f"images have a median of {size_text(tuple(median))}"
    if view in views.CUBIC:
        reason += "; sides are made equal"
    if max(size) < round(max(median)) or min(size) < round(min(median)):
        reason += f"; smaller for {minutes:g} min on a {device.upper()}"
    return size, reason


def _intensities(facts: Sequence[CaseFacts], scheme: str) -> Chosen[tuple[Intensity, ...]]:
    if scheme not in ABSOLUTE:
        return (), "the scheme needs none"
    return intensity_rules.intensities_of_all(facts)


def _bytes(facts: Sequence[CaseFacts], scheme: str) -> Chosen[bool]:
    whole = all(one.dtype == "uint8" for one in facts) and scheme != "zscore"
    return whole, "as the files have" if whole else "numbers of other kinds, or z-scored images"


def _rotation(
    target: AnyTarget | None,
    facts: Sequence[CaseFacts],
    voxel_spacing: Sequence[float],
    view: str | None,
) -> Chosen[Sequence[float]]:
    if target is None:
        return (0.0,), AS_THEY_ARE
    if view == "planes" and max(voxel_spacing) > UNEQUAL * min(voxel_spacing):
        return (0.0,), "planes across axes whose voxels differ cannot be turned together"
    if all(one.rank == 2 and 1 in one.space for one in facts):
        return (0.0,), "signals, of one column, cannot be turned"
    if view == "volume":
        space = np.median([one.space for one in facts], axis=0).astype(int).tolist()
        unknown = all(one.spacing is None for one in facts)
        if min(space) == 1 or (unknown and grid_rules.has_few_slices(space)):
            axis = grid_rules.slice_axis(None, space)[0]
            angles = tuple(ROTATION if one == axis else 0.0 for one in range(3))
            return angles, f"only within slices: {space[axis]} along axis {axis} are few"
        within = movement_rules.within_slices(ROTATION, voxel_spacing)
        if within:
            return within
    return (ROTATION,), "patients lie a little apart"


def _flip(
    target: AnyTarget | None, rank: int, oriented: bool, view: str | None, axis: int | None
) -> Chosen[tuple[int, ...]]:
    if target is None:
        return (), AS_THEY_ARE
    if view in views.CUBIC:
        return (), "planes that lie across each other cannot be mirrored together"
    if rank == 3 and not target.is_spatial:
        return movement_rules.flip(target.names, rank - (axis is not None), axis, oriented, 2)
    return (), "mirrored, a picture may mean something else: say --flip where it does not"


def size_note(plan: ImagePlan, cases: Cases) -> Sequence[str]:
    """To which size images are brought, in a sentence; none where all have it.

    Args:
        plan: of the cases.
        cases: examined.
    """
    spaces = {one.space for one in cases.facts.values() if one.rank == len(plan.size)}
    if spaces == {plan.size} or not spaces:
        return []
    ends = np.min([*spaces], axis=0), np.max([*spaces], axis=0)
    low, high, size = (" x ".join(map(str, space)) for space in (*ends, plan.size))
    sizes = low if low == high else f"{low} to {high}"
    if plan.spacing_mm is None:
        return [f"Images of {sizes} are resized to {size}, whatever their shape."]
    mm = plan.value_text("spacing_mm")
    return [f"Volumes of {sizes} become {size} voxels of {mm} mm, cut or filled up."]
