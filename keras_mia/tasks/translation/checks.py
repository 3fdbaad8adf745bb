"""What cannot be trained, or would fail after training, told before it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_mia.core.parallel import map_cases
from keras_mia.core.problem import Problem
from keras_mia.core.structural_similarity import WINDOW
from keras_mia.core.text import listing, plural, size_text
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.tasks.translation.cases.target_facts import TargetFacts
from keras_mia.tasks.translation.translation_plan import SHARED, TranslationPlan

MIDDLE = (3, 97)
"""Percentiles of a sample; where they differ, so do nearly always those of the whole image between
which noise finds its range, which are further out."""


def check_degradation(
    facts: Sequence[CaseFacts], degradation: str | None, options: Mapping[str, Any]
) -> None:
    """Refuses what cannot be done to these images.

    Args:
        facts: of all images, those for validation and test too.
        degradation: that makes images out of targets; None: the data are pairs.
        options: of it.

    Raises:
        Problem: an axis is none of theirs, or they cannot have Rician noise.
    """
    axis = options.get("axis", 0)
    if degradation == "undersampling" and axis >= facts[0].rank:
        raise Problem(
            f"Axis {axis} was given for images of {facts[0].rank} axes.",
            "--lines-axis",
            f"Axes are counted from 0 to {facts[0].rank - 1}.",
        )
    negative = [one.name for one in facts if min(one.low) < 0]
    if options.get("kind") == "rician" and negative:
        raise Problem(
            "Rician noise is that of magnitudes, which are never below 0; some images are.",
            listing(negative, 5),
            "Take --noise-kind gaussian.",
        )


def check_noise(cases: Cases, plan: TranslationPlan) -> None:
    """Refuses images that get no noise: nearly all of their voxels share one value, so that the
    range is 0 which noise is a share of.

    Args:
        cases: with their facts.
        plan: of the noise.

    Raises:
        Problem: there are such images.
    """
    flat = [case for case in cases if _is_nearly_flat(cases.facts[case])]

    def is_unchanged(case: Case) -> bool:
        truth = np.asarray(plan.truth(case).array, np.float32)
        return np.array_equal(plan.source(case).array, truth)

    unchanged = map_cases(is_unchanged, flat, "looking for noise") if flat else []
    names = [case.name for case, same in zip(flat, unchanged, strict=True) if same]
    if names:
        raise Problem(
            f"There is nothing to undo in {plural(len(names), 'image')}: nearly all voxels share"
            " one value, and noise, which is a share of the range of the others, is 0.",
            listing(names, 5),
            "Leave them out.",
        )


def _is_nearly_flat(facts: CaseFacts) -> bool:
    low, high = np.percentile(facts.sample, MIDDLE, axis=0)
    return bool((low == high).all())


def check_loss(loss: str | None, patch: Sequence[int]) -> None:
    """Refuses structural similarity where no window of it fits.

    Args:
        loss: "l1", "l2" or "ssim"; None: what suits.
        patch: side lengths.

    Raises:
        Problem: all of them are shorter than the window.
    """
    if loss == "ssim" and max(patch) < WINDOW:
        raise Problem(
            f"A patch of {size_text(tuple(patch))} is smaller than the window of SSIM, {WINDOW}"
            " voxels.",
            "--loss ssim",
            "Take a larger --patch, or --loss l1.",
        )


def check_difference(plan: TranslationPlan) -> None:
    """Refuses the difference of values that do not mean the same.

    Args:
        plan: of the run.

    Raises:
        Problem: they do not.
    """
    if plan.target_normalization != SHARED:
        raise Problem(
            "Values of what the run makes do not mean what those of images mean, so that they have"
            " no difference.",
            "--difference",
            "Leave it out, or train with --target-values same.",
        )


def check_channels(cases: Cases) -> None:
    """Refuses targets of several numbers of channels, whoever trains on them.

    Args:
        cases: with their facts.

    Raises:
        Problem: names the files of those that most others are unlike.
    """
    channels = {
        str(case.target): target.channels
        for case in cases
        if (target := cases.facts[case].target_image) is not None
    }
    counts = Counter(channels.values())
    if len(counts) > 1:
        usual = counts.most_common(1)[0][0]
        raise Problem(
            f"Targets have {' or '.join(map(str, sorted(counts)))} channels; most have {usual}.",
            listing([path for path, number in channels.items() if number != usual], 5),
            "Give targets of one kind.",
        )


def check_targets(
    targets: Sequence[TargetFacts], values: str | None, *, shared: bool, unpaired: bool
) -> None:
    """Refuses what cannot be made of these images.

    Args:
        targets: what is known of them.
        values: what the user says they are: "same" as those of images, "hu" or "other".
        shared: whether they mean the same as those of images.
        unpaired: whether training is not told what belongs together.

    Raises:
        Problem: channels differ where they may not, or Hounsfield units are wanted of no CT.
    """
    differ = any(one.channels != one.target_channels for one in targets)
    if shared and differ:
        raise Problem(
            "Images and targets have different numbers of channels, whose values cannot mean the"
            " same.",
            "--target-values",
            "Take other.",
        )
    if unpaired and differ:
        raise Problem(
            "Both kinds of images have as many channels where training is not told what belongs"
            " together.",
            "--unpaired",
            "Give images of one number of channels.",
        )
    if values == "hu" and (why := _no_hounsfield_units(targets)):
        raise Problem(
            f"Hounsfield units are those of CT, and targets are none: {why}.",
            "--target-values hu",
            "Leave it out, or give targets in Hounsfield units, where air is -1000 and water 0.",
        )


def _no_hounsfield_units(targets: Sequence[TargetFacts]) -> str:
    """Why they are none; nothing where they may be."""
    others = sorted({one.target_modality for one in targets if one.target_modality} - {"CT"})
    if others:
        return f"their files say {listing(others)}"
    lowest = min(low for one in targets for low, _ in one.extremes)
    return f"no value is below 0 ({lowest:g} is the smallest)" if lowest >= 0 else ""
