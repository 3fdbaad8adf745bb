"""From facts to a plan for targets of whole images."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.fingerprint.channels import COLOURS, common_channels
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.fingerprint.intensity import Intensity
from keras_mia.data.fingerprint.reading_notes import bit_depths
from keras_mia.data.fingerprint.sampling import sample_indices
from keras_mia.data.preprocess.image_plan import ImagePlan
from keras_mia.data.preprocess.views import View, view_of
from keras_mia.data.targets.hierarchy import ClassTree
from keras_mia.data.targets.kinds import BALANCED
from keras_mia.data.targets.multitask import AnyTarget
from keras_mia.planning import grid_rules, intensity_rules, movement_rules, views
from keras_mia.planning.choices import Choices, Chosen, check_alike, check_depths, check_fields
from keras_mia.planning.spacing import (
    given_spacing,
    known_spacing,
    size_at,
    usual_spacing,
    voxel_sides,
)

SMALL = 64**2
"""Images of at most so many voxels are seen at full resolution first."""

MOST_SAMPLED = 2000
"""Of more images than that a sample tells the intensities."""

SETTABLE = (
    *("view", "size", "spacing_mm", "modality", "normalization", "network", "options"),
    *("batch_size", "sampling", "flip", "rotation_deg", "mixup", "smoothing"),
    *("class_weights", "l1", "l2"),
)
"""Fields of a plan that a user can set."""

SCHEMES = ("set", "zscore", "ct", "pixels", "none")
SAMPLING = ("natural", BALANCED)
ROTATION = 10.0
UNEQUAL = 1.01


def make_image_plan(
    facts: Sequence[CaseFacts],
    target: AnyTarget,
    *,
    tree: ClassTree | None = None,
    modality: str | None = None,
    minutes: float = 10.0,
    device: str = "cpu",
    replicas: int = 1,
    overrides: Mapping[str, Any] | None = None,
) -> ImagePlan:
    """Proposes how to train on these images.

    Args:
        facts: of the training images.
        target: what is learnt.
        tree: of coarse classes to predict in place of these.
        modality: what the data set as a whole states.
        minutes: of training.
        device: "cpu" or "gpu".
        replicas: how many devices share a batch.
        overrides: field of `ImagePlan` -> the value to use instead; None counts as not given.

    Raises:
        Problem: images that do not go together, or an override that is unknown or does not fit.
    """
    check_alike(facts)
    channels = common_channels(facts)
    facts = [one.in_channels(channels.number) for one in facts]
    given = {name: value for name, value in (overrides or {}).items() if value is not None}
    check_fields(given, SETTABLE)
    if "size" in given:
        given["size"] = _sides(given["size"], facts[0].rank)
    if "modality" in given:
        given["modality"] = given["modality"].upper()
    choices = Choices(given)
    network_view = _take_geometry(choices, facts, target, channels.number, device, minutes)
    _take_intensities(choices, facts, modality)
    _take_training(choices, network_view, len(facts), device, replicas)
    choices.reasons["target"] = "those of the training cases"
    choices.reasons["channels"] = channels.reason
    choices.reasons["colours"] = COLOURS
    choices.reasons["tree"] = (
        "fine classes are learnt, coarse ones predicted" if tree else "not asked for"
    )
    _check(choices, target, network_view.shape[:-1], replicas)
    return ImagePlan(
        target=target,
        tree=tree,
        channels=channels.number,
        colours=channels.colours,
        reasons=choices.reasons,
        **choices.values,
    )


def _take_geometry(
    choices: Choices,
    facts: Sequence[CaseFacts],
    target: AnyTarget,
    channels: int,
    device: str,
    minutes: float,
) -> View:
    """Chooses view, size and spacing of prepared images; what the network sees of them."""
    given, take, rank = choices.given, choices.take, facts[0].rank
    view = take("view", lambda: views.usual_view(rank))
    views.check_view(view, rank, channels, target.is_spatial)
    axis, choices.reasons["slice_axis"] = views.slice_axis(view, facts)
    choices.values["slice_axis"] = axis
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
    sides, choices.reasons["voxel_sides"] = voxel_sides(facts, size, prepared)
    choices.values["voxel_sides"] = sides
    take("flip", lambda: _flip(target, rank, known_spacing(facts), view, axis))
    take("rotation_deg", lambda: _rotation(facts, sides, view))
    network_view = view_of(view, size, channels, axis)
    choices.values["rotation_deg"] = _angles(choices["rotation_deg"], len(network_view.shape) - 1)
    choices.values["flip"] = tuple(int(axis) for axis in choices["flip"])
    return network_view


def _take_intensities(choices: Choices, facts: Sequence[CaseFacts], modality: str | None) -> None:
    take = choices.take
    known = take("modality", lambda: intensity_rules.modality(facts, modality))
    scheme = take("normalization", lambda: _normalization(known, facts))
    check_depths(facts, scheme)
    take("intensities", lambda: _intensities(facts, scheme))
    take("bytes", lambda: _bytes(facts, scheme))


def _take_training(
    choices: Choices, network_view: View, images: int, device: str, replicas: int
) -> None:
    """Chooses the network and how it is trained."""
    take, space = choices.take, network_view.shape[:-1]
    take("network", lambda: ("resnet", "residual networks do well on few images and on many"))
    take("options", lambda: _options(choices["network"], space, device))
    examples = images * network_view.examples
    take("batch_size", lambda: _batch_size(space, examples, device, replicas))
    take("sampling", lambda: ("natural", "each image equally often, as the classes occur"))
    for field in ("mixup", "smoothing", "l1", "l2"):
        take(field, lambda: (0.0, "not asked for"))
    take("class_weights", lambda: ((), "not asked for"))
    choices.values["class_weights"] = tuple(choices["class_weights"])


def _check(choices: Choices, target: AnyTarget, space: Sequence[int], replicas: int) -> None:
    """Refuses what does not fit.

    Raises:
        Problem: so.
    """
    target.check_weights(choices["class_weights"])
    for wrong, field, remedy in (
        (
            any(axis not in range(len(space)) for axis in choices["flip"]),
            "flip",
            f"Axes are 0 to {len(space) - 1}.",
        ),
        (
            choices["batch_size"] % replicas,
            "batch_size",
            f"Give a multiple of {replicas}, for {replicas} devices.",
        ),
        (choices["sampling"] not in SAMPLING, "sampling", f"Choose {' or '.join(SAMPLING)}."),
        (
            choices["normalization"] not in SCHEMES,
            "normalization",
            f"Choose {' or '.join(SCHEMES)}.",
        ),
        (not 0 <= choices["smoothing"] < 1, "smoothing", "Give a share below 1."),
        (choices["mixup"] < 0, "mixup", "Give 0 or more."),
        (choices["l1"] < 0, "l1", "Give 0 or more."),
        (choices["l2"] < 0, "l2", "Give 0 or more."),
        (
            choices["mixup"] > 0 and not target.can_be_mixed,
            "mixup",
            "Images with several answers are not mixed: leave it out.",
        ),
        (
            choices["sampling"] == BALANCED and not target.is_exclusive,
            "sampling",
            "Only one of several classes can be balanced: leave it out.",
        ),
    ):
        if wrong:
            raise Problem(f"{choices[field]!r} does not fit.", field, remedy)


def _sides(given: Sequence[int] | int, rank: int) -> tuple[int, ...]:
    sides = (given,) if isinstance(given, int) else tuple(given)
    sides = sides * rank if len(sides) == 1 else sides
    if len(sides) != rank or min(sides) < 1:
        raise Problem(f"{len(sides)} sides were given.", "size", f"Give one side, or {rank}.")
    return sides


def _angles(given: Sequence[float] | float, rank: int) -> tuple[float, ...]:
    angles = (given,) if isinstance(given, int | float) else tuple(given)
    planes = 1 if rank == 2 else 3
    angles = angles * planes if len(angles) == 1 else angles
    if len(angles) != planes:
        raise Problem(
            f"{len(angles)} angles were given.", "rotation_deg", f"Give one, or {planes}."
        )
    return tuple(map(float, angles))


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
    reason = f"images have a median of {' x '.join(f'{side:g}' for side in median)}"
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
    chosen = [facts[number] for number in sample_indices(len(facts), MOST_SAMPLED)]
    values = np.concatenate([one.sample.astype(np.float32) for one in chosen])
    intensities = intensity_rules.intensities_of(values, facts)
    return intensities, f"of {len(values):,} voxels of the training images"


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
    facts: Sequence[CaseFacts], sides: Sequence[float], view: str | None
) -> Chosen[Sequence[float] | float]:
    if view == "planes" and max(sides) > UNEQUAL * min(sides):
        return 0.0, "planes across axes whose voxels differ cannot be turned together"
    if all(one.rank == 2 and 1 in one.space for one in facts):
        return 0.0, "signals, of one column, cannot be turned"
    if view == "volume":
        space = np.median([one.space for one in facts], axis=0).astype(int).tolist()
        unknown = all(one.spacing is None for one in facts)
        if min(space) == 1 or (unknown and grid_rules.is_stack(space)):
            axis = grid_rules.slice_axis(None, space)[0]
            angles = tuple(ROTATION if one == axis else 0.0 for one in range(3))
            return angles, f"only within slices: {space[axis]} along axis {axis} are few"
        within = movement_rules.within_slices(ROTATION, sides)
        if within:
            return within
    return ROTATION, "patients lie a little apart"


def _flip(
    target: AnyTarget, rank: int, oriented: bool, view: str | None, axis: int | None
) -> Chosen[tuple[int, ...]]:
    if view in views.CUBIC:
        return (), "planes that lie across each other cannot be mirrored together"
    if rank == 3 and not target.is_spatial:
        return movement_rules.flip(target.names, rank - (axis is not None), axis, oriented, 2)
    return (), "mirrored, a picture may mean something else: say --flip where it does not"
