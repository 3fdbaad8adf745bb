"""The network of an earlier run as the judge of samples."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.core.run_facts import read_run_facts
from keras_mia.core.text import listing, plural
from keras_mia.data.geometry.resampling import resample
from keras_mia.data.preprocess.image_plan import ImagePlan
from keras_mia.data.preprocess.normalize import normalize
from keras_mia.tasks.generation.evaluation.evaluator import CHUNK, Evaluator, load_evaluator
from keras_mia.tasks.generation.evaluation.evaluator_files import check_evaluator
from keras_mia.tasks.generation.generation_plan import GenerationPlan
from keras_mia.training.probe import trunk
from keras_mia.training.runs.network_file import BEST, load_network

WHOLE = (None, "volume")
"""Views that show a network all of an image."""


def evaluator_of_run(run: Path, plan: GenerationPlan) -> Evaluator:
    """The judge that a run has: its classifier, or that which judged its own samples.

    Args:
        run: its folder.
        plan: whose samples are to be judged.

    Raises:
        Problem: the run is not finished, or its images or classes are others.
    """
    from keras_mia.tasks.register import task

    check_evaluator(run)
    family = read_run_facts(run)["task"]
    if family == "generation":
        evaluator = load_evaluator(run)
        planned = (*plan.size, plan.channels)
        if tuple(evaluator.network.input_shape[1:]) != planned or (
            evaluator.reads_classes and evaluator.network.output_shape[-1] != len(plan.class_names)
        ):
            raise Problem(
                "The run's judge is for images of another size, or other classes.",
                f"--evaluator {run}",
                "Name a run on the same images, or leave --evaluator out.",
            )
        return evaluator
    return ClassifierEvaluator(run, task(family).read_plan(run), plan)


class ClassifierEvaluator:
    """A network that the package trained to tell classes apart.

    Args:
        run: of it.
        classifier_plan: of it.
        plan: whose samples are judged.

    Raises:
        Problem: it takes images of another kind, or does not know the classes.
    """

    def __init__(self, run: Path, classifier_plan: ImagePlan, plan: GenerationPlan):
        self._classifier, self._plan = classifier_plan, plan
        if classifier_plan.view not in WHOLE or classifier_plan.image_rank != plan.image_rank:
            raise Problem(
                "The run's network does not look at whole images such as those that are made.",
                f"--evaluator {run}",
                "Name one trained on the same images.",
            )
        if plan.normalization == "zscore" != classifier_plan.normalization:
            raise Problem(
                "Images are scaled each by itself, those of the run's network are not.",
                f"--evaluator {run}",
                "Take --normalization range, or leave --evaluator out.",
            )
        if plan.channels not in (1, classifier_plan.channels):
            raise Problem(
                f"The run's network takes images of {plural(classifier_plan.channels, 'channel')},"
                f" those that are made have {plan.channels}.",
                f"--evaluator {run}",
                "Name one trained on the same images.",
            )
        self.network = load_network(run / BEST)
        self._features = trunk(self.network)
        self.about = f"Features and classes are those of the network in {run.name}."
        self._order = self._class_order(run)

    def _class_order(self, run: Path) -> Sequence[int] | None:
        """The position of each of our classes among those of the classifier."""
        names = tuple(getattr(self._classifier.target, "names", ()))
        ours = self._plan.class_names
        if not ours:
            return None
        missing = [name for name in ours if name not in names]
        if missing:
            raise Problem(
                f"The run's network knows no {listing(missing, 3)}, only {listing(names, 5)}.",
                f"--evaluator {run}",
                "Name one trained on the same classes.",
            )
        return [names.index(name) for name in ours]

    def features(self, images: np.ndarray) -> np.ndarray:
        """What its last layer takes."""
        return self._predicted(self._features, images)

    def classes(self, images: np.ndarray) -> np.ndarray | None:
        """The most likely class of each."""
        if self._order is None:
            return None
        return self._predicted(self.network, images)[:, self._order].argmax(-1)

    def _predicted(self, network, images: np.ndarray) -> np.ndarray:
        parts = [
            np.asarray(network.predict_on_batch(self._as_taken(images[start : start + CHUNK])))
            for start in range(0, len(images), CHUNK)
        ]
        return np.concatenate(parts).astype(np.float64).reshape(len(images), -1)

    def _as_taken(self, images: np.ndarray) -> np.ndarray:
        """Scaled images as the classifier takes them."""
        plan = self._classifier
        values = self._plan.restored(images)
        if tuple(plan.size) != tuple(self._plan.size):
            values = np.stack([resample(one, plan.size) for one in values])
        if plan.channels != values.shape[-1]:
            values = np.repeat(values[..., :1], plan.channels, axis=-1)
        if plan.normalization == "zscore":
            return np.stack([normalize(one, "zscore") for one in values])
        return plan.scaled(values)
