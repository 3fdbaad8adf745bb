"""From images to what networks give for them: of prepared ones, and of new ones."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import keras
import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.image import Image
from keras_mia.data.preprocess.image_cache import ImageArray
from keras_mia.data.preprocess.prepare_image import prepare_image
from keras_mia.inference.whole import predict_function
from keras_mia.inference.window import mirrorings
from keras_mia.models.folding import fold_batchnorm
from keras_mia.tasks.classification.classification_plan import ClassificationPlan
from keras_mia.tasks.classification.validation import validation
from keras_mia.tasks.kinds.calibration import Calibration, averaged
from keras_mia.tasks.kinds.kind import Kind
from keras_mia.tasks.kinds.table import kind_of
from keras_mia.training import Validation

CHUNK = 64


def outputs(
    predict: Callable, images: ImageArray[ClassificationPlan], *, mirror: Sequence[int]
) -> np.ndarray:
    """What a network gives for prepared images.

    Args:
        predict: from `(views, *space, channels)` to what the network gives, as `predict_function`
            makes it.
        images: prepared.
        mirror: axes of space along which views are mirrored, too.

    Returns:
        `(images, outputs)` float32, the mean over views and mirrored ones, as `over_views` has it.
    """
    step = max(1, CHUNK // images.plan.network_view.count)
    parts = [
        over_views(
            predict,
            images.views(range(start, min(start + step, len(images)))),
            mirror,
            kind_of(images.plan),
        )
        for start in range(0, len(images), step)
    ]
    return np.concatenate(parts)


def over_views(
    predict: Callable, views: np.ndarray, mirror: Sequence[int], kind: Kind
) -> np.ndarray:
    """The mean of a network's outputs over an image's views and all ways to mirror them.

    Args:
        predict: a network that predicts each view, as `predict_function` makes it.
        views: `(n, views, *space, channels)`.
        mirror: axes of space along which they are mirrored.
        kind: of the network's target.

    Returns:
        `(n, outputs)`; those of several targets one after the other.
    """
    flat = views.reshape(-1, *views.shape[2:])
    by_mirroring = [
        predict(np.flip(flat, tuple(1 + axis for axis in axes))) for axes in mirrorings(mirror)
    ]
    by_mirroring = [kind.from_heads(outputs) for outputs in by_mirroring]
    return np.mean(by_mirroring, axis=0).reshape(*views.shape[:2], -1).mean(1)


def mirrored(plan: ClassificationPlan) -> tuple[int, ...]:
    """The axes along which views of images are mirrored when they are evaluated.

    Args:
        plan: for the axes along which training mirrors, and the kind of target.

    Returns:
        Numbers of axes of space; none where a target is a position, which would move along.
    """
    return () if plan.target.is_spatial else plan.flip


def validate(images: ImageArray[ClassificationPlan], plan: ClassificationPlan) -> Validation:
    """The scores of a model on prepared images, and by which of them the best is chosen.

    Args:
        images: prepared, of the validation part.
        plan: for the kind of target.

    Returns:
        What computes the scores, from a model or its compiled `predictor`, the criterion, and a
        note where it is not the usual one.
    """
    made = validation(images.targets, lambda predict: outputs(predict, images, mirror=()), plan)
    return replace(made, predictor=predict_function)


class Predictor:
    """Predicts images with one trained network or with several.

    Of several, each network's probabilities are taken at its own temperature and then averaged, and
    what is said follows from the mean of their thresholds. No case was kept back from all networks
    of folds to decide on the average itself, so these decisions are near what it asks for, not
    chosen for it: an average of networks that each are as sure as they are right is rather less
    sure than it is right (Rahaman and Thiery 2021, arXiv:2007.08792). The scores of folds are those
    of one network a case; the average has been evaluated on none of their cases.

    Args:
        models: whose predictions are averaged.
        plans: the plan that each was trained with.
        calibrations: what each run found on its validation cases.
        mirror: whether mirrored images count too, along the plan's flips.

    Attributes:
        plan: of the first, for what is predicted.
        calibration: the runs' together, as `averaged` gives it.

    Raises:
        Problem: the plans differ in what is predicted.
    """

    def __init__(
        self,
        models: Sequence[keras.Model],
        plans: Sequence[ClassificationPlan],
        calibrations: Sequence[Calibration],
        *,
        mirror: bool = True,
    ):
        questions = {(one.target.question, one.tree) for one in plans}
        if len(questions) > 1:
            raise Problem(
                "The runs cannot be averaged: they predict different targets.",
                "plan.json",
                "Name runs that were trained on the same kind of data.",
            )
        functions = [predict_function(fold_batchnorm(model)) for model in models]
        self.members = list(zip(functions, plans, calibrations, strict=True))
        self.mirror, self.plan = mirror, plans[0]
        self.calibration = averaged(calibrations)

    def __call__(self, image: Image, where: object = None) -> np.ndarray:
        """What is predicted of an image, `(outputs,)`, as `Kind.predictions` gives it."""
        predictions = []
        for predict, plan, calibration in self.members:
            views = plan.scaled(plan.network_view.all(prepare_image(image, plan, where)))[None]
            mirror = mirrored(plan) if self.mirror else ()
            kind = kind_of(plan)
            values = over_views(predict, views, mirror, kind)
            predictions.append(kind.predictions(values, calibration)[0])
        return np.mean(predictions, axis=0)
