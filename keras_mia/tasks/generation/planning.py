"""From images, and their classes where they have some, to a plan."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_mia.core.hardware import gpus
from keras_mia.core.problem import Problem
from keras_mia.core.text import plural, size_text
from keras_mia.data.datasets.cases import Cases, Slab
from keras_mia.data.datasets.splits.limit import limited
from keras_mia.data.datasets.splits.splitting import split
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.fingerprint.reading_notes import bit_depths
from keras_mia.data.fingerprint.survey import survey
from keras_mia.data.targets.inference import contents, infer_target
from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.data.targets.texts.kind_inference import kind_of
from keras_mia.models.generation.blocks import levels_of
from keras_mia.planning.choices import Choices, Chosen
from keras_mia.planning.images import LIMITS as IMAGE_LIMITS
from keras_mia.planning.images import image_choices
from keras_mia.planning.limits import Limits, check_batch, choice
from keras_mia.tasks.generation.games import GAMES, SCHEMES, SMOOTHED
from keras_mia.tasks.generation.generation_plan import GenerationPlan
from keras_mia.tasks.generation.networks import Setting, is_conditional, setting_of

NOT_NEGATIVE = (lambda value: value >= 0, "0 or more")
RATE = (lambda value: value > 0, "above 0")
LIMITS: Limits = {
    **IMAGE_LIMITS,
    "normalization": choice(SCHEMES),
    "latent": (lambda value: value >= 1, "1 or more"),
    "loss": choice(GAMES),
    "label_smoothing": (lambda value: 0 <= value < 0.5, "0 or more and below 0.5"),
    "gradient_penalty": NOT_NEGATIVE,
    "r1": NOT_NEGATIVE,
    "discriminator_steps": (lambda value: value >= 1, "1 or more"),
    "generator_rate": RATE,
    "discriminator_rate": RATE,
    "average": (lambda value: 0 <= value < 1, "a share below 1"),
}
"""The fields that a user can set, and what they may be."""

MULTICLASS = "multiclass"
FEWEST = {
    "train": "a generator learns from two at least, and from hundreds to be of use",
    "validation": "samples are compared with two at least",
    "test": "samples are compared with two at least",
}
"""Why each part of the split needs two images."""
LARGEST = {1: 256, 2: 64, 3: 32}
"""Axes of more than one voxel -> voxels along the longest one on a CPU, where the user does not set
it."""
BATCH = 64
SMOOTH = "where the discriminator is smooth at real images, no class is lost"


def split_cases(
    cases: Cases,
    fold: tuple[int, int],
    *,
    columns: str | Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    limit: int | None = None,
) -> Cases:
    """Who trains and who is held out; balanced by classes, where they are known.

    Args:
        cases: examined.
        fold: which part tests, and of how many.
        columns: of the classes.
        names: text of a class -> name to show.
        limit: how many cases to train on; None: all.

    Raises:
        Problem: there are too few patients or images.
    """
    held = contents([case.text for case in cases], columns, (), names) if labelled(cases) else None
    balance = (lambda case: held[case.text]) if held else None
    made = split(cases, fold=fold[0], folds=fold[1], content=balance)
    if any(isinstance(case.region, Slab) for case in made):
        raise Problem(
            "There are too few patients: training, validation and test need one each at least.",
            cases.source,
            "Give images of more patients.",
        )
    made = limited(made, limit, held) if limit else made
    for part, reason in FEWEST.items():
        if len(made.of(part)) < 2:
            raise Problem(
                f"The {part} part has {plural(len(made.of(part)), 'image')}: {reason}.",
                cases.source,
                "Give 20 images or more, or a larger --limit.",
            )
    return made


def labelled(cases: Cases) -> bool:
    """Whether something is known of images besides how they look."""
    return all(case.target is not None for case in cases)


def classes_of(
    cases: Cases, columns: str | Sequence[str] = (), names: Mapping[str, str] | None = None
) -> Multiclass | None:
    """The classes of images; None where none are known, or what is known are no classes.

    Args:
        cases: with their splits.
        columns: of the classes.
        names: text of a class -> name to show.

    Raises:
        Problem: a held-out image has a class that no training image has, or there are names and no
            classes.
    """
    if not labelled(cases):
        if names:
            raise Problem(
                "Classes are given names, and none are known.",
                "--labels",
                "Leave it out, or put images into a folder a class.",
            )
        return None
    texts = [case.text for case in cases.train]
    if not columns and not names and kind_of(texts) != MULTICLASS:
        return None
    target = infer_target(
        texts,
        columns,
        kinds=(MULTICLASS,),
        names=names,
        others=[case.text for case in cases if case.split != "train"],
    )
    assert isinstance(target, Multiclass)
    for case in cases:
        target.encode(case.text, case.name)
    return target


def plan(
    cases: Cases,
    *,
    columns: str | Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    minutes: float = 10.0,
    replicas: int = 1,
    overrides: Mapping[str, Any] | None = None,
) -> GenerationPlan:
    """Looks at the training images and proposes how to prepare them and what to train.

    Args:
        cases: with their splits.
        columns: of the classes.
        names: text of a class -> name to show.
        minutes: of training, which the size of the images follows.
        replicas: how many devices share a batch.
        overrides: fields of `GenerationPlan` that are set by the user.

    Returns:
        The plan, with a reason for each value.

    Raises:
        Problem: a case cannot be read or does not fit the others, or an override does not fit.
    """
    facts = survey(cases, cases.train).facts
    device = "gpu" if gpus() else "cpu"
    given = dict(overrides or {})
    network, why_network = _network([facts[case] for case in cases.train])
    network = given.get("network") or network
    conditional = is_conditional(network)
    choices = image_choices(
        [facts[case] for case in cases.train],
        limits=LIMITS,
        scheme=_scheme,
        size=lambda size, reason: _size(size, reason, network, device),
        modality=cases.modality,
        minutes=minutes,
        device=device,
        overrides=given,
    )
    target = classes_of(cases, columns, names)
    if conditional and target is None:
        raise Problem(
            "A conditional network learns from images with classes, and none are known.",
            cases.source,
            "Put images into a folder a class, or name --label-column; or take --network dcgan.",
        )
    choices.take("network", lambda: (network, why_network))
    _take_training(choices, replicas)
    why = "those of the training images" if target else "none are known"
    return choices.plan(
        GenerationPlan,
        target=(target, why),
        class_shares=(_shares(cases, target), why),
        conditional=(conditional, "whether the network takes classes"),
    )


def _take_training(choices: Choices, replicas: int) -> None:
    """Chooses how the networks learn."""
    take, setting = choices.take, setting_of(choices["network"])
    if "options" in choices.given:
        choices.given["options"] = {**setting.options, **choices.given["options"]}
    take("options", lambda: _options(setting))
    take("latent", lambda: setting.latent)
    loss = take("loss", lambda: ("non_saturating", "strong gradients where the generator loses"))
    penalty = 10.0 if loss == "wasserstein" else 0.0
    why = "a Wasserstein critic has to be smooth" if penalty else "not asked for"
    take("gradient_penalty", lambda: (penalty, why))
    take("r1", lambda: (0.0, "not asked for") if penalty else (setting.r1, SMOOTH))
    take("label_smoothing", lambda: (0.0, "not asked for"))
    if choices["label_smoothing"] and loss not in SMOOTHED:
        raise Problem(
            f"The game {loss!r} has no labels to smooth.",
            "--label-smoothing",
            f"Leave it out, or take --loss {' or '.join(SMOOTHED)}.",
        )
    moves = take("discriminator_steps", lambda: (1, "one move each"))
    usual = -(-BATCH // replicas) * replicas * moves
    take("batch_size", lambda: (usual, f"{usual // moves} for each move"))
    check_batch(choices["batch_size"], replicas)
    if choices["batch_size"] % (replicas * moves):
        raise Problem(
            f"A batch of {choices['batch_size']} does not divide among {plural(moves, 'move')} of"
            f" the discriminator{f' on each of {replicas} devices' if replicas > 1 else ''}.",
            "--batch-size",
            f"Give a multiple of {replicas * moves}, or fewer --discriminator-steps.",
        )
    take("generator_rate", lambda: (setting.rate, "it falls to 0, and may begin high"))
    take("discriminator_rate", lambda: (choices["generator_rate"], "as the generator's"))
    take("average", lambda: (0.999, "a mean of a thousand steps varies less than the last one"))


def _options(setting: Setting) -> Chosen[Mapping[str, Any]]:
    if not setting.options:
        return {}, "the builder's own"
    return setting.options, "narrow, for more steps; R1 in place of moments of batches"


def _numbers(facts: Sequence[CaseFacts]) -> bool:
    return all(int(np.prod(one.space)) == 1 for one in facts)


def _network(facts: Sequence[CaseFacts]) -> Chosen[str]:
    if _numbers(facts):
        return "mlp_gan", "numbers have nothing to convolve"
    return "dcgan", "convolutions make images well, and train fast"


def _scheme(modality: str | None, facts: Sequence[CaseFacts]) -> Chosen[str]:
    if _numbers(facts):
        return "set", "numbers, whose ends are not known: the output has none either"
    if len(bit_depths(facts)) > 1:
        return "zscore", "pictures of 8 bits and of others have no common scale: each by itself"
    if facts[0].rank == 3 and modality != "CT":
        return "zscore", "intensities have no unit: each image by itself"
    return "range", "what the generator's tanh gives"


def _size(size: tuple[int, ...], reason: str, network: str, device: str) -> Chosen[tuple[int, ...]]:
    """The size next to that of the images that networks of transposed convolutions can make."""
    if max(size) == 1 or network == "mlp_gan":
        return size, reason
    long = [length for length in size if length > 1]
    factor = min(1.0, LARGEST[len(long)] / max(size)) if device == "cpu" else 1.0
    scaled = [max(1, round(length * factor)) for length in long]
    step = 2 ** levels_of([4 * max(1, round(length / 4)) for length in scaled])
    doubled = iter([max(step, step * round(length / step)) for length in scaled])
    made = tuple(next(doubled) if length > 1 else 1 for length in size)
    if made != tuple(size):
        reason += f"; {size_text(made)} can be made by doubling"
    return made, reason


def _shares(cases: Cases, target: Multiclass | None) -> tuple[float, ...]:
    if target is None:
        return ()
    counts = np.sum([target.encode(case.text) for case in cases.train], axis=0)
    return tuple((counts / counts.sum()).round(6).tolist())
