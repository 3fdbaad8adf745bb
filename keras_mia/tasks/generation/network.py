"""The compiled networks of a plan."""

import keras
import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.losses.adversarial import GAMES
from keras_mia.models.generation.adversarial import Adversarial
from keras_mia.models.generation.output_range import SLACK, output_range
from keras_mia.tasks.generation.generation_plan import GenerationPlan
from keras_mia.tasks.generation.networks import builder_of
from keras_mia.tasks.model_checks import building, check_custom_network
from keras_mia.training import AdamW

BETAS = {"beta_1": 0.0, "beta_2": 0.999}
"""No memory of gradients, whose direction turns in a game (Mescheder et al. 2018,
arXiv:1801.04406)."""


def build(plan: GenerationPlan) -> Adversarial:
    """Both players with random weights, compiled.

    Args:
        plan: shapes, the name of the builder and its options, the game.

    Raises:
        Problem: the builder does not take the images or the options, or gives another model, or the
            generator cannot give the values of the images.
    """
    classes = (len(plan.class_names),) if plan.conditional else ()
    options = {"latent": plan.latent, "activation": activation_of(plan), "average": plan.average}
    shape = (*built_space(plan), plan.channels)
    with building(plan.network):
        model = builder_of(plan.network)(shape, *classes, **{**options, **plan.options})
    if not isinstance(model, Adversarial):
        raise Problem(
            f"The builder gives {type(model).__name__}, not a keras_mia.models.Adversarial.",
            plan.network,
            "Return Adversarial(generator, discriminator).",
        )
    if built_space(plan) != tuple(plan.size):
        model = reshaped(model, (*plan.size, plan.channels))
    check_custom_network(model.averaged_generator, plan, plan.network)
    check_reach(model.generator, plan)
    model.compile(
        _optimizer(plan.generator_rate),
        _optimizer(plan.discriminator_rate),
        loss=_game(plan),
        discriminator_steps=plan.discriminator_steps,
        gradient_penalty=plan.gradient_penalty,
        r1=plan.r1,
    )
    return model


def built_space(plan: GenerationPlan) -> tuple[int, ...]:
    """The axes of images that the package's networks are built for: a signal, which is stored as a
    picture of one column, has one. A network of the user's own takes images as they are."""
    long = tuple(length for length in plan.size if length > 1)
    return tuple(plan.size) if ":" in plan.network or not long else long


def reshaped(model: Adversarial, shape: tuple[int, ...]) -> Adversarial:
    """The same players, for images of another shape and as many values.

    Args:
        model: not compiled.
        shape: of images, `(*space, channels)`.
    """
    generator, discriminator = model.generator, model.discriminator
    made = keras.layers.Reshape(shape, dtype="float32", name="as_stored")(generator.output)
    examples, *classes = keras.tree.flatten(discriminator.input)
    image = keras.Input(shape, name="stored")
    flat = keras.layers.Reshape(examples.shape[1:], name="as_seen")(image)
    given = [keras.Input(one.shape[1:], dtype=one.dtype, name="label") for one in classes]
    logit = discriminator([flat, *given] if given else flat)
    inputs, name = [image, *given] if given else image, f"{discriminator.name}_stored"
    return type(model)(
        keras.Model(generator.input, made, name=generator.name),
        keras.Model(inputs, logit, name=name),
        average=model.average,
        name=model.name,
    )


def activation_of(plan: GenerationPlan) -> str | None:
    """The activation of the generator's output that gives the values of scaled images."""
    return "tanh" if plan.normalization == "range" else None


def check_reach(generator: keras.Model, plan: GenerationPlan) -> None:
    """Sees to it that a generator can give the values of scaled images.

    Raises:
        Problem: names both ranges.
    """
    low, high = output_range(generator)
    least, most = image_range(plan)
    if least < low - SLACK or most > high + SLACK:
        raise Problem(
            f"Scaled images reach from {least:.3g} to {most:.3g}, the generator's outputs from"
            f" {low:g} to {high:g}.",
            plan.network,
            "Take --normalization range, and a last activation of tanh or none at all.",
        )


def image_range(plan: GenerationPlan) -> tuple[float, float]:
    """The lowest and the highest value that scaled images usually have."""
    if plan.normalization == "range":
        return -1.0, 1.0
    if not plan.intensities:
        return -np.inf, np.inf
    ends = [[one.low for one in plan.intensities], [one.high for one in plan.intensities]]
    low, high = plan.scaled(np.array(ends, np.float32))
    return float(low.min()), float(high.max())


def _optimizer(rate: float) -> keras.optimizers.Optimizer:
    return AdamW(rate, weight_decay=0.0, **BETAS)


def _game(plan: GenerationPlan):
    kind = GAMES[plan.loss]
    return kind(plan.label_smoothing) if plan.label_smoothing else kind()
