"""From facts to the plan of a family that predicts a value for each voxel, from patches."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.core.text import size_text
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.geometry.resampling import resampled_space
from keras_mia.data.preprocess.normalize import SCHEMES
from keras_mia.data.preprocess.patch_plan import patch_divisor
from keras_mia.data.targets.label_map import Classes
from keras_mia.planning import grid_rules, intensity_rules, movement_rules, patch_rules
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

WEIGHT = 10.0
"""Of the loss beside a game."""
LEAST_COVERAGE = 0.85
"""Share of an image's side that a patch shows at least, where it could show all."""

NORMS = ("none", "batch", "instance", "group")
LIMITS: Limits = {
    **SHARED,
    "rank": (lambda value: value in (2, 3), "2 or 3"),
    "normalization": choice(SCHEMES),
    "slice_axis": (lambda value: value in (0, 1, 2), "0, 1 or 2"),
    "patch": (lambda value: min(value) >= 1, "voxels an axis, 1 or more"),
    "depth": (lambda value: value >= 1, "1 or more"),
    "filters": (lambda value: value >= 1, "1 or more"),
    "norm": choice(NORMS),
    "foreground_share": (lambda value: 0 <= value <= 1, "between 0 and 1"),
    "neighbours": (lambda value: value >= 0, "0 or more"),
    "adversarial": (lambda value: isinstance(value, bool), "true or false"),
    "weight": (lambda value: value > 0, "above 0"),
}
"""The fields that a user can set, and what they may be."""

NO_CLASSES = Classes((), ())


def patch_choices(
    facts: Sequence[CaseFacts],
    classes: Classes = NO_CLASSES,
    *,
    modality: str | None = None,
    minutes: float = 10.0,
    device: str = "cpu",
    replicas: int = 1,
    resample: bool = True,
    overrides: Mapping[str, Any] | None = None,
) -> Choices:
    """Proposes how to train on patches of these images.

    Args:
        facts: of the training cases, as `survey` finds them.
        classes: what the values of label maps mean; none where there are no label maps.
        modality: what the data set as a whole states, such as "CT".
        minutes: of training.
        device: "cpu" or "gpu".
        replicas: how many devices share a batch.
        resample: whether images may be brought to one spacing; where a network only corrects their
            values, that would cost more than it gives.
        overrides: field of `PatchPlan` -> the value to use instead; None counts as not given. What
            depends on the field is chosen to go with it.

    Returns:
        A value for each field of `PatchPlan`, and in words why it was chosen.

    Raises:
        Problem: cases that do not go together, or an override that is unknown or does not fit.

    Source: nnU-Net's way of planning, https://doi.org/10.1038/s41592-020-01008-z
    """
    choices, facts = begin(facts, overrides, LIMITS)
    orientation = choices.take("orientation", lambda: grid_rules.orientation(facts))
    if orientation is None:
        facts = [one.as_stored() for one in facts]
    target, size = _grid(choices, facts, resample)
    network_rank, axis = _network_rank(choices, facts[0].rank, target, size)
    kept = [one for one in range(facts[0].rank) if one != axis]
    relative = [1.0 if target is None else target[one] for one in kept]
    _patch(choices, [size[one] for one in kept], relative, device, minutes)
    _intensities(choices, facts, modality, classes)
    choices.take("batch_size", lambda: patch_rules.batch_size(network_rank, device, replicas))
    check_batch(choices["batch_size"], replicas)
    choices.take("filters", lambda: patch_rules.filters(device))
    choices.take("norm", lambda: patch_rules.norm(len(facts)))
    _moves(choices, classes.names, facts, target, size)
    choices.take("foreground_share", lambda: patch_rules.foreground_share(facts, classes))
    choices.take("neighbours", lambda: (0, "each slice is seen alone, if there are slices"))
    if choices["neighbours"] and axis is None:
        raise Problem(
            "Only a 2D network that goes through the slices of a volume sees neighbours of each.",
            "neighbours",
            "Leave it out, or set rank 2 for volumes.",
        )
    choices.take("adversarial", lambda: (False, "the loss alone counts"))
    choices.take("weight", lambda: (WEIGHT, "of the loss beside a game, where there is one"))
    return choices


def _moves(
    choices: Choices, names: Sequence[str], facts: Sequence[CaseFacts], target, size
) -> None:
    """Chooses how images may be mirrored and turned."""
    network_rank, axis = choices["rank"], choices["slice_axis"]
    spacings = [one.spacing for one in facts]
    oriented = facts[0].rank == 3 and None not in spacings
    choices.take(
        "flip", lambda: movement_rules.flip(names, network_rank, axis, oriented, len(facts))
    )
    relative = grid_rules.relative_spacing(target, spacings, size)
    within = tuple(spacing for one, spacing in enumerate(relative) if one != axis)
    slices = grid_rules.slice_axis(None, size)[0]
    choices.take(
        "rotation_deg",
        lambda: movement_rules.rotation(names, network_rank, within, oriented, len(facts), slices),
    )
    check_flip(choices["flip"], network_rank)
    choices.values["rotation_deg"] = angles(choices["rotation_deg"], network_rank)


def _grid(choices: Choices, facts: Sequence[CaseFacts], resample: bool) -> tuple:
    """Takes the spacing; returns the usual one, and the usual size in it."""
    spacings, spaces = [one.spacing for one in facts], [one.nonzero_space for one in facts]
    if "spacing_mm" in choices.given:
        given = choices.given["spacing_mm"]
        choices.given["spacing_mm"] = one_an_axis("spacing_mm", given, facts[0].rank)
    usual = grid_rules.spacing(spacings, spaces)
    kept = None, "values are corrected on each image's own grid"
    target = choices.take("spacing_mm", lambda: usual if resample else kept)
    if "spacing_mm" in choices.given and None in spacings:
        raise Problem(
            f"{spacings.count(None)} of the images have no spacing to resample from.",
            "spacing_mm",
            "Leave the option out, or give files with a spacing such as NIfTI.",
        )
    if target is not None:
        spaces = [
            resampled_space(one.nonzero_space, one.spacing or target, target) for one in facts
        ]
    size = np.ceil(np.median(np.array(spaces), axis=0)).astype(int)
    return target or usual[0], tuple(size.tolist())


def _network_rank(choices: Choices, image_rank: int, target, size) -> tuple[int, int | None]:
    network_rank = choices.take("rank", lambda: grid_rules.rank(image_rank, target, size))
    if network_rank > image_rank:
        raise Problem("A 3D network needs volumes, these are pictures.", "rank", "Take 2.")
    if network_rank == image_rank:
        if "slice_axis" in choices.given:
            raise Problem(
                "Only a 2D network goes through slices of a volume.", "slice_axis", "Set rank 2."
            )
        choices.take("slice_axis", lambda: (None, "the network sees all axes"))
        return network_rank, None
    return network_rank, choices.take("slice_axis", lambda: grid_rules.slice_axis(target, size))


def _patch(choices: Choices, size, relative, device: str, minutes: float) -> None:
    """Takes patch, depth and the pooling of each level."""
    network_rank = len(size)
    given = choices.given.get("patch")
    if given is not None:
        given = choices.given["patch"] = one_an_axis("patch", given, network_rank)
    budget, reason = patch_rules.voxel_budget(network_rank, device, minutes)
    smallest = 2 * patch_rules.SMALLEST_SIZE
    box = patch_rules.largest_box([max(length, smallest) for length in size], relative, budget)
    wanted = given or tuple(max(length, smallest) for length in box)
    most = 5 if device == "gpu" and network_rank == 2 else 4
    levels, left = patch_rules.pool(wanted, relative, choices.given.get("depth", most))
    if len(levels) < choices.given.get("depth", 1):
        raise Problem(
            f"A patch of {size_text(wanted)} cannot be halved that often:"
            f" {patch_rules.SMALLEST_SIZE} voxels a side must be left.",
            "depth",
            f"Set a depth of at most {len(levels)}, or a larger patch.",
        )
    by = patch_divisor(levels, network_rank)
    choices.take("patch", lambda: _rounded(wanted, size, by, reason))
    choices.take("depth", lambda: (len(levels), left))
    choices.take("pool", lambda: (levels, choices.reasons["depth"]))
    off = [
        (length, step) for length, step in zip(choices["patch"], by, strict=True) if length % step
    ]
    if off:
        nearest = ", ".join(
            f"{length // step * step or step} or {(length // step + 1) * step} instead of {length}"
            for length, step in off
        )
        raise Problem(
            f"The network halves each side to 1/{max(by)} of it, these do not divide.",
            "patch",
            f"Take {nearest}, or set a smaller depth.",
        )


def _rounded(wanted, size, by, reason: str) -> tuple[tuple[int, ...], str]:
    # A side that the image limits grows where shrinking would hide more than a little of it: what
    # is padded costs as much time as what is seen.
    patch = tuple(
        -(-length // step) * step
        if length >= most and length // step * step < LEAST_COVERAGE * length
        else max(step, length // step * step)
        for length, most, step in zip(wanted, size, by, strict=True)
    )
    median = f"images have a median of {size_text(tuple(size))}"
    return patch, f"{median}; {reason}; divides by {max(by)}"


def _intensities(choices: Choices, facts, modality: str | None, classes: Classes) -> None:
    foreground = {value for values in classes.values[1:] for value in values}

    def statistics(scheme: str) -> Chosen[tuple]:
        if scheme != "ct":
            return (), "each image by its own statistics"
        if classes is NO_CLASSES:
            return intensity_rules.intensities_of_all(facts)
        return intensity_rules.intensities(facts, foreground)

    intensity_rules.take_intensities(
        choices, facts, modality, intensity_rules.normalization, statistics
    )
    if choices["normalization"] == "ct" and not choices["intensities"]:
        raise Problem(
            "The scheme ct needs the intensities of the foreground, and no training case has any.",
            "normalization",
            "Set normalization zscore, or give cases with foreground.",
        )
