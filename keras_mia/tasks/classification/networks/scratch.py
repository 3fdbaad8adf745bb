"""The compiled network of a plan."""

import keras

from keras_mia.core.problem import Problem
from keras_mia.models.named import named_builder
from keras_mia.tasks.classification.classification_plan import ClassificationPlan
from keras_mia.tasks.kinds.table import kind_of
from keras_mia.tasks.model_checks import building
from keras_mia.training import Muon
from keras_mia.training.penalty import penalize

PEAK_RATE = 3e-3


def build(plan: ClassificationPlan) -> keras.Model:
    """A compiled network for a plan, with random weights.

    Args:
        plan: shapes, the name of the builder and its options, the kind of target, penalties.

    Returns:
        A model from `(batch, *space, channels)` float32 to `(batch, outputs)` float32; of several
        targets to a dictionary of them.

    Raises:
        Problem: the builder does not take the images or the options, or its network has several
            outputs.
    """
    builder, activation = named_builder(plan.network, "classification"), kind_of(plan).activation
    with building(plan.network):
        model = builder(plan.shapes()[0], len(plan.target), activation=activation, **plan.options)
    if len(model.outputs) > 1:
        raise Problem(
            f"The network gives {len(model.outputs)} outputs, one was expected.",
            plan.network,
            "Leave out the option that adds some.",
        )
    model = kind_of(plan).with_heads(model)
    optimizer = Muon(PEAK_RATE, adam_ratio=2 / 3, weight_decay=1e-4, global_clipnorm=5.0)
    return compiled(model, plan, optimizer)


def compiled(
    model: keras.Model, plan: ClassificationPlan, optimizer: keras.optimizers.Optimizer
) -> keras.Model:
    """The model with the loss of its kind of target, and the plan's penalties.

    Args:
        model: with the heads of the kind.
        plan: for the kind of target.
        optimizer: that it is trained by.

    Returns:
        The same model; of several targets each has its own loss, and a weight.
    """
    penalize(model, l1=plan.l1, l2=plan.l2)
    kind = kind_of(plan)
    model.compile(optimizer, loss=kind.loss(), loss_weights=kind.loss_weights(), jit_compile=False)
    return model
