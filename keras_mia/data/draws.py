"""Which images a batch holds: a pure function of seed and numbers."""

import functools
from collections.abc import Sequence

import numpy as np

from keras_mia.data.stack import Stack


class Draws:
    """Reads training images of a stack.

    Args:
        stack: of the training images.
        sampling: "natural": each once an epoch, in an order that the seed shuffles anew;
            "balanced": each class equally often, its images by chance.

    Calling it with `(seed, numbers)` gives images `(n, *size, channels)` and answers
    `(n, outputs)`.
    """

    def __init__(self, stack: Stack, sampling: str = "natural"):
        self.stack, self.sampling = stack, sampling
        classes = stack.answers.argmax(-1)
        self.of_class = [np.flatnonzero(classes == one) for one in np.unique(classes)]

    def __call__(self, seed: int, numbers: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        pick = self._shuffled if self.sampling == "natural" else self._balanced
        chosen = np.array([pick(int(seed), int(number)) for number in numbers])
        return self.stack.rows(chosen), self.stack.answers[chosen]

    def _shuffled(self, seed: int, number: int) -> int:
        epoch, place = divmod(number, len(self.stack))
        return int(_order(len(self.stack), seed, epoch)[place])

    def _balanced(self, seed: int, number: int) -> int:
        generator = np.random.Generator(np.random.Philox(key=[seed, number]))
        return int(generator.choice(self.of_class[number % len(self.of_class)]))


@functools.lru_cache(maxsize=4)
def _order(count: int, seed: int, epoch: int) -> np.ndarray:
    return np.random.Generator(np.random.Philox(key=[seed, epoch])).permutation(count)
