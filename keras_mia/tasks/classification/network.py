"""The compiled network of a plan."""

import keras

from keras_mia.core.problem import Problem
from keras_mia.data.preprocess.image_plan import ImagePlan
from keras_mia.data.targets.multitask import Multitask
from keras_mia.models import multi_task
from keras_mia.models.named import named_builder
from keras_mia.tasks.classification.losses import ACTIVATIONS, compiled, heads
from keras_mia.training import Muon

PEAK_RATE = 3e-3


def build(plan: ImagePlan) -> keras.Model:
    """A compiled network for a plan, with random weights.

    Raises:
        Problem: the builder does not take the images or the options.
    """
    try:
        model = named_builder(plan.network, "classification")(
            plan.shapes()[0],
            len(plan.target),
            activation=ACTIVATIONS.get(plan.target.kind),
            **plan.options,
        )
    except (ValueError, TypeError) as error:
        raise Problem(
            f"The network cannot be built: {str(error).strip().partition(chr(10))[0]}",
            plan.network,
            "Choose another --network, --option or --size.",
        ) from error
    if len(model.outputs) > 1:
        raise Problem(
            f"The network gives {len(model.outputs)} answers, one was expected.",
            plan.network,
            "Leave out the option that adds some.",
        )
    if isinstance(plan.target, Multitask):
        model = multi_task(model, heads(plan.target))
    optimizer = Muon(PEAK_RATE, adam_ratio=2 / 3, weight_decay=1e-4, global_clipnorm=5.0)
    return compiled(model, plan, optimizer)
