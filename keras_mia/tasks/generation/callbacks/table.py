"""The callbacks of a run of generation."""

from collections.abc import Callable, Sequence

import keras

from keras_mia.metrics.generation.coverage import class_coverage
from keras_mia.models.generation.adversarial import Adversarial
from keras_mia.tasks.generation.callbacks.film import NUMBERS, Film
from keras_mia.tasks.generation.callbacks.objectives import ObjectiveLogger
from keras_mia.tasks.generation.callbacks.players import PlayerWatch
from keras_mia.tasks.generation.generation_plan import GenerationPlan
from keras_mia.tasks.generation.prepared import evaluator_of
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
            run,
            loss_reaches_zero=plan.loss != "wasserstein",
            classes=readable_classes(prepared, plan),
        ),
    ]
    return [*always, ObjectiveLogger(run, model, batches)] if diagnose else always


def readable_classes(prepared: Prepared, plan: GenerationPlan) -> int:
    """How many classes there are, where a lack of all but one would be seen: the evaluator reads
    more than one in real images. 0: samples of one class mean nothing.

    Args:
        prepared: the images, and their evaluator.
        plan: of the run.
    """
    count = len(plan.class_names)
    real = scaled_images(prepared.validation, min(NUMBERS, len(prepared.validation)))
    classes = evaluator_of(prepared).classes(real) if count else None
    if classes is None or class_coverage(classes, count)["classes_covered"] < 2:
        return 0
    return count
