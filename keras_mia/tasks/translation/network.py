"""The compiled network of a plan."""

from collections.abc import Callable, Sequence

import keras

from keras_mia.core.problem import Problem
from keras_mia.layers.channels import TakeChannels
from keras_mia.losses import StructuralSimilarity, WeightedSum
from keras_mia.models import Translator, cyclegan, refiner, unet
from keras_mia.models.generation.players import replicas
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
UNPAIRED_RATE = 1e-3
"""Of both players, where there are no pairs."""


def build(
    plan: TranslationPlan,
    *,
    network: Callable[..., keras.Model] = unet,
    perceptual: keras.losses.Loss | None = None,
    **options,
) -> keras.Model:
    """A compiled network for a plan, with random weights.

    Where images and targets share their values the network learns the difference: its last layer
    starts at 0, so that it begins as the identity.

    Args:
        plan: patch, channels, filters, depth, loss.
        network: a builder with the signature of `unet`.
        perceptual: the loss of features that the plan has beside its own; None: it has none.
        **options: passed on to the builder.

    Returns:
        A network from `(batch, *patch, channels)` to `(batch, *patch, target channels)`, in
        normalized intensities.

    Raises:
        ValueError: the plan has features, and there is no loss of them, or the other way round.
    """
    loss = whole_loss(plan, perceptual)
    if plan.unpaired:
        return without_pairs(plan)
    body = patch_network(plan, network=network, activation=None, **options)
    model = with_shortcut(body) if plan.residual else body
    if plan.adversarial:
        both = Translator(model, discriminator_of(plan))
        return play(both, loss, plan.weight)
    return compile_with_muon(model, loss)


def without_pairs(plan: TranslationPlan) -> Translator:
    """Networks that learn to make images of another kind without pairs, compiled.

    Args:
        plan: of patches and channels, of which both kinds have as many, the loss and its weight.

    Raises:
        Problem: it has earlier images, and there are several devices.
    """
    if plan.earlier_images and replicas() > 1:
        raise Problem(
            "The run was begun on one device, with earlier images that each of several would have"
            " others of.",
            "--devices",
            "Go on with it on one device.",
        )
    shape, _ = plan.shapes()
    options = {
        "filters": plan.filters,
        "depth": halvings(plan.patch, min(plan.depth, 2)),
        "norm": None if plan.norm == "none" else plan.norm,
        "discriminator_filters": DISCRIMINATOR_FILTERS,
        "pool": plan.earlier_images,
    }
    model: Translator
    if plan.unpaired == "refiner":
        model = refiner(shape, **options)
    else:
        model = cyclegan(shape, change=plan.residual, **options)
    model.compile(
        *(AdamW(UNPAIRED_RATE, beta_1=0.5, weight_decay=0.0) for _ in range(2)),
        loss="least_squares",
        distance=loss_of(plan.loss),
        weight=plan.weight,
    )
    return model


def halvings(patch: Sequence[int], most: int = 2) -> int:
    """How often all sides of a patch can be halved.

    Args:
        patch: side lengths.
        most: of the halvings.

    Example:
        >>> halvings((16, 6)), halvings((16, 32))
        (1, 2)
    """
    return max(times for times in range(most + 1) if not any(side % 2**times for side in patch))


def with_shortcut(model: keras.Model) -> keras.Model:
    """The network whose output is added to its image.

    Args:
        model: from an image to as many channels, its last weights set to 0; where it sees further
            channels, those of neighbouring slices, they are the last.

    Returns:
        A functional model of the same layers.
    """
    last: keras.layers.Layer = model
    while isinstance(last, keras.Model):
        last = next(layer for layer in reversed(last.layers) if layer.weights)
    for weight in last.weights:
        weight.assign(weight * 0)
    image, change = model.inputs[0], model.outputs[0]
    kept = image
    if image.shape[-1] > change.shape[-1]:
        kept = TakeChannels(range(change.shape[-1]), dtype="float32", name="slice")(image)
    return keras.Model(image, keras.layers.Add(name="shortcut", dtype="float32")([kept, change]))


def whole_loss(plan: TranslationPlan, perceptual: keras.losses.Loss | None) -> keras.losses.Loss:
    """The loss of voxels, and of features where the plan has some.

    Args:
        plan: of the loss, and of the weight of features.
        perceptual: the loss of features.

    Raises:
        ValueError: only one of the two has features.
    """
    if (plan.perceptual is None) != (perceptual is None):
        raise ValueError("A plan with features needs the loss of them, another one takes none.")
    loss = loss_of(plan.loss)
    if plan.perceptual is None or perceptual is None:
        return loss
    return WeightedSum([(1.0, loss), (plan.perceptual.weight, perceptual)])


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
