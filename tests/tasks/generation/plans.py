"""Small plans, images and networks that tests of generation share."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from keras_mia.data.preprocess.image_cache import ImageArray
from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.tasks.generation.generation_plan import GenerationPlan

PLAN = GenerationPlan(
    target=None,
    channels=1,
    size=(8, 8),
    spacing_mm=None,
    modality=None,
    normalization="range",
    intensities=(),
    bytes=True,
    network="dcgan",
    options={"filters": 4},
    batch_size=4,
    flip=(),
    rotation_deg=(0.0,),
    latent=5,
    loss="non_saturating",
    label_smoothing=0.0,
    gradient_penalty=0.0,
    r1=0.0,
    discriminator_steps=1,
    generator_rate=1e-3,
    discriminator_rate=1e-3,
    average=0.9,
)
CLASSES = Multiclass(("thin", "thick"), ("0", "1"))
LABELLED = replace(PLAN, target=CLASSES, class_shares=(0.75, 0.25))
CONDITIONAL = replace(LABELLED, network="conditional", conditional=True)


def stored(path: Path, images: np.ndarray, plan=PLAN, classes=None) -> ImageArray:
    """Prepared images `(n, *size, channels)`, with classes where they are known."""
    np.save(path, images.astype(np.uint8) if plan.bytes else images)
    count = 0 if classes is None else len(plan.class_names)
    targets = np.zeros((len(images), count), np.float32)
    if count:
        targets[np.arange(len(images)), classes] = 1
    return ImageArray(path, targets, plan)


def stripes(count: int, size: int = 8, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Bytes `(count, size, size, 1)` with a thin or a thick bar, and which it is."""
    random = np.random.default_rng(seed)
    classes = np.arange(count) % 2
    images = random.integers(0, 60, (count, size, size, 1))
    for image, thick in zip(images, classes, strict=True):
        row = random.integers(1, size - 4)
        image[row : row + 1 + 2 * thick] += 180
    return images.astype(np.uint8), classes


def player_of(made: np.ndarray, latent: int = 5) -> keras.Model:
    """A generator that gives one of these scaled images, whichever noise points to."""

    @keras.saving.register_keras_serializable("tests")
    class Chosen(keras.layers.Layer):
        def call(self, noise):
            number = keras.ops.abs(keras.ops.cast(noise[:, 0] * 1e4, "int32")) % len(made)
            return keras.ops.take(keras.ops.convert_to_tensor(made), number, axis=0)

        def compute_output_shape(self, shape):
            return shape[0], *made.shape[1:]

    noise = keras.Input((latent,))
    return keras.Model(noise, Chosen()(noise))
