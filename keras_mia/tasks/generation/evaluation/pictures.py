"""Pictures of a finished run: its samples, and what lies nearest to some of them."""

import itertools
from pathlib import Path

import keras
import numpy as np

from keras_mia.data.preprocess.image_cache import ImageArray
from keras_mia.metrics.generation.distances import nearest
from keras_mia.tasks.generation.callbacks.film import (
    FOLDER,
    balanced_classes,
    columns_of,
    write_picture,
)
from keras_mia.tasks.generation.generation_plan import GenerationPlan
from keras_mia.tasks.generation.sampling import scaled_samples
from keras_mia.tasks.generation.validation import scaled_images

BEST = "best.png"
REAL = "real.png"
COLUMNS, ROWS = 10, 8
PAIRS = 8
TRAINING = 20_000
NEIGHBOURHOOD = 3000
"""Samples among which those nearest to a training image are looked for."""
SEED = 100


def write_pictures(
    generator: keras.Model,
    train: ImageArray,
    plan: GenerationPlan,
    run: Path,
    samples: np.ndarray,
) -> None:
    """Writes `best.png` and `real.png`, and pairs of a sample and the nearest training image.

    Args:
        generator: the best one of the run.
        train: prepared training images.
        plan: of the run.
        run: its folder.
        samples: scaled; those that lie nearest to a training image are shown beside it.
    """
    if plan.is_number:
        return
    folder = run / FOLDER
    folder.mkdir(exist_ok=True)
    columns = columns_of(plan, COLUMNS)
    count = columns * ROWS
    labels = balanced_classes(plan, count)
    images = scaled_samples(generator, plan, count, seed=SEED, classes=labels)
    write_picture(folder / BEST, images, plan, columns)
    write_picture(folder / REAL, real_pictures(train, labels, count), plan, columns)
    training = scaled_images(train, min(TRAINING, len(train)))
    neighbours = nearest(samples[:NEIGHBOURHOOD], training)
    for number, index in enumerate(np.argsort(neighbours.distances)[:PAIRS], start=1):
        sample, real = samples[index], training[neighbours.indices[index]]
        write_picture(folder / f"pair_{number}_sample.png", sample[None], plan, 1)
        write_picture(folder / f"pair_{number}_nearest.png", real[None], plan, 1)


def real_pictures(train: ImageArray, labels: np.ndarray | None, count: int) -> np.ndarray:
    """Training images, scaled: of these classes in turn, where networks take some.

    Args:
        train: prepared images.
        labels: the class of each; None: any.
        count: how many, at most.
    """
    if labels is None:
        return scaled_images(train, min(count, len(train)))
    classes, images = train.targets.argmax(-1), train.images
    of_class = {one: itertools.cycle(np.flatnonzero(classes == one)) for one in set(classes)}
    return train.plan.scaled(np.stack([images[next(of_class[label])] for label in labels]))
