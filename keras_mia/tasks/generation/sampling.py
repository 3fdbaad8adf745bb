"""Samples of a run's generator, in the values of its images."""

from collections.abc import Sequence

import keras
import numpy as np

from keras_mia.models.generation.latents import BLOCK, numbered
from keras_mia.models.generation.sampling import samples
from keras_mia.tasks.generation.generation_plan import GenerationPlan
from keras_mia.tasks.values import Samples

DEVIATIONS = 3.0
"""That values of an image lie apart from its mean, but for a few."""
CLASS_STREAM = 2**32
"""Added to a seed where classes are drawn, so that they do not depend on latents."""


def sampled_classes(
    plan: GenerationPlan, count: int, *, seed: int, first: int = 0
) -> np.ndarray | None:
    """The classes that samples number `first`, `first + 1`, ... are to have, as often as training
    images have them.

    Args:
        plan: of the run.
        count: of samples.
        seed: number `i` of a seed always has the same class.
        first: the number of the first one.

    Returns:
        `(count,)` int32; None where the network takes no classes.
    """
    if not plan.conditional:
        return None
    shares = np.asarray(plan.class_shares, float)
    edges = np.cumsum(shares / shares.sum())[:-1]
    drawn = numbered(lambda random: random.random(BLOCK), count, seed + CLASS_STREAM, first)
    return np.searchsorted(edges, drawn, side="right").astype(np.int32)


def scaled_samples(
    generator: keras.Model,
    plan: GenerationPlan,
    count: int,
    *,
    seed: int,
    first: int = 0,
    classes: Sequence[int] | np.ndarray | None = None,
) -> np.ndarray:
    """Samples as the generator gives them, on the scale of prepared images.

    Args:
        generator: of the run.
        plan: of the run.
        count: how many.
        seed: of latents.
        first: the number of the first one.
        classes: of each, where the network takes them; None: as `sampled_classes` draws them.

    Returns:
        `(count, *size, channels)` float32.
    """
    if classes is None:
        classes = sampled_classes(plan, count, seed=seed, first=first)
    return samples(generator, count, seed=seed, start=first, classes=classes)


def sample(
    generator: keras.Model,
    plan: GenerationPlan,
    count: int,
    *,
    seed: int,
    first: int = 0,
    class_name: str | None = None,
) -> Samples:
    """Samples in the values of the training images, as `Task.sample` has it."""
    names = plan.class_names
    classes = sampled_classes(plan, count, seed=seed, first=first)
    if classes is not None and class_name is not None:
        classes = np.full(count, names.index(class_name), np.int32)
    images = plan.restored(
        scaled_samples(generator, plan, count, seed=seed, first=first, classes=classes)
    )
    low, high = value_range(plan)
    return Samples(
        images,
        () if classes is None else tuple(names[one] for one in classes),
        tuple(plan.voxel_spacing) or None,
        (low, high),
        plan.bytes,
    )


def value_range(plan: GenerationPlan) -> tuple[float, float]:
    """The smallest and the largest value of the training images, but for a few."""
    if plan.normalization == "zscore":
        return -DEVIATIONS, DEVIATIONS
    if plan.bytes or not plan.intensities:
        return 0.0, 255.0
    return min(one.low for one in plan.intensities), max(one.high for one in plan.intensities)


def drawn_range(plan: GenerationPlan) -> tuple[float, float]:
    """The same in scaled values: what pictures draw black and white."""
    ends = np.array([[end] * plan.channels for end in value_range(plan)], np.float32)
    low, high = plan.scaled(ends)
    return float(low.min()), float(max(high.max(), low.min() + 1e-6))
