"""A LeNet that learns the classes of the training images, to judge samples by."""

import math

import keras
import numpy as np

from keras_mia.core.progress import progress
from keras_mia.data.preprocess.image_cache import ImageArray
from keras_mia.models import lenet
from keras_mia.tasks.generation.evaluation.evaluator import (
    Evaluator,
    NetworkEvaluator,
    ValueEvaluator,
)

LEAST_SIZE = 16
"""That a LeNet takes."""
SEED = 1998
"""Not that of the run: runs on the same images are judged alike."""
BATCH = 128
EPOCHS = 8
FEWEST_STEPS, MOST_STEPS = 600, 4000
RATE = 2e-3
SHIFT = 1
"""Voxels by which images are moved at most, so that the judge reads what is drawn, not where."""


def train_evaluator(train: ImageArray, validation: ImageArray) -> Evaluator:
    """A judge for images like these.

    Args:
        train: prepared images that the generator learns from, too, with their classes if known.
        validation: others, whose classes it is scored by.

    Returns:
        A LeNet that has learnt the classes; without classes one of random weights, whose features
        tell images apart nonetheless (Naeem et al. 2020, arXiv:2002.09797, section 4); the values
        themselves, where images are too small for either.
    """
    *space, channels = train.images.shape[1:]
    if min(space) < LEAST_SIZE:
        return ValueEvaluator()
    count = train.targets.shape[1]
    network = random_lenet((*space, channels), max(count, 2))
    if not count:
        about = "Features are those of a LeNet with random weights, as classes are not known."
        return NetworkEvaluator(network, about, reads_classes=False)
    fit_evaluator(network, train)
    accuracy = classifier_accuracy(network, validation)
    about = (
        "Features and classes are those of a LeNet that learnt the classes of the training images;"
        f" it reads {100 * accuracy:.1f} % of {len(validation)} validation images right."
    )
    return NetworkEvaluator(network, about, reads_classes=True)


def random_lenet(shape: tuple[int, ...], classes: int) -> keras.Model:
    """A LeNet whose weights follow from `SEED` alone, in float32 whatever the policy is."""
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        network = lenet(shape, classes, variant="lecture", nonlinearity="relu", name="evaluator")
    finally:
        keras.config.set_dtype_policy(policy)
    random = np.random.default_rng(SEED)
    for weight in network.trainable_weights:
        if len(weight.shape) > 1:
            scale = math.sqrt(2 / math.prod(weight.shape[:-1]))
            weight.assign(random.normal(scale=scale, size=weight.shape).astype(np.float32))
    return network


def fit_evaluator(network: keras.Model, train: ImageArray) -> None:
    """Trains it on all images, in an order that follows from `SEED`."""
    random, images = np.random.default_rng(SEED), train.images
    classes = train.targets.argmax(-1)
    each = math.ceil(len(train) / BATCH)
    steps = min(MOST_STEPS, max(FEWEST_STEPS, EPOCHS * each))
    schedule = keras.optimizers.schedules.CosineDecay(RATE, steps)
    network.compile(
        keras.optimizers.Adam(schedule), "sparse_categorical_crossentropy", jit_compile=False
    )
    size = min(BATCH, len(train))
    epochs = max(1 + steps // each, math.ceil(steps * size / len(train)))
    order = np.concatenate([random.permutation(len(train)) for _ in range(epochs)])
    for step in progress(range(steps), "training a LeNet"):
        chosen = order[step * size : (step + 1) * size]
        batch = train.plan.scaled(np.stack([images[number] for number in chosen]))
        network.train_on_batch(moved(batch, random), classes[chosen])


def moved(batch: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Images of a batch, each moved by up to `SHIFT` voxels along each axis; what leaves at one end
    comes in at the other."""
    axes = tuple(range(batch.ndim - 2))
    shifts = random.integers(-SHIFT, SHIFT + 1, (len(batch), len(axes)))
    return np.stack([np.roll(one, shift, axes) for one, shift in zip(batch, shifts, strict=True)])


def classifier_accuracy(network: keras.Model, images: ImageArray) -> float:
    """The share of images whose class it reads."""
    scaled = images.plan.scaled(np.array(images.images))
    read = network.predict(scaled, batch_size=BATCH, verbose=0).argmax(-1)
    return float((read == images.targets.argmax(-1)).mean())
