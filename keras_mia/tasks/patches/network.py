"""What the networks of all families that predict from patches have alike."""

from collections.abc import Callable
from typing import Any

import keras

from keras_mia.data.preprocess.patch_plan import PatchPlan
from keras_mia.models import Translator, patch_discriminator, unet
from keras_mia.training import AdamW, Muon

PEAK_RATE = 3e-3
DISCRIMINATOR_RATE = 4e-4
DISCRIMINATOR_FILTERS = 32
"""Of its first layer."""


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
    model.compile(muon(), loss=loss, jit_compile=False)
    return model


def play(model: Translator, loss: keras.losses.Loss, weight: float) -> Translator:
    """Compiles a network and its discriminator as those of patches are trained.

    Args:
        model: both.
        loss: to make small beside the game.
        weight: of it.

    Returns:
        The model itself.
    """
    second = AdamW(DISCRIMINATOR_RATE, beta_1=0.5, weight_decay=0.0)
    model.compile(muon(), second, loss="least_squares", distance=loss, weight=weight)
    return model


def discriminator_of(plan: PatchPlan) -> keras.Model:
    """The discriminator of what is made of images, which it is shown beside.

    Args:
        plan: of patches and channels.
    """
    shape, outputs = plan.shapes()
    return patch_discriminator(outputs, shape[-1], filters=DISCRIMINATOR_FILTERS)


def muon() -> Muon:
    """The optimizer that networks of patches are trained by."""
    return Muon(PEAK_RATE, adam_ratio=2 / 3, weight_decay=1e-4, global_clipnorm=5.0)
