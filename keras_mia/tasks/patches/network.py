"""What the networks of all families that predict from patches have alike."""

from collections.abc import Callable
from typing import Any

import keras

from keras_mia.data.preprocess.patch_plan import PatchPlan
from keras_mia.models import unet
from keras_mia.training import Muon

PEAK_RATE = 3e-3


def patch_network(
    plan: PatchPlan, *, network: Callable[..., keras.Model] = unet, **options: Any
) -> keras.Model:
    """The network of a plan with random weights, not compiled.

    Args:
        plan: patch, channels, outputs, filters, depth.
        network: a builder with the signature of `unet`.
        **options: passed on to the builder.

    Returns:
        A model from `(batch, *patch, channels)` to `(batch, *patch, outputs)` float32.
    """
    if network is unet:
        options = {
            "filters": plan.filters,
            "depth": plan.depth,
            "norm": None if plan.norm == "none" else plan.norm,
            "pool": plan.pool,
            **options,
        }
    shape, outputs = plan.shapes()
    return network(shape, outputs[-1], **options)


def compile_with_muon(model: keras.Model, loss: keras.losses.Loss) -> keras.Model:
    """Compiles a network as those of patches are trained.

    Args:
        model: to compile.
        loss: to make small.

    Returns:
        The model itself.
    """
    optimizer = Muon(PEAK_RATE, adam_ratio=2 / 3, weight_decay=1e-4, global_clipnorm=5.0)
    model.compile(optimizer, loss=loss, jit_compile=False)
    return model
