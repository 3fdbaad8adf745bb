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
        sampler: of pairs.
    """

    whole_batches = False

    def __init__(self, sampler: PatchSampler):
        self.sampler, self.kind, self.specs = sampler, sampler.kind, sampler.specs

    def __call__(self, seed: int, numbers: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        images, _ = self.sampler(seed, numbers)
        _, targets = self.sampler(seed + OTHERS, numbers)
        return images, targets
