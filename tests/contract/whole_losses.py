"""A row for every loss that does not take one label map: those of whole images, and sums."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import keras
import numpy as np

from keras_mia import losses

BATCH = 6


@dataclass(frozen=True)
class WholeLoss:
    """What the suites need to know.

    Args:
        make: the class.
        truth: `(batch, ...)` of a generator of random numbers.
        activation: of the predictions.
        toggles: another value for every option of its own.
        options: what it cannot do without.
        shape: of a prediction, without the batch.
        no_truth: a truth that is none, made of one.
    """

    make: Callable
    truth: Callable[[np.random.Generator], np.ndarray]
    activation: str
    toggles: Mapping[str, object]
    no_truth: Callable[[np.ndarray], np.ndarray]
    options: Mapping[str, object] = field(default_factory=dict)
    shape: tuple[int, ...] = (3,)

    def __call__(self, **options):
        return self.make(**{**self.options, **options})

    def __str__(self):
        return self.make.__name__

    def example(self, seed=0):
        """A truth, and logits as they may be."""
        generator = np.random.default_rng(seed)
        logits = generator.normal(size=(BATCH, *self.shape)).astype("float32")
        return self.truth(generator), logits

    def guess(self, logits):
        return keras.ops.convert_to_numpy(keras.activations.get(self.activation)(logits))

    def certain(self, truth):
        """Predictions that say the truth."""
        if truth.shape == (BATCH, *self.shape):
            return np.clip(truth, 0, 1).astype("float32")
        return np.eye(self.shape[-1], dtype="float32")[truth]


def classes(generator):
    return np.eye(3, dtype="float32")[generator.integers(3, size=BATCH)]


def findings(generator):
    truth = generator.integers(2, size=(BATCH, 3)).astype("float32")
    truth[::2, 1] = -1
    return truth


def labels(generator):
    return generator.integers(3, size=(BATCH, 4, 5))


def images(generator):
    return generator.uniform(size=(BATCH, 12, 11, 3)).astype("float32")


def volumes(generator):
    return generator.uniform(size=(BATCH, 8, 6, 4, 3)).astype("float32")


def classifier():
    """A network of pictures that was never trained."""
    keras.utils.set_random_seed(1)
    image = keras.Input((8, 6, 3))
    x = keras.layers.Conv2D(4, 3, padding="same", activation="relu", name="fine")(image)
    x = keras.layers.MaxPooling2D(name="pool")(x)
    x = keras.layers.Conv2D(4, 3, padding="same", activation="relu")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, keras.layers.Dense(2, activation="softmax")(x))


def parts():
    return [(1.0, losses.CrossEntropy()), (0.5, losses.Dice())]


WHOLE_LOSSES = (
    WholeLoss(
        losses.ClassCrossEntropy,
        classes,
        "softmax",
        toggles={"class_weights": (1, 2, 3), "label_smoothing": 0.2},
        no_truth=lambda truth: 2 * truth,
    ),
    WholeLoss(
        losses.FindingsCrossEntropy,
        findings,
        "sigmoid",
        toggles={"class_weights": (1, 2, 3)},
        no_truth=lambda truth: truth + 2,
    ),
    WholeLoss(
        losses.WeightedSum,
        labels,
        "softmax",
        toggles={},
        no_truth=lambda truth: truth + 3,
        options={"losses": parts()},
        shape=(4, 5, 3),
    ),
    WholeLoss(
        losses.StructuralSimilarity,
        images,
        "sigmoid",
        toggles={"sigma": 0.8},
        no_truth=lambda truth: truth[:, :-1],
        options={"data_range": 1.0},
        shape=(12, 11, 3),
    ),
    WholeLoss(
        losses.Perceptual,
        volumes,
        "sigmoid",
        toggles={
            "layers": ("fine", "pool"),
            "values": (0.0, 1.0),
            "scale": (1.0, 2.0, 0.5),
            "offset": (0.1, 0.2, 0.3),
            "slice_axis": 0,
            "units": (1.0, 1.0),
        },
        no_truth=lambda truth: truth[:, :-1],
        options={"network": classifier()},
        shape=(8, 6, 4, 3),
    ),
)
