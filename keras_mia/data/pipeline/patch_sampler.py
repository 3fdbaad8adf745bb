"""Which case and which patch an example holds: a pure function of seed and number."""

from collections.abc import Callable, Sequence

import numpy as np

from keras_mia.data.pipeline.patches import extract, foreground_start, uniform_start
from keras_mia.data.pipeline.sampler import ArraySpec, Sampler
from keras_mia.data.preprocess.case_cache import CaseArrays

Redraw = Callable[[CaseArrays, np.ndarray, np.ndarray, np.random.Generator], np.ndarray]
"""From a case, image and target of a patch, and a generator to another image of the patch."""

TRIES = 10
"""How often another position is drawn where nothing counts, as outside a region."""


class PatchSampler(Sampler):
    """Reads training patches.

    Args:
        cases: prepared cases; each is drawn equally often.
        window: side lengths of what is read, in voxels; one fewer than the cases have axes for
            single slices across their first axis.
        patch: side lengths of the middle of it that the network will see, by which the position is
            chosen: what lies around it is there to be turned in.
        foreground_share: share of the patches that hold a voxel of some class but the background.
        redraw: gives the image of a patch anew each time, such as its target with fresh noise;
            None: it is that of the case.

    Calling it with `(seed, numbers)` gives images `(n, *window, channels)` and targets `(n,
    *window)`, with channels where the target is an image; where a patch leaves the image it holds 0
    and what the kind of target has outside.
    """

    whole_batches = False

    def __init__(
        self,
        cases: Sequence[CaseArrays],
        window: Sequence[int],
        patch: Sequence[int],
        foreground_share: float,
        redraw: Redraw | None = None,
    ):
        self.cases, self.foreground_share, self.redraw = list(cases), foreground_share, redraw
        image, target, self.kind = cases[0].image, cases[0].target, cases[0].kind
        axes = image.ndim - 1
        self.slices = axes > len(window)
        self.window = (1, *window) if self.slices else tuple(window)
        self.patch = (1, *patch) if self.slices else tuple(patch)
        self.border = [(a - b) // 2 for a, b in zip(self.window, self.patch, strict=True)]
        self.specs = [
            ArraySpec((*window, *image.shape[axes:]), "float32"),
            ArraySpec((*window, *target.shape[axes:]), self.kind.dtype),
        ]

    def __call__(self, seed: int, numbers: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        images, targets = zip(*(self._example(seed, number) for number in numbers), strict=True)
        return np.stack(images), np.stack(targets)

    def _example(self, seed: int, number: int) -> tuple[np.ndarray, np.ndarray]:
        generator = np.random.Generator(np.random.Philox(key=[seed, number]))
        case = self.cases[generator.integers(len(self.cases))]
        image, target = case.image, case.target
        start = self._start(generator, case, target)
        start = tuple(at - border for at, border in zip(start, self.border, strict=True))
        learnt = extract(target, start, self.window, self.kind.outside)
        patch = extract(image, start, self.window, 0.0)
        if self.redraw is not None:
            patch = self.redraw(case, patch, learnt, generator)
        return (patch[0], learnt[0]) if self.slices else (patch, learnt)

    def _start(self, generator, case: CaseArrays, target: np.ndarray) -> tuple[int, ...]:
        space = target.shape[: len(self.patch)]
        points = case.points
        if points and generator.random() < self.foreground_share:
            of_class = points[generator.integers(len(points))]
            return foreground_start(generator, of_class, space, self.patch)
        for _ in range(TRIES):
            start = uniform_start(generator, space, self.patch)
            if self.kind.counts(extract(target, start, self.patch, self.kind.outside)):
                break
        return start
