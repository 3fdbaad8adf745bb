"""Pictures of a finished run: its samples, and what lies nearest to some of them."""

from pathlib import Path

import keras
import numpy as np

from keras_mia.data.preprocess.image_cache import ImageArray
from keras_mia.metrics.generation.distances import nearest
from keras_mia.tasks.generation.callbacks.film import FOLDER, balanced_classes, write_picture
from keras_mia.tasks.generation.generation_plan import GenerationPlan
from keras_mia.tasks.generation.sampling import scaled_samples
from keras_mia.tasks.generation.validation import scaled_images

BEST = "best.png"
REAL = "real.png"
COLUMNS, ROWS = 10, 8
PAIRS = 8
TRAINING = 20_000
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
        samples: scaled; the first ones are those of pairs.
    """
    if plan.is_number:
        return
    folder = run / FOLDER
    folder.mkdir(exist_ok=True)
    classes = len(plan.class_names) if plan.conditional else 0
    columns = min(classes, 2 * COLUMNS) if classes else COLUMNS
    count = columns * ROWS
    labels = balanced_classes(plan, count)
    images = scaled_samples(generator, plan, count, seed=SEED, classes=labels)
    write_picture(folder / BEST, images, plan, columns)
    training = scaled_images(train, min(TRAINING, len(train)))
    write_picture(folder / REAL, training[:: max(1, len(training) // count)][:count], plan, columns)
    neighbours = nearest(samples[:PAIRS], training)
    for number, (sample, index) in enumerate(
        zip(samples, neighbours.indices, strict=False), start=1
    ):
        write_picture(folder / f"pair_{number}_sample.png", sample[None], plan, 1)
        write_picture(folder / f"pair_{number}_nearest.png", training[index][None], plan, 1)
