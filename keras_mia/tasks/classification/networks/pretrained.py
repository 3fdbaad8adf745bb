"""Networks that know photographs, fitted to images with targets."""

from collections.abc import Mapping
from pathlib import Path

import keras

from keras_mia.core.problem import Problem
from keras_mia.data.preprocess.image_cache import ImageArray
from keras_mia.inference.whole import predict_function
from keras_mia.models import pretrained
from keras_mia.models.copying import every_layer
from keras_mia.tasks.classification.classification_plan import ClassificationPlan
from keras_mia.tasks.classification.networks.scratch import compiled
from keras_mia.tasks.classification.predictor import outputs, validate
from keras_mia.tasks.kinds.table import kind_of
from keras_mia.training.fine_tuning import freeze, has_statistics
from keras_mia.training.optimizers import GroupedAdamW
from keras_mia.training.probe import linear_probe, set_head, trunk

PEAK_RATE = 3e-4
SCRATCH_RATE = 1e-3
"""Of a network with random weights, which has nothing to lose."""
MOMENTUM = 0.9
"""Of statistics that are learnt: Keras' 0.999 would remember the beginning of a short run."""
DROPOUT = 0.2


def build(plan: ClassificationPlan, weights: str | Path | None = "imagenet") -> keras.Model:
    """The pretrained network of a plan with a new head, not yet compiled.

    Args:
        plan: whose `network` is a name that `pretrained` knows.
        weights: as `pretrained` takes them.

    Raises:
        Problem: there is no such network, or its weights cannot be had.
    """
    try:
        model = pretrained(
            plan.network,
            plan.shapes()[0],
            len(plan.target),
            weights=weights,
            dropout=DROPOUT,
            activation=kind_of(plan).activation,
            **plan.options,
        )
    except (TypeError, ValueError) as error:
        raise Problem(
            f"The network cannot be built: {error}", plan.network, "Change --option or --size."
        ) from error
    return kind_of(plan).with_heads(model)


def probe(
    model: keras.Model, train: ImageArray, validation: ImageArray, plan: ClassificationPlan
) -> Mapping[str, float] | None:
    """Fits the head alone, to features that are computed once.

    Args:
        model: with pretrained weights.
        train: prepared images.
        validation: by which the strength of the penalty is chosen.
        plan: for the kind of target; only one class of several is probed.

    Returns:
        The validation scores by name, or None where nothing was done: another kind of target, or a
        class that training does not show.
    """
    classes = [part.targets.argmax(-1) for part in (train, validation)]
    if not kind_of(plan).fits_linear_probe or len(set(classes[0])) < len(plan.target):
        return None
    features_of = predict_function(trunk(model))
    features = [outputs(features_of, part, mirror=()) for part in (train, validation)]
    weights = linear_probe(
        features[0],
        classes[0],
        class_weights=plan.class_weights,
        validation=(features[1], classes[1]),
    )
    set_head(model, weights)
    return validate(validation, plan)(model)


def prepare_training(
    model: keras.Model, plan: ClassificationPlan, until: int | str = 0, *, scratch: bool = False
) -> keras.Model:
    """The model compiled, its first layers frozen.

    Args:
        model: as `build` gives it.
        plan: for the losses.
        until: as `freeze` takes it.
        scratch: whether its weights are random: then batch normalization learns, too.
    """
    freeze(model, until, statistics=scratch)
    for _, layer in every_layer(model) if scratch else ():
        if has_statistics(layer):
            layer.momentum = min(layer.momentum, MOMENTUM)
    return compiled(model, plan, GroupedAdamW(PEAK_RATE, weight_decay=1e-4, global_clipnorm=5.0))
