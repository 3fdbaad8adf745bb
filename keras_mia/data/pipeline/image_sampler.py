"""Which images a batch holds: a pure function of seed and numbers."""

import functools
from collections.abc import Sequence

import numpy as np

from keras_mia.data.pipeline.sampler import ArraySpec, Sampler
from keras_mia.data.preprocess.image_cache import ImageArray


class ImageSampler(Sampler):
    """Reads training images that are looked at as a whole.

    Args:
        images: for training.
        sampling: "natural": each example once an epoch, in an order that the seed shuffles anew;
            "balanced": each class equally often, its examples by chance. Each image is one, or as
            many as the plan's view takes.

    Calling it with `(seed, numbers)` gives what the network is shown, `(n, *space, channels)`, and
    targets `(n, outputs)`.
    """

    whole_batches = True

    def __init__(self, images: ImageArray, sampling: str = "natural"):
        self.images, self.sampling = images, sampling
        self.view = images.plan.network_view
        self.specs = [
            ArraySpec(self.view.shape, "float32"),
            ArraySpec(images.targets.shape[1:], "float32"),
        ]
        self.of_class = _by_class(images) if sampling == "balanced" else []

    def __call__(self, seed: int, numbers: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        pick = self._shuffled if self.sampling == "natural" else self._balanced
        stored = self.images.images
        images, targets = [], []
        for key in ((int(seed), int(number)) for number in numbers):
            case, part = divmod(pick(*key), self.view.examples)
            images.append(self.view.one(stored[case], part, key))
            targets.append(self.images.targets[case])
        return self.images.plan.scaled(np.stack(images)), np.stack(targets)

    def _shuffled(self, seed: int, number: int) -> int:
        examples = len(self.images) * self.view.examples
        epoch, position = divmod(number, examples)
        return int(_order(examples, seed, epoch)[position])

    def _balanced(self, seed: int, number: int) -> int:
        generator = np.random.Generator(np.random.Philox(key=[seed, number]))
        return int(generator.choice(self.of_class[number % len(self.of_class)]))


def _by_class(images: ImageArray) -> list[np.ndarray]:
    """The numbers of the examples of each class."""
    classes = images.targets.argmax(-1).repeat(images.plan.network_view.examples)
    return [np.flatnonzero(classes == one) for one in np.unique(classes)]


@functools.lru_cache(maxsize=4)
def _order(count: int, seed: int, epoch: int) -> np.ndarray:
    return np.random.Generator(np.random.Philox(key=[seed, epoch])).permutation(count)
