"""The compiled network of a plan."""

from collections.abc import Callable

import keras

from keras_mia.data.targets.label_map import IGNORE
from keras_mia.losses import CrossEntropy, Dice, WeightedSum
from keras_mia.models import unet
from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan
from keras_mia.training import Muon

PEAK_RATE = 3e-3


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
        `(batch, *patch, classes)` float32.
    """
    if network is unet:
        options = {
            "filters": plan.filters,
            "depth": plan.depth,
            "norm": None if plan.norm == "none" else plan.norm,
            "pool": plan.pool,
            **options,
        }
    model = network((*plan.patch, plan.channels), len(plan.classes.names), **options)
    loss = WeightedSum(
        [
            (1.0, CrossEntropy(ignore_label=IGNORE)),
            (1.0, Dice(ignore_label=IGNORE, over="batch")),
        ]
    )
    optimizer = Muon(PEAK_RATE, adam_ratio=2 / 3, weight_decay=1e-4, global_clipnorm=5.0)
    model.compile(optimizer, loss=loss, jit_compile=False)
    return model
