"""The callbacks of a run of generation."""

from collections.abc import Callable, Sequence

import keras

from keras_mia.models.generation.adversarial import Adversarial
from keras_mia.tasks.generation.callbacks.film import NUMBERS, Film
from keras_mia.tasks.generation.callbacks.objectives import ObjectiveLogger
from keras_mia.tasks.generation.callbacks.players import PlayerWatch
from keras_mia.tasks.generation.generation_plan import GenerationPlan
from keras_mia.tasks.generation.validation import scaled_images
from keras_mia.tasks.values import Prepared
from keras_mia.training.runs.run import Run


def callbacks(
    run: Run,
    model: Adversarial,
    prepared: Prepared,
    plan: GenerationPlan,
    batches: Callable,
    *,
    diagnose: bool,
) -> Sequence[keras.callbacks.Callback]:
    """What watches the game.

    Args:
        run: whose folder is written to.
        model: before training.
        prepared: the images.
        plan: of the run.
        batches: the training stream.
        diagnose: whether both objectives of the generator are looked at.
    """
    real = scaled_images(prepared.train, min(NUMBERS, len(prepared.train)))
    always: list[keras.callbacks.Callback] = [
        Film(run, model, plan, real),
        PlayerWatch(
            run, loss_reaches_zero=plan.loss != "wasserstein", classes=len(plan.class_names)
        ),
    ]
    return [*always, ObjectiveLogger(run, model, batches)] if diagnose else always
