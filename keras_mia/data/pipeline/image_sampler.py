"""Which images a batch holds: a pure function of seed and numbers."""

import functools
from collections.abc import Sequence

import numpy as np

from keras_mia.data.preprocess.image_store import Stack


class Draws:
    """Reads training images of a stack.

    Args:
        stack: of the training images.
        sampling: "natural": each example once an epoch, in an order that the seed shuffles anew;
            "balanced": each class equally often, its examples by chance. Each image is one, or as
            many as the plan's view takes.

    Calling it with `(seed, numbers)` gives what the network is shown, `(n, *space, channels)`, and
    answers `(n, outputs)`.
    """

    def __init__(self, stack: Stack, sampling: str = "natural"):
        self.stack, self.sampling = stack, sampling
        self.shown = stack.plan.shown
        classes = stack.answers.argmax(-1).repeat(self.shown.examples)
        self.of_class = [np.flatnonzero(classes == one) for one in np.unique(classes)]

    def __call__(self, seed: int, numbers: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        pick = self._shuffled if self.sampling == "natural" else self._balanced
        stack, stored = self.stack, self.stack.images
        images, answers = [], []
        for key in ((int(seed), int(number)) for number in numbers):
            case, place = divmod(pick(*key), self.shown.examples)
            images.append(self.shown.one(stored[case], place, key))
            answers.append(stack.answers[case])
        return stack.plan.scaled(np.stack(images)), np.stack(answers)

    def _shuffled(self, seed: int, number: int) -> int:
        examples = len(self.stack) * self.shown.examples
        epoch, place = divmod(number, examples)
        return int(_order(examples, seed, epoch)[place])

    def _balanced(self, seed: int, number: int) -> int:
        generator = np.random.Generator(np.random.Philox(key=[seed, number]))
        return int(generator.choice(self.of_class[number % len(self.of_class)]))


@functools.lru_cache(maxsize=4)
def _order(count: int, seed: int, epoch: int) -> np.ndarray:
    return np.random.Generator(np.random.Philox(key=[seed, epoch])).permutation(count)
