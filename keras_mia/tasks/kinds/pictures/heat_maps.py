"""What a network looked at where it was surest: when it was wrong, and when it was right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import keras
import numpy as np

from keras_mia.data.datasets.cases import Case
from keras_mia.data.preprocess.image_cache import ImageArray
from keras_mia.data.targets.labels import Labels
from keras_mia.interpret import grad_cam
from keras_mia.metrics.classification.threshold import confidence
from keras_mia.report.pictures.case_picture import CasePicture
from keras_mia.report.pictures.heat import heat_picture
from keras_mia.tasks.kinds.calibration import Calibration
from keras_mia.tasks.kinds.target_plan import TargetPlan

if TYPE_CHECKING:
    from keras_mia.tasks.kinds.labels import LabelKind

MISTAKES, RIGHT = 8, 4
DRAWN = {
    "slices": "The middle slice.",
    "neighbours": "The middle slice, the map of it with its neighbours.",
    "planes": "One of the three planes through the centre that are channels of one image.",
    "random": "One of the planes that are predicted together.",
}
"""What is drawn of a volume that a 2D network sees, by the plan's view."""
NO_MAP = "The network has no convolutions, and so no map of what it looked at."


@dataclass(frozen=True)
class LabelPrediction:
    """What is predicted of one label in one case.

    Args:
        case: its number.
        output: of the network, that the prediction is about.
        present: whether it is that the label is there; of several classes always.
        probability: of the prediction.
        right: whether it is true.
        confidence: as `metrics.classification.threshold.confidence` has it.
    """

    case: int
    output: int
    present: bool
    probability: float
    right: bool
    confidence: float


def most_confident(
    kind: "LabelKind", predictions: np.ndarray, truth: np.ndarray, calibration: Calibration
) -> tuple[list[LabelPrediction], list[LabelPrediction]]:
    """The most confident mistakes and the most confident right predictions, the surest first.

    Of several findings a case counts once, by its surest mistake; right are those that it was right
    to see.

    Args:
        kind: of classes or findings, as they are predicted.
        predictions: `(cases, classes)`, probabilities.
        truth: of the same shape.
        calibration: of the run.
    """
    candidates = [
        one
        for case, pair in enumerate(zip(predictions, truth, strict=True))
        for one in _of_case(kind, case, *pair, calibration)
    ]
    candidates.sort(key=lambda one: (-one.confidence, one.case))
    mistakes: dict[int, LabelPrediction] = {}
    for one in candidates:
        if not one.right:
            mistakes.setdefault(one.case, one)
    right: dict[int, LabelPrediction] = {}
    for one in candidates:
        if one.right and one.present and one.case not in mistakes:
            right.setdefault(one.case, one)
    return list(mistakes.values())[:MISTAKES], list(right.values())[:RIGHT]


def _of_case(
    kind: "LabelKind",
    case: int,
    probabilities: np.ndarray,
    truth: np.ndarray,
    calibration: Calibration,
) -> list[LabelPrediction]:
    decided = kind.decide(probabilities, calibration)
    exclusive = kind.target.is_exclusive
    candidates = []
    for output in map(int, np.flatnonzero(decided if exclusive else truth >= 0)):
        present = bool(decided[output])
        probability = float(probabilities[output] if present else 1 - probabilities[output])
        threshold, above = 1 / len(kind.target), True
        if calibration.thresholds is not None:
            threshold = calibration.thresholds[0 if exclusive else output]
            above = output == 1 if exclusive else present
        right = bool(truth[output] == decided[output])
        confidence_of_output = confidence(probability, threshold, above)
        candidates.append(
            LabelPrediction(case, output, present, probability, right, confidence_of_output)
        )
    return candidates


def heat_pictures(
    kind: "LabelKind",
    model: keras.Model,
    images: ImageArray,
    cases: Sequence[Case],
    predictions: np.ndarray,
    calibration: Calibration,
    prefix: str = "",
) -> list[CasePicture]:
    """The surest mistakes and the surest right predictions, each beside what spoke for it.

    Args:
        kind: of classes or findings, as they are learnt.
        model: that predicted.
        images: of the cases, with their truth.
        cases: of the images.
        predictions: `(cases, outputs)`, of all that is learnt.
        calibration: of the run.
        prefix: what each title begins with.
    """
    plan, predicted = kind.plan, kind.predicted
    truth = plan.aggregated(images.targets)
    mistakes, right = most_confident(predicted, plan.aggregated(predictions), truth, calibration)
    chosen = mistakes + right
    if not chosen:
        return []
    middle = plan.network_view.count // 2
    drawn = [plan.network_view.all(images.images[one.case])[middle] for one in chosen]
    maps = grad_cam(model, plan.scaled(np.stack(drawn)), logit_weights(chosen, predictions, plan))
    about = DRAWN.get(str(plan.view), "")
    pictures = []
    for i, one in enumerate(chosen):
        case, image = cases[one.case], drawn[i]
        if about:  # channels may be slices
            image = image[..., image.shape[-1] // 2, None]
        heat = None if maps is None else maps[i]
        sentences = [
            caption(one, truth[one.case], predicted.target),
            about,
            NO_MAP * (heat is None),
        ]
        pictures.append(
            heat_picture(
                image,
                heat,
                title=f"{prefix}{'Right' if one.right else 'Mistake'}: {case.name}",
                caption=" ".join(filter(None, sentences)),
                label=f"What speaks for {label_text(one, predicted.target)}",
                in_ras=len(plan.size) == 3 and case.image().affine is not None,
            )
        )
    return pictures


def logit_weights(
    chosen: Sequence[LabelPrediction], predictions: np.ndarray, plan: TargetPlan
) -> np.ndarray:
    """How much each logit counts, `(len(chosen), outputs)`, for `grad_cam`.

    What speaks for a "no" is what speaks against the finding. The gradient of the logarithm of a
    sum of probabilities is that of their logits, each by its share: so it is of a coarse class.

    Args:
        chosen: what is predicted.
        predictions: `(cases, outputs)`, of all that is learnt.
        plan: for the classes that belong together.
    """
    members = plan.aggregated(np.eye(len(plan.target)))
    shares = [members[:, one.output] * np.maximum(predictions[one.case], 1e-12) for one in chosen]
    signs = [1.0 if one.present else -1.0 for one in chosen]
    return np.stack([sign * one / one.sum() for sign, one in zip(signs, shares, strict=True)])


def label_text(one: LabelPrediction, target: Labels) -> str:
    """The prediction in words: a class, or whether there is a finding.

    Args:
        one: what is predicted.
        target: that it is a label of.
    """
    name = target.names[one.output]
    return name if one.present else f"no {name}"


def caption(one: LabelPrediction, truth: np.ndarray, target: Labels) -> str:
    """Truth, prediction and probability of a case.

    Args:
        one: what is predicted.
        truth: `(labels,)`.
        target: that it is a label of.
    """
    return (
        f"Truth: {target.decode(truth, 'truth')['truth'].replace('|', ', ')}."
        f" Prediction: {label_text(one, target)}, probability {one.probability:.3f}."
    )
