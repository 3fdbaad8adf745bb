"""From facts to the plan of a family that predicts something of whole images."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.core.text import size_text
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.fingerprint.intensity import Intensity
from keras_mia.data.fingerprint.reading_notes import bit_depths
from keras_mia.data.preprocess.views import View, view_of
from keras_mia.data.targets.kinds import BALANCED
from keras_mia.data.targets.multitask import AnyTarget
from keras_mia.planning import grid_rules, intensity_rules, movement_rules, views
from keras_mia.planning.choices import Choices, Chosen, begin
from keras_mia.planning.limits import (
    SHARED,
    Limits,
    angles,
    check_batch,
    check_flip,
    choice,
    one_an_axis,
)
from keras_mia.planning.spacing import (
    all_have_spacing,
    given_spacing,
    prepared_spacing,
    size_at,
    usual_spacing,
)

SMALL = 64**2
"""Images of at most so many voxels are seen at full resolution first."""

SCHEMES = ("set", "zscore", "ct", "pixels", "none")
SAMPLING = ("natural", BALANCED)
NOT_NEGATIVE = (lambda value: value >= 0, "0 or more")
LIMITS: Limits = {
    "view": (lambda value: isinstance(value, str), "a view"),
    "size": (lambda value: min(value) >= 1, "voxels an axis, 1 or more"),
    **SHARED,
    "normalization": choice(SCHEMES),
    "network": (lambda value: isinstance(value, str), "a builder's name"),
    "options": (lambda value: isinstance(value, Mapping), "options of the builder"),
    "sampling": choice(SAMPLING),
    "mixup": NOT_NEGATIVE,
    "smoothing": (lambda value: 0 <= value < 1, "a share below 1"),
    "class_weights": (lambda value: min(value, default=0) >= 0, "a weight a class"),
    "l1": NOT_NEGATIVE,
    "l2": NOT_NEGATIVE,
}
"""The fields that a user can set, and what they may be."""

ROTATION = 10.0
UNEQUAL = 1.01


def image_choices(
    facts: Sequence[CaseFacts],
    target: AnyTarget,
    *,
    modality: str | None = None,
    minutes: float = 10.0,
    device: str = "cpu",
    replicas: int = 1,
    overrides: Mapping[str, Any] | None = None,
) -> Choices:
    """Proposes how to train on whole images.

    Args:
        facts: of the training images.
        target: what is learnt.
        modality: what the data set as a whole states.
        minutes: of training.
        device: "cpu" or "gpu".
        replicas: how many devices share a batch.
        overrides: field of `ImagePlan` -> the value to use instead; None counts as not given.

    Returns:
        A value for each field of `ImagePlan` but what is learnt, and why it was chosen.

    Raises:
        Problem: images that do not go together, or an override that is unknown or does not fit.
    """
    choices, facts = begin(facts, overrides, LIMITS)
    network_view = _take_geometry(choices, facts, target, device, minutes)
    intensity_rules.take_intensities(
        choices,
        facts,
        modality,
        lambda modality: _normalization(modality, facts),
        lambda scheme: _intensities(facts, scheme),
    )
    choices.take("bytes", lambda: _bytes(facts, choices["normalization"]))
    _take_training(choices, network_view, len(facts), device, replicas)
    _check(choices, target)
    return choices


def _take_geometry(
    choices: Choices,
    facts: Sequence[CaseFacts],
    target: AnyTarget,
    device: str,
    minutes: float,
) -> View:
    """Chooses view, size and spacing of prepared images; what the network sees of them."""
    given, take, rank, channels = choices.given, choices.take, facts[0].rank, choices["channels"]
    if "size" in given:
        given["size"] = one_an_axis("size", given["size"], rank)
    view = take("view", lambda: views.usual_view(rank))
    views.check_view(view, rank, channels, target.is_spatial)
    axis = take("slice_axis", lambda: views.slice_axis(view, facts))
    grid: dict[str, Any] = {"is_spatial": target.is_spatial, "view": view, "axis": axis}
    if "spacing_mm" in given:
        spacing = given_spacing(given["spacing_mm"], facts, **grid)
        choices.given["spacing_mm"] = spacing
        size = take("size", lambda: size_at(spacing, facts, view))
    else:
        spaces = [one.space for one in facts]
        size = take("size", lambda: _size(spaces, view, axis, device, minutes))
    views.check_cube(view, size)
    prepared = take("spacing_mm", lambda: usual_spacing(facts, size, **grid))
    voxel_spacing = take("voxel_spacing", lambda: prepared_spacing(facts, size, prepared))
    take("flip", lambda: _flip(target, rank, all_have_spacing(facts), view, axis))
    take("rotation_deg", lambda: _rotation(facts, voxel_spacing, view))
    network_view = view_of(view, size, channels, axis)
    network_rank = len(network_view.shape) - 1
    choices.values["rotation_deg"] = angles(choices["rotation_deg"], network_rank)
    check_flip(choices["flip"], network_rank)
    return network_view


def _take_training(
    choices: Choices, network_view: View, images: int, device: str, replicas: int
) -> None:
    """Chooses the network and how it is trained."""
    take, space = choices.take, network_view.shape[:-1]
    take("network", lambda: ("resnet", "residual networks do well on few images and on many"))
    take("options", lambda: _options(choices["network"], space, device))
    examples = images * network_view.examples
    take("batch_size", lambda: _batch_size(space, examples, device, replicas))
    check_batch(choices["batch_size"], replicas)
    take("sampling", lambda: ("natural", "each image equally often, as the classes occur"))
    for field in ("mixup", "smoothing", "l1", "l2"):
        take(field, lambda: (0.0, "not asked for"))
    take("class_weights", lambda: ((), "not asked for"))


def _check(choices: Choices, target: AnyTarget) -> None:
    """Refuses what does not fit this kind of target.

    Raises:
        Problem: so.
    """
    target.check_weights(choices["class_weights"])
    if choices["mixup"] > 0 and not target.can_be_mixed:
        raise Problem("Images with several targets are not mixed.", "mixup", "Leave it out.")
    if choices["sampling"] == BALANCED and not target.is_exclusive:
        raise Problem("Only one of several classes can be balanced.", "sampling", "Leave it out.")


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


def _normalization(modality: str | None, facts: Sequence[CaseFacts]) -> Chosen[str]:
    if len(bit_depths(facts)) > 1:
        return "zscore", "pictures of 8 bits and of others have no common scale: each by itself"
    if modality == "CT":
        return "ct", "Hounsfield units mean the same in every scan"
    if facts[0].rank == 3:
        return "zscore", "intensities have no unit: each image by itself"
    return "set", "how bright a picture is may tell what it shows"


def _intensities(facts: Sequence[CaseFacts], scheme: str) -> Chosen[tuple[Intensity, ...]]:
    if scheme not in ("set", "ct", "pixels"):
        return (), "the scheme needs none"
    return intensity_rules.intensities_of_all(facts)


def _bytes(facts: Sequence[CaseFacts], scheme: str) -> Chosen[bool]:
    whole = all(one.dtype == "uint8" for one in facts) and scheme != "zscore"
    return whole, "as the files have" if whole else "numbers of other kinds, or z-scored images"


def _options(network: str, size: Sequence[int], device: str) -> Chosen[Mapping[str, Any]]:
    if network != "resnet":
        return {}, "the builder's own"
    filters, halvings = 16 if device == "cpu" else 32, int(np.log2(min(size)))
    if np.prod(size) <= SMALL or min(size) < 4:
        small = {"depth": [2] * min(3, 1 + halvings), "filters": 2 * filters, "stem": "plain"}
        return small, "images are small: at full resolution first, up to three stages"
    if halvings > 4:
        return {"depth": 18, "filters": filters}, "18 layers, narrow: more steps fit into the time"
    why = f"narrow, with as many stages as the shortest side, {min(size)}, can be halved for"
    return {"depth": [2] * (halvings - 1), "filters": filters}, why


def _batch_size(size, images: int, device: str, replicas: int) -> Chosen[int]:
    if device == "gpu":
        return 64 * replicas, "fills the GPU"
    batch = 64 if np.prod(size) <= SMALL and images > 20_000 else 32
    return -(-batch // replicas) * replicas, "on a CPU"


def _rotation(
    facts: Sequence[CaseFacts], voxel_spacing: Sequence[float], view: str | None
) -> Chosen[Sequence[float]]:
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
    target: AnyTarget, rank: int, oriented: bool, view: str | None, axis: int | None
) -> Chosen[tuple[int, ...]]:
    if view in views.CUBIC:
        return (), "planes that lie across each other cannot be mirrored together"
    if rank == 3 and not target.is_spatial:
        return movement_rules.flip(target.names, rank - (axis is not None), axis, oriented, 2)
    return (), "mirrored, a picture may mean something else: say --flip where it does not"
