"""The compiled network of a plan."""

from collections.abc import Callable

import keras

from keras_mia.data.targets.label_map import IGNORE
from keras_mia.losses import CrossEntropy, Dice, WeightedSum
from keras_mia.models import LabelTranslator, unet
from keras_mia.tasks.patches.network import (
    compile_with_muon,
    discriminator_of,
    patch_network,
    play,
)
from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan


def build(
    plan: SegmentationPlan, *, network: Callable[..., keras.Model] = unet, **options
) -> keras.Model:
    """A compiled network for a plan, with random weights.

    Args:
        plan: patch, channels, classes, filters, depth.
        network: a builder with the signature of `unet`.
        options: passed on to the builder.

    Returns:
        A model from `(batch, *patch, channels)` float32 to probabilities
        `(batch, *patch, classes)` float32; where a discriminator joins in, both.
    """
    model = patch_network(plan, network=network, **options)
    loss = WeightedSum(
        [
            (1.0, CrossEntropy(ignore_label=IGNORE)),
            (1.0, Dice(ignore_label=IGNORE, over="batch")),
        ]
    )
    if plan.adversarial:
        return play(LabelTranslator(model, discriminator_of(plan)), loss, plan.weight)
    return compile_with_muon(model, loss)
