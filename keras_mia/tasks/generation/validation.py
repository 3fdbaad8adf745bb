"""How generators are scored while they train, and chosen."""

import keras
import numpy as np

from keras_mia.data.preprocess.image_cache import ImageArray
from keras_mia.tasks.generation.evaluation.evaluator import Evaluator
from keras_mia.tasks.generation.evaluation.scores import RealImages, class_scores, distances
from keras_mia.tasks.generation.generation_plan import GenerationPlan
from keras_mia.tasks.generation.sampling import sampled_classes, scaled_samples
from keras_mia.training import Criterion, Validation

MOST = 2000
"""Samples, and real images, of a validation."""
FEWEST = 200
"""Samples: of fewer real images the distance is still taken to all of these."""
VOXELS = 2**25
"""Of the samples of a validation, at most, but for the fewest of them."""
SEED = 20_140_610
"""Of the samples, the same in each validation; not one of those that tests have."""


def validate(images: ImageArray, plan: GenerationPlan, evaluator: Evaluator) -> Validation:
    """The distance of samples to validation images, by which the best generator is chosen.

    Args:
        images: prepared, of the validation part.
        plan: of the run.
        evaluator: whose features are compared.

    Returns:
        The scores, and the criterion: the Frechet distance where there are images enough for it,
        else the kernel distance, of numbers the Kolmogorov-Smirnov distance; the smaller, the
        better.
    """
    count = sample_count(plan, len(images), MOST, FEWEST)
    real = real_images(scaled_images(images, min(len(images), count)), plan, evaluator)
    labels = sampled_classes(plan, count, seed=SEED)

    def scores(generator: keras.Model) -> dict[str, float]:
        made = scaled_samples(generator, plan, count, seed=SEED, classes=labels)
        classes = class_scores(evaluator.classes(made), len(plan.class_names), labels)
        return {**distances(real, evaluator.features(made)), **classes}

    return Validation(scores, Criterion(real.criterion, lower_is_better=True))


def sample_count(plan: GenerationPlan, real: int, most: int, fewest: int) -> int:
    """How many samples are compared with real images: as many, within bounds of time.

    Args:
        plan: for the size of images.
        real: how many real images there are.
        most: samples at most.
        fewest: samples at least.
    """
    affordable = VOXELS // int(np.prod((*plan.size, plan.channels)))
    return max(fewest, min(most, real, affordable))


def real_images(scaled: np.ndarray, plan: GenerationPlan, evaluator: Evaluator) -> RealImages:
    """Real images as scores need them.

    Args:
        scaled: `(n, *size, channels)`.
        plan: of the run.
        evaluator: whose features are taken.
    """
    return RealImages(evaluator.features(scaled), scaled.ravel() if plan.is_number else None)


def scaled_images(images: ImageArray, count: int) -> np.ndarray:
    """So many prepared images of a part by chance, in no order, as networks take them."""
    numbers = np.random.default_rng(0).permutation(len(images))[:count]
    stored = images.images
    return images.plan.scaled(np.stack([stored[number] for number in numbers]))
