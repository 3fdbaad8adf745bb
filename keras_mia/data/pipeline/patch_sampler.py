"""Which case and which patch an example holds: a pure function of seed and number."""

from collections.abc import Sequence

import numpy as np

from keras_mia.data.pipeline.patches import extract, foreground_start, uniform_start
from keras_mia.data.preprocess.case_store import PreparedCase
from keras_mia.data.targets.label_map import IGNORE

# How often a place is drawn again where nothing counts, as outside a region.
TRIES = 10


class Patches:
    """Reads training patches.

    Args:
        cases: prepared cases; each is drawn equally often.
        window: side lengths of what is read, in voxels; one fewer than the cases have axes for
            single slices across their first axis.
        patch: side lengths of the middle of it that the network will see, by which the place is
            chosen: what lies around it is there to be turned in.
        foreground_share: share of the patches that hold a voxel of some class but the background.

    Calling it with `(seed, number)` gives the image `(*window, channels)` and the label map
    `(*window)`; where a patch leaves the image it holds 0 and `IGNORE`.
    """

    def __init__(
        self,
        cases: Sequence[PreparedCase],
        window: Sequence[int],
        patch: Sequence[int],
        foreground_share: float,
    ):
        self.cases, self.foreground_share = list(cases), foreground_share
        self.slices = cases[0].label.ndim > len(window)
        self.window = (1, *window) if self.slices else tuple(window)
        self.patch = (1, *patch) if self.slices else tuple(patch)
        self.border = [(a - b) // 2 for a, b in zip(self.window, self.patch, strict=True)]

    def __call__(self, seed: int, number: int) -> tuple[np.ndarray, np.ndarray]:
        generator = np.random.Generator(np.random.Philox(key=[seed, number]))
        case = self.cases[generator.integers(len(self.cases))]
        image, label = case.image, case.label
        start = self._start(generator, case, label)
        start = tuple(at - border for at, border in zip(start, self.border, strict=True))
        patch = extract(image, start, self.window, 0.0)
        truth = extract(label, start, self.window, IGNORE)
        return (patch[0], truth[0]) if self.slices else (patch, truth)

    def _start(self, generator, case: PreparedCase, label: np.ndarray) -> tuple[int, ...]:
        space = label.shape
        present = case.points
        if present and generator.random() < self.foreground_share:
            points = present[generator.integers(len(present))]
            return foreground_start(generator, points, space, self.patch)
        for _ in range(TRIES):
            start = uniform_start(generator, space, self.patch)
            if (extract(label, start, self.patch, IGNORE) != IGNORE).any():
                break
        return start
