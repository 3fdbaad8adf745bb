"""The compiled network of a plan."""

from collections.abc import Callable

import keras

from keras_mia.losses import StructuralSimilarity
from keras_mia.models import CycleTranslator, Translator, cyclegan, unet
from keras_mia.tasks.patches.network import (
    DISCRIMINATOR_FILTERS,
    compile_with_muon,
    discriminator_of,
    patch_network,
    play,
)
from keras_mia.tasks.translation.translation_plan import TranslationPlan
from keras_mia.training import AdamW

RANGE = 4.0
"""Deviations that normalized images span, as SSIM needs it."""
CIRCLE_RATE = 4e-4
"""Of both players, where there are no pairs."""


def build(
    plan: TranslationPlan, *, network: Callable[..., keras.Model] = unet, **options
) -> keras.Model:
    """A compiled network for a plan, with random weights.

    Where images and targets share their values the network learns the difference: its last layer
    starts at 0, so that it begins as the identity.

    Args:
        plan: patch, channels, filters, depth, loss.
        network: a builder with the signature of `unet`.
        **options: passed on to the builder.

    Returns:
        A network from `(batch, *patch, channels)` to `(batch, *patch, target channels)`, in
        normalized intensities.
    """
    if plan.unpaired:
        return circle(plan)
    body = patch_network(plan, network=network, activation=None, **options)
    model = with_shortcut(body) if plan.residual else body
    if plan.adversarial:
        both = Translator(model, discriminator_of(plan))
        return play(both, loss_of(plan.loss), plan.weight)
    return compile_with_muon(model, loss_of(plan.loss))


def circle(plan: TranslationPlan) -> CycleTranslator:
    """Networks from sources to targets and back, and a discriminator of either kind, compiled.

    Args:
        plan: of patches and channels, of which both kinds have as many, the loss and its weight.
    """
    shape, _ = plan.shapes()
    model = cyclegan(
        shape,
        filters=plan.filters,
        norm=None if plan.norm == "none" else plan.norm,
        change=plan.residual,
        discriminator_filters=DISCRIMINATOR_FILTERS,
        pool=plan.earlier_images,
    )
    model.compile(
        *(AdamW(CIRCLE_RATE, beta_1=0.5, weight_decay=0.0) for _ in range(2)),
        distance=loss_of(plan.loss),
        weight=plan.weight,
    )
    return model


def with_shortcut(model: keras.Model) -> keras.Model:
    """The network whose output is added to its image.

    Args:
        model: from an image to as many channels, its last weights set to 0.

    Returns:
        A functional model of the same layers.
    """
    last: keras.layers.Layer = model
    while isinstance(last, keras.Model):
        last = next(layer for layer in reversed(last.layers) if layer.weights)
    for weight in last.weights:
        weight.assign(weight * 0)
    image = model.inputs[0]
    return keras.Model(
        image, keras.layers.Add(name="shortcut", dtype="float32")([image, model.outputs[0]])
    )


def loss_of(name: str) -> keras.losses.Loss:
    """The loss by its name in a plan.

    Args:
        name: "l1", "l2" or "ssim".

    Returns:
        Of images `(batch, *space, channels)` in normalized intensities.
    """
    losses: dict[str, Callable[[], keras.losses.Loss]] = {
        "l1": keras.losses.MeanAbsoluteError,
        "l2": keras.losses.MeanSquaredError,
        "ssim": lambda: StructuralSimilarity(RANGE),
    }
    return losses[name]()
