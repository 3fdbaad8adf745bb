"""From pairs of images, or from images that are made worse, to a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from keras_mia.core.hardware import gpus
from keras_mia.core.parallel import map_cases
from keras_mia.core.problem import Problem
from keras_mia.data.augment.degradations import DEGRADATIONS
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.fingerprint.intensity import Intensity
from keras_mia.data.fingerprint.sampling import sample_indices
from keras_mia.data.fingerprint.survey import survey
from keras_mia.planning.choices import Choices
from keras_mia.planning.patches import patch_choices
from keras_mia.tasks.translation.cases.target_facts import (
    TargetFacts,
    read_facts_alone,
    read_target_facts,
)
from keras_mia.tasks.translation.checks import (
    check_channels,
    check_degradation,
    check_loss,
    check_noise,
    check_targets,
)
from keras_mia.tasks.translation.translation_plan import OF_EACH, SHARED, TranslationPlan

UNPAIRED_SIDES = {2: 64, 3: 32}
"""Voxels of a patch along an axis at most, by the network's rank, where there are no pairs: powers
of 2, which networks can halve."""
UNPAIRED_WEIGHTS = {"cyclegan": 2.0, "refiner": 0.2}
"""Of the distance beside the game."""
POOL = 50
"""Images, as in CycleGAN."""
MOST_READ = 50
"""Of more training pairs than that a sample tells what targets hold."""
ALIKE = 0.25
"""By how much of its range the ends of a target may differ from those of its image, where their
values mean the same."""


ANGLE = 30.0
"""Degrees by which patients lie differently at most."""
CORRELATED = 0.8
"""From which correlation on they may: two contrasts of one head have about 0.5, an image with a
tenth of its range as noise 0.9."""


def plan(
    cases: Cases,
    *,
    minutes: float = 10.0,
    replicas: int = 1,
    degradation: str | None = None,
    degradation_options: Mapping[str, Any] | None = None,
    loss: str | None = None,
    target_values: str | None = None,
    unpaired: str | None = None,
    kinds: Sequence[str] = (),
    overrides: Mapping[str, Any] | None = None,
) -> TranslationPlan:
    """Looks at the training cases and proposes how to prepare them and what to train.

    Args:
        cases: with their splits.
        minutes: of training, which the size of the network follows.
        replicas: how many devices share a batch.
        degradation: that makes images out of targets; None: the data are pairs.
        degradation_options: of it.
        loss: "l1", "l2" or "ssim"; None: what suits.
        target_values: "same" as those of images, "hu" or "other"; None: as they look.
        unpaired: "cyclegan" or "refiner", where training is not told what belongs together.
        kinds: of images, of which the first is made into the second, where there are no pairs.
        overrides: fields of `PatchPlan` that are set by the user.

    Returns:
        The plan, with a reason for each value.

    Raises:
        Problem: a case cannot be read or does not fit the others, or an override does not fit.
    """
    cases = survey(cases)
    check_channels(cases)
    facts = [cases.facts[case] for case in cases]
    check_degradation(facts, degradation, degradation_options or {})
    sources, others = list(cases.train), list(cases.train)
    if kinds:
        sources, others = ([case for case in cases.train if case.text == kind] for kind in kinds)
    of_sources = [cases.facts[case] for case in sources]
    targets: Sequence[TargetFacts] = ()
    if degradation is None:
        chosen = [others[index] for index in sample_indices(len(others), MOST_READ)]
        read = partial(read_facts_alone, sources=of_sources) if kinds else read_target_facts
        targets = map_cases(read, chosen, "reading targets")
    made = make_plan(
        of_sources,
        targets,
        degradation=degradation,
        degradation_options=degradation_options,
        loss=loss,
        target_values=target_values,
        unpaired=unpaired,
        kinds=kinds,
        minutes=minutes,
        replicas=replicas,
        device="gpu" if gpus() else "cpu",
        modality=cases.modality,
        overrides=overrides,
    )
    if degradation == "noise":
        check_noise(cases, made)
    return made


def make_plan(
    facts: Sequence[CaseFacts],
    targets: Sequence[TargetFacts] = (),
    *,
    degradation: str | None = None,
    degradation_options: Mapping[str, Any] | None = None,
    loss: str | None = None,
    target_values: str | None = None,
    unpaired: str | None = None,
    kinds: Sequence[str] = (),
    **options: Any,
) -> TranslationPlan:
    """Proposes how to make these targets of these images.

    Args:
        facts: of the training images.
        targets: what is known of targets; none where images are made out of them.
        degradation: that makes images out of targets; None: the data are pairs.
        degradation_options: of it.
        loss: "l1", "l2" or "ssim"; None: what suits.
        target_values: "same" as those of images, "hu" or "other"; None: as they look.
        unpaired: "cyclegan" or "refiner", where training is not told what belongs together.
        kinds: of images, of which the first is made into the second, where there are no pairs.
        **options: of `patch_choices`.

    Returns:
        A plan whose `reasons` say in words why each value was chosen.

    Raises:
        Problem: cases that do not go together, or an override that is unknown or does not fit.
    """
    shared, masked = degradation is not None, False
    if targets:
        shared = target_values == "same" or (target_values is None and are_shared(targets))
        check_targets(targets, target_values, shared=shared, unpaired=unpaired is not None)
        masked = sum(one.has_air for one in targets) * 2 > len(targets)
    choices = patch_choices(facts, resample=not shared, **options)
    check_loss(loss, choices["patch"])
    if shared:
        _keep_values(choices)
    if degradation is not None:
        axes = tuple(range(choices["rank"]))
        choices.prefer("flip", axes, "what is to be undone is the same in a mirror")
        choices.prefer("rotation_deg", tuple(0.0 for _ in choices["rotation_deg"]), NO_ROTATION)
    elif len(facts) == 1 and choices["orientation"] == "RAS":
        choices.prefer("flip", (0,) if choices["slice_axis"] != 0 else (), "bodies are alike")
        angles = tuple(min(angle, ANGLE) for angle in choices["rotation_deg"])
        choices.prefer("rotation_deg", angles, "patients lie a little differently")
    if unpaired:
        _without_pairs(choices, unpaired)
    if masked and choices["normalization"] == "zscore":
        choices.prefer("normalization", "body", "each image by itself, without the air around it")
    scheme, why = target_scheme(targets, shared, masked, hu=target_values == "hu")
    return choices.plan(
        TranslationPlan,
        target_channels=_target_channels(choices, targets),
        target_normalization=(scheme, why),
        target_intensities=_target_intensities(targets, scheme),
        degradation=(degradation, "set by the user" if degradation else "the data are pairs"),
        degradation_options=(
            _all_options(degradation, degradation_options or {}),
            "set by the user, or usual",
        ),
        masked=(masked, "there is air around the body" if masked else "all voxels count"),
        residual=_residual(choices, targets, shared, scheme),
        loss=_loss(loss, shared, unpaired),
        unpaired=(unpaired, "set by the user" if unpaired else "training is told what is a pair"),
        kinds=(tuple(kinds), "the data have no pairs" if kinds else "the data have pairs"),
        earlier_images=_earlier_images(unpaired, options.get("replicas", 1), choices["batch_size"]),
    )


def _all_options(degradation: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Those that the user gave, and what the others are."""
    return asdict(DEGRADATIONS[degradation](**given)) if degradation else {}


NO_ROTATION = "turning interpolates, which is no longer what is to be undone"


def are_shared(targets: Sequence[TargetFacts]) -> bool:
    """Whether values of targets mean what those of their images mean: the same modality, where it
    is known, nearly the same range, and bright where these are bright.

    Args:
        targets: of training pairs.

    Returns:
        Whether it is so of most.
    """
    if any(one.modality != one.target_modality for one in targets):
        return False
    if any(one.channels != one.target_channels for one in targets):
        return False
    far = [max(abs(np.subtract(one.ends, one.target_ends))) / _span(one.ends) for one in targets]
    correlation = np.median([one.correlation for one in targets])
    return bool(np.median(far) <= ALIKE and correlation >= CORRELATED)


def target_scheme(
    targets: Sequence[TargetFacts], shared: bool, masked: bool, *, hu: bool = False
) -> tuple[str, str]:
    """The scheme of normalization of targets.

    Args:
        targets: of training pairs.
        shared: whether their values mean what those of their images mean.
        masked: whether there is air around the body.
        hu: whether the user says that they are Hounsfield units.

    Returns:
        The scheme, and why.
    """
    if shared:
        return SHARED, "values mean the same in images and targets"
    if hu:
        return "ct", "Hounsfield units, as the user says"
    if all(one.is_ct for one in targets):
        return "ct", "Hounsfield units mean the same in every scan"
    if masked:
        return "body", "intensities have no unit: each target by the voxels of its body"
    return "zscore", "intensities have no unit: each target by itself"


def _without_pairs(choices: Choices, unpaired: str) -> None:
    """Prefers what a game without pairs needs: many steps, and little that holds its networks.

    Raises:
        Problem: neighbours of slices are to be seen, which its networks make nothing of.
    """
    if choices["neighbours"]:
        raise Problem(
            "Networks that learn without pairs see each slice alone.",
            "--neighbours",
            "Leave it out.",
        )
    side = UNPAIRED_SIDES[choices["rank"]]
    patch = tuple(min(side, length) for length in choices["patch"])
    choices.prefer("patch", patch, "small for more steps, of which a game without pairs takes many")
    reason = "of many patches: how bright each is can be seen, and both networks learn faster"
    choices.prefer("norm", "batch", reason)
    choices.prefer("weight", UNPAIRED_WEIGHTS[unpaired], "so that a game without pairs can move")


def _keep_values(choices: Choices) -> None:
    """Prefers what leaves values as they are where only some of them are to be corrected."""
    choices.prefer("norm", "none", "a network without them keeps how bright each image is")
    if choices["normalization"] == "ct" and "normalization" not in choices.given:
        reason = "each image by itself: what the scheme ct clips could not be given back"
        choices.prefer("normalization", "zscore", reason)
        choices.prefer("intensities", (), "each image by its own statistics")


def _target_channels(choices: Choices, targets: Sequence[TargetFacts]) -> tuple[int, str]:
    if not targets:
        return choices["channels"], "those of the images"
    return max(one.target_channels for one in targets), "those of the targets"


def _target_intensities(
    targets: Sequence[TargetFacts], scheme: str
) -> tuple[tuple[Intensity, ...], str]:
    if scheme == SHARED:
        return (), "the scheme needs none"
    pooled = tuple(
        Intensity.of(
            np.concatenate([one.sample[:, channel] for one in targets]),
            [one.extremes[channel] for one in targets if one.extremes],
        )
        for channel in range(targets[0].target_channels)
    )
    if scheme == "ct":
        return pooled, "of the voxels of the training targets"
    typical = tuple(
        Intensity(
            one.low,
            one.high,
            float(np.mean([each.sample[:, channel].mean() for each in targets])),
            float(np.mean([each.sample[:, channel].std() for each in targets])),
            one.floors,
            one.peaks,
        )
        for channel, one in enumerate(pooled)
    )
    return typical, "means of the training targets' own"


def _residual(
    choices: Choices, targets: Sequence[TargetFacts], shared: bool, scheme: str
) -> tuple[bool, str]:
    if _target_channels(choices, targets)[0] != choices["channels"]:
        return False, "images and targets have different numbers of channels"
    if shared:
        return True, "what is to be changed is learnt, what is right stays"
    if scheme in OF_EACH and choices["normalization"] in OF_EACH:
        return True, "what two normalized contrasts have alike need not be learnt"
    return False, "values of images and targets mean different things"


def _loss(given: str | None, shared: bool, unpaired: str | None) -> tuple[str, str]:
    if given:
        return given, "set by the user"
    if unpaired == "cyclegan":
        return "l2", "small changes cost little, so that what begins as the identity can leave it"
    if unpaired:
        return "l1", "most of an image stays as it is, and little may change a lot"
    if shared:
        return "l2", "the mean of what may be is the best guess of what was lost"
    return "l1", "single voxels that are far off do not rule"


def _earlier_images(unpaired: str | None, replicas: int, batch: int) -> tuple[int, str]:
    if not unpaired:
        return 0, "pairs need none"
    if replicas > 1:
        return 0, "each device would have others"
    return max(POOL, batch), "what was made earlier is not to be forgotten"


def _span(ends: tuple[float, float]) -> float:
    return max(ends[1] - ends[0], 1e-8)
