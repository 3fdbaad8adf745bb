"""What a network looked at where it was surest: when it was wrong, and when it was right."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import keras
import numpy as np

from keras_mia.data.datasets.cases import Case
from keras_mia.data.preprocess.image_cache import ImageArray
from keras_mia.data.preprocess.image_plan import ImagePlan
from keras_mia.data.targets.base import ImageTarget
from keras_mia.data.targets.multitask import NAMED, Multitask
from keras_mia.interpret import grad_cam
from keras_mia.metrics.classification.threshold import confidence
from keras_mia.report.pictures.case_picture import CasePicture
from keras_mia.report.pictures.heat import heat_picture
from keras_mia.tasks.classification.box_pictures import box_pictures
from keras_mia.tasks.classification.calibration import Calibration
from keras_mia.tasks.classification.rows import decided

MISTAKES, RIGHT = 8, 4
SHOWN = {
    "slices": "The middle slice.",
    "neighbours": "The middle slice, the map of it with its neighbours.",
    "planes": "One of the three planes through the centre that are seen together.",
    "random": "One of the planes that are answered together.",
}
"""What is drawn of a volume that a 2D network answers, by the plan's view."""
NO_MAP = "The network has no convolutions, and so no map of what it looked at."


@dataclass(frozen=True)
class Told:
    """One answer to one case.

    Args:
        case: its number.
        output: of the network, that the answer is about.
        yes: whether the answer is that it is so; of several classes always.
        probability: of the answer.
        right: whether it is true.
        sureness: as `sureness` has it.
    """

    case: int
    output: int
    yes: bool
    probability: float
    right: bool
    sureness: float


def surest(
    told: np.ndarray, truth: np.ndarray, answers: ImageTarget, decision: Calibration
) -> tuple[list[Told], list[Told]]:
    """The most confident mistakes and the most confident right answers, the surest first.

    Of several findings a case counts once, by its surest mistake; right are those that it was right
    to see.

    Args:
        told: `(cases, classes)`, probabilities of what is told.
        truth: marks of the same shape, as `ImageTarget.encode` gives them.
        answers: of kind "multiclass" or "multilabel", what is told.
        decision: made on validation cases.
    """
    found = []
    several = answers.kind == "multilabel"
    for case, (probability, true) in enumerate(zip(told, truth, strict=True)):
        said = decided(probability, decision, answers.kind)
        for output in map(int, np.flatnonzero(true >= 0 if several else said)):
            yes = bool(said[output])
            own = float(probability[output] if yes else 1 - probability[output])
            cut, above = 1 / len(answers), True
            if decision.thresholds is not None:
                cut = decision.thresholds[output if several else 0]
                above = yes if several else output == 1
            right = bool(true[output] == said[output])
            found.append(Told(case, output, yes, own, right, confidence(own, cut, above)))
    found.sort(key=lambda one: (-one.sureness, one.case))
    mistakes: dict[int, Told] = {}
    for one in found:
        if not one.right:
            mistakes.setdefault(one.case, one)
    seen: dict[int, Told] = {}
    for one in found:
        if one.right and one.yes and one.case not in mistakes:
            seen.setdefault(one.case, one)
    return list(mistakes.values())[:MISTAKES], list(seen.values())[:RIGHT]


def explained(
    model: keras.Model,
    images: ImageArray,
    cases: Sequence[Case],
    told: np.ndarray,
    plan: ImagePlan,
    decision: Calibration,
    *,
    column: str = "",
) -> list[CasePicture]:
    """Pictures of the surest mistakes and the surest right answers, each beside what spoke for it.

    Args:
        model: that gave the answers.
        images: the images.
        cases: of the images.
        told: `(cases, outputs)`, as `Calibration.applied` gives it.
        plan: how the images were prepared.
        decision: made on validation cases.
        column: of the answer, where there are several to each image.

    Returns:
        None of answers that are numbers, which are not right or wrong; of boxes the worst and the
        best; of several answers those of each.
    """
    answers = plan.told
    if isinstance(answers, Multitask):
        each = zip(
            plan.each().items(),
            [keras.Model(model.inputs, model.output[place]) for place in answers.head_names],
            [replace(images, targets=truth) for truth in answers.split(images.targets)],
            answers.split(told),
            decision.parts,
            strict=True,
        )
        return [
            picture
            for (name, part), one, truth, values, own in each
            for picture in explained(one, truth, cases, values, part, own, column=name)
        ]
    before = f"{column}{NAMED}" if column else ""
    if answers.kind == "box":
        return box_pictures(cases, told, images.targets, before=before)
    if answers.kind not in ("multiclass", "multilabel"):
        return []
    truth = plan.summed(images.targets)
    mistakes, right = surest(plan.summed(told), truth, answers, decision)
    chosen = mistakes + right
    if not chosen:
        return []
    middle = plan.shown.count // 2
    shown = [plan.shown.all(images.images[one.case])[middle] for one in chosen]
    maps = grad_cam(model, plan.scaled(np.stack(shown)), weights(chosen, told, plan))
    about = SHOWN.get(str(plan.view), "")
    pictures = []
    for i, one in enumerate(chosen):
        case, image = cases[one.case], shown[i]
        if about:  # channels may be slices
            image = image[..., image.shape[-1] // 2, None]
        words = [caption(one, truth[one.case], answers), about, NO_MAP if maps is None else ""]
        pictures.append(
            heat_picture(
                image,
                None if maps is None else maps[i],
                title=f"{before}{'Right' if one.right else 'Mistake'}: {case.name}",
                caption=" ".join(filter(None, words)),
                label=f"What speaks for {said_of(one, answers)}",
                in_ras=len(plan.size) == 3 and case.image().affine is not None,
            )
        )
    return pictures


def weights(chosen: Sequence[Told], told: np.ndarray, plan: ImagePlan) -> np.ndarray:
    """How much each logit counts, `(len(chosen), outputs)`, for `grad_cam`.

    What speaks for a "no" is what speaks against the finding. The gradient of the logarithm of a
    sum of probabilities is that of their logits, each by its share: so it is of a coarse class.
    """
    members = plan.summed(np.eye(len(plan.target)))
    shares = [members[:, one.output] * np.maximum(told[one.case], 1e-12) for one in chosen]
    signs = [1.0 if one.yes else -1.0 for one in chosen]
    return np.stack([sign * one / one.sum() for sign, one in zip(signs, shares, strict=True)])


def said_of(one: Told, answers: ImageTarget) -> str:
    """The answer in words: a class, or whether there is a finding."""
    name = answers.names[one.output]
    return name if one.yes else f"no {name}"


def caption(one: Told, truth: np.ndarray, answers: ImageTarget) -> str:
    """Truth, answer and probability of a case."""
    return (
        f"Truth: {answers.decode(truth, 'truth')['truth'].replace('|', ', ')}."
        f" Answer: {said_of(one, answers)}, probability {one.probability:.3f}."
    )
