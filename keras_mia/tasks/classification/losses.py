"""What a network for whole images gives, and the loss of each kind of answer."""

import keras
import numpy as np

from keras_mia.data.preprocess.image_plan import ImagePlan
from keras_mia.data.targets.multitask import Multitask
from keras_mia.losses import ClassCrossEntropy, FindingsCrossEntropy
from keras_mia.training.penalty import penalize

ACTIVATIONS = {
    "multiclass": "softmax",
    "multilabel": "sigmoid",
    "regression": None,
    "box": "sigmoid",
}


def compiled(
    model: keras.Model, plan: ImagePlan, optimizer: keras.optimizers.Optimizer
) -> keras.Model:
    """The model with the loss that its kind of answer asks for, and the plan's penalties; of
    several answers each has its own loss, and a weight."""
    penalize(model, l1=plan.l1, l2=plan.l2)
    asked = plan.target
    if not isinstance(asked, Multitask):
        model.compile(optimizer, loss=_loss(plan), jit_compile=False)
        return model
    model.compile(
        optimizer,
        loss=dict(zip(asked.head_names, map(_loss, plan.each().values()), strict=True)),
        loss_weights=dict(zip(asked.head_names, asked.weights, strict=True)),
        jit_compile=False,
    )
    return model


def _loss(plan: ImagePlan) -> keras.losses.Loss:
    losses = {
        "multiclass": ClassCrossEntropy(plan.class_weights, label_smoothing=plan.smoothing),
        "multilabel": FindingsCrossEntropy(plan.class_weights),
        "regression": keras.losses.Huber(),
        "box": keras.losses.MeanAbsoluteError(),
    }
    return losses[plan.target.kind]


def heads(answers: Multitask) -> dict[str, tuple[int, str | None]]:
    """The heads that `multi_task` puts on a network for these answers."""
    pairs = zip(answers.head_names, answers.parts, strict=True)
    return {place: (len(part), ACTIVATIONS[part.kind]) for place, part in pairs}


def begin_at_mean_box(model: keras.Model, truth: np.ndarray) -> None:
    """Has a network for a box give the mean box of the training cases, before it has learned
    anything: it then learns how boxes differ, and not first where they lie.

    Args:
        model: whose last layer is dense with a sigmoid; another one stays as it is.
        truth: `(cases, corners)`, as `ImageTarget.encode` gives them.
    """
    last = model.layers[-1]
    if isinstance(last, keras.layers.Dense) and last.use_bias:
        mean = np.clip(truth.mean(axis=0), 0.01, 0.99)
        last.set_weights([np.zeros(last.kernel.shape), np.log(mean / (1 - mean))])
