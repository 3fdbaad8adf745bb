"""Images, and targets that do not belong to them."""

from collections.abc import Sequence

import numpy as np

from keras_mia.data.pipeline.patch_sampler import PatchSampler
from keras_mia.data.pipeline.sampler import Sampler

OTHERS = 1_000_003
"""Added to the seed of images for that of targets."""


class UnpairedSampler(Sampler):
    """Reads each image and each target at a place, and of a case, of its own.

    Args:
        first: whose images are read.
        second: whose targets are; may be the same.
    """

    whole_batches = False

    def __init__(self, first: PatchSampler, second: PatchSampler):
        self.first, self.second, self.kind = first, second, second.kind
        self.specs = [first.specs[0], second.specs[1]]

    def __call__(self, seed: int, numbers: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        images, _ = self.first(seed, numbers)
        _, targets = self.second(seed + OTHERS, numbers)
        return images, targets
