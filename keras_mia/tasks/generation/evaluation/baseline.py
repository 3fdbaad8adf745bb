"""What samples would be without a network: a normal distribution of all voxels together."""

import numpy as np

from keras_mia.data.preprocess.image_cache import ImageArray
from keras_mia.tasks.generation.generation_plan import GenerationPlan
from keras_mia.tasks.generation.network import image_range
from keras_mia.tasks.generation.validation import scaled_images

IMAGES = 4000
DIRECTIONS = 200
SEED = 5


def normal_samples(train: ImageArray, plan: GenerationPlan, count: int) -> np.ndarray:
    """Samples of the normal distribution of the training images, along their principal directions.

    Args:
        train: prepared images.
        plan: of the run.
        count: of samples.

    Returns:
        `(count, *size, channels)` float32, scaled, clipped to the range of images.
    """
    images = scaled_images(train, min(IMAGES, len(train)))
    rows = images.reshape(len(images), -1)
    mean = rows.mean(axis=0)
    _, deviations, directions = np.linalg.svd(rows - mean, full_matrices=False)
    kept = min(DIRECTIONS, len(deviations))
    deviations = deviations[:kept] / np.sqrt(max(1, len(rows) - 1))
    random = np.random.default_rng(SEED).standard_normal((count, kept), np.float32)
    made = mean + (random * deviations) @ directions[:kept]
    return np.clip(made, *image_range(plan)).reshape(count, *images.shape[1:]).astype(np.float32)
