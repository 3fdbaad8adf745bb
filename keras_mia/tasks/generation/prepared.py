"""Prepared images, and the judge that they have."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from keras_mia.data.datasets.cases import Cases
from keras_mia.data.preprocess.array_cache import ArrayCache
from keras_mia.data.preprocess.image_cache import cache_images
from keras_mia.tasks.generation.evaluation.evaluator import (
    Evaluator,
    NetworkEvaluator,
    load_evaluator,
)
from keras_mia.tasks.generation.evaluation.evaluator_files import FACTS
from keras_mia.tasks.generation.evaluation.evaluator_training import train_evaluator
from keras_mia.tasks.generation.generation_plan import GenerationPlan
from keras_mia.tasks.values import Prepared


@dataclass(frozen=True)
class PreparedImages(Prepared):
    """Prepared images with what judges samples by them.

    Args:
        evaluator: of samples.
    """

    evaluator: Evaluator = field(kw_only=True)


def prepare(
    cases: Cases,
    plan: GenerationPlan,
    cache: Path,
    given: Callable[[], Evaluator] | None = None,
) -> PreparedImages:
    """The images of each part in one array, and the judge; what lies in the cache is not made
    again.

    Args:
        cases: with their splits.
        plan: of the run.
        cache: the folder.
        given: loads the judge that the user names; None: one is trained.
    """
    train, validation, test = (
        cache_images(part, plan, cache) for part in (cases.train, cases.validation, cases.test)
    )
    evaluator = given() if given else _evaluator(train, validation, plan)
    return PreparedImages(train, validation, test, evaluator=evaluator)


def _evaluator(train, validation, plan: GenerationPlan) -> Evaluator:
    """The judge in the cache, or a new one. It lies beside the training images, whose name says
    what it follows from, but for the names of classes."""
    target = plan.target and plan.target.summary()
    key = ArrayCache(train.path.parent, plan).path("evaluator", train.path.name, target)
    folder = key.with_suffix("")
    if (folder / FACTS).exists():  # it is written last
        return load_evaluator(folder)
    evaluator = train_evaluator(train, validation)
    print(f"  {evaluator.about}")
    if isinstance(evaluator, NetworkEvaluator):
        folder.mkdir(exist_ok=True)
        evaluator.save(folder)
    return evaluator


def evaluator_of(prepared: Prepared) -> Evaluator:
    """The judge of prepared images."""
    assert isinstance(prepared, PreparedImages)
    return prepared.evaluator
