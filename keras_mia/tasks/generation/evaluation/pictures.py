"""Pictures of a finished run: its samples, and what lies nearest to some of them."""

import itertools
from pathlib import Path

import keras
import numpy as np

from keras_mia.data.preprocess.image_cache import ImageArray
from keras_mia.metrics.generation.distances import Nearest
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
SEED = 100


def write_pictures(
    generator: keras.Model, train: ImageArray, plan: GenerationPlan, run: Path
) -> None:
    """Writes `best.png` and `real.png`; of numbers there are no pictures.

    Args:
        generator: the best one of the run.
        train: prepared training images.
        plan: of the run.
        run: its folder.
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


def write_pairs(
    samples: np.ndarray, training: np.ndarray, neighbours: Nearest, plan: GenerationPlan, run: Path
) -> None:
    """Writes the samples that lie nearest to a training image, each with it.

    Args:
        samples: scaled.
        training: scaled images.
        neighbours: of the samples among them.
        plan: of the run.
        run: its folder.
    """
    folder = run / FOLDER
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
