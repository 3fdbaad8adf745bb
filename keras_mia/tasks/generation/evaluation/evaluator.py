"""The network that samples are judged by: its features, and the classes that it reads in them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import keras
import numpy as np

from keras_mia.core.files.text_files import read_json, write_json
from keras_mia.tasks.generation.evaluation.evaluator_files import FACTS, FILE
from keras_mia.training.probe import trunk
from keras_mia.training.runs.network_file import load_network, save_network

CHUNK = 256


class Evaluator(Protocol):
    """What scores need to know of images."""

    @property
    def about(self) -> str:
        """What judges, in a sentence for the report."""

    def features(self, images: np.ndarray) -> np.ndarray:
        """Features `(n, d)` of scaled images `(n, *size, channels)`."""

    def classes(self, images: np.ndarray) -> np.ndarray | None:
        """The class that is read in each, `(n,)`; None: classes are not known."""


@dataclass(frozen=True)
class ValueEvaluator:
    """Judges by the values of voxels themselves, where images are too small for a network."""

    about: str = "Features are the values of the voxels."

    def features(self, images: np.ndarray) -> np.ndarray:
        """The values, in one row an image."""
        return np.asarray(images, np.float64).reshape(len(images), -1)

    def classes(self, images: np.ndarray) -> None:
        """None: values have none."""
        return


class NetworkEvaluator:
    """Judges by a network for scaled images, whose last layer gives probabilities of classes.

    Args:
        network: from images to probabilities.
        about: what it is, in a sentence.
        reads_classes: whether its classes are those of the images; otherwise features alone count.
    """

    def __init__(self, network: keras.Model, about: str, *, reads_classes: bool):
        self.network, self.about, self.reads_classes = network, about, reads_classes
        self._features = trunk(network)

    def features(self, images: np.ndarray) -> np.ndarray:
        """What the last layer takes."""
        return _predicted(self._features, images)

    def classes(self, images: np.ndarray) -> np.ndarray | None:
        """The most likely class of each."""
        return _predicted(self.network, images).argmax(-1) if self.reads_classes else None

    def save(self, folder: Path) -> None:
        """Writes it into the folder of a run."""
        save_network(self.network, folder / FILE)
        write_json(folder / FACTS, {"about": self.about, "reads_classes": self.reads_classes})


def load_evaluator(folder: Path) -> NetworkEvaluator:
    """The judge that a run kept.

    Args:
        folder: of the run.

    Raises:
        Problem: it is missing, or broken.
    """
    facts = read_json(folder / FACTS)
    network = load_network(folder / FILE)
    return NetworkEvaluator(network, facts["about"], reads_classes=bool(facts["reads_classes"]))


def _predicted(network: keras.Model, images: np.ndarray) -> np.ndarray:
    outputs = network.predict(np.asarray(images, np.float32), batch_size=CHUNK, verbose=0)
    return np.asarray(outputs, np.float64).reshape(len(images), -1)
