"""Prepared cases on disk."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keras_mia.core.parallel import map_cases
from keras_mia.data.datasets.case_key import case_key
from keras_mia.data.datasets.cases import Case
from keras_mia.data.preprocess.array_cache import is_whole, save_array
from keras_mia.data.preprocess.plan import Plan
from keras_mia.data.preprocess.prepare import grid_of, prepare, prepare_label
from keras_mia.data.targets.label_map import IGNORE

VERSION = 2
"""Raised when preparing changes, so that what an older version left is not taken."""

POINTS = 10_000
ALL_POINTS = 100_000


@dataclass(frozen=True, eq=False)
class PreparedCase:
    """A prepared case on disk, opened when it is looked at.

    Args:
        name: of the case.
        image_path: `(*space, channels)` float32, slices first for a 2D network on volumes.
        label_path: `(*space)` uint8 classes, `IGNORE` where nothing counts.
        points_path: `(n, 1 + axes)`, class and coordinates of foreground voxels, class by class.
    """

    name: str
    image_path: Path
    label_path: Path
    points_path: Path

    # A map that stays open holds a file handle, and a thousand of them are all a process has; what
    # is kept of each case would grow with the data.
    @property
    def image(self) -> np.ndarray:
        """The image, memory-mapped."""
        return np.load(self.image_path, mmap_mode="r")

    @property
    def label(self) -> np.ndarray:
        """The label map, memory-mapped."""
        return np.load(self.label_path, mmap_mode="r")

    @property
    def held(self) -> set[int]:
        """The classes that are there, but the background."""
        return set(np.unique(np.load(self.points_path, mmap_mode="r")[:, 0]).tolist())

    @property
    def points(self) -> tuple[np.ndarray, ...]:
        """For each class that is there, but the background, coordinates `(n, axes)` of some of its
        voxels, memory-mapped."""
        rows = np.load(self.points_path, mmap_mode="r")
        starts = np.flatnonzero(np.diff(rows[:, 0], prepend=0))
        return tuple(np.split(rows[:, 1:], starts)[1:])


def store(
    cases: Sequence[Case], plan: Plan, folder: str | os.PathLike, doing: str = "preparing"
) -> list[PreparedCase]:
    """Prepares each case once; what already lies in the folder is not made again.

    Args:
        cases: with label maps.
        plan: what to do.
        folder: where the arrays go; several plans and data sets may share it.
        doing: the label of the progress bar.

    Returns:
        The prepared cases, in order.

    Raises:
        Problem: names the cases that cannot be prepared.
    """
    return map_cases(lambda case: _store(case, plan, Path(folder)), cases, doing)


def _store(case: Case, plan: Plan, folder: Path) -> PreparedCase:
    images, *rest = case_key(case)
    image_key, label_key = _digest(plan, images), _digest(plan, images, *rest)
    found = PreparedCase(
        case.name,
        folder / f"{image_key}-image.npy",
        folder / f"{label_key}-label.npy",
        folder / f"{label_key}-points.npy",
    )
    has_image = is_whole(found.image_path)
    has_label = is_whole(found.label_path) and is_whole(found.points_path)
    if has_image and has_label:
        return found
    image = case.image()
    if has_image:
        grid = grid_of(image, plan, case.name)
    else:
        prepared = prepare(image, plan, case.name)
        grid = prepared.grid
        save_array(found.image_path, prepared.array)
    if not has_label:
        label = prepare_label(case.label(), plan, grid, case.region_mask(), case.target)
        save_array(found.label_path, label)
        points = foreground_points(label, len(plan.classes.names), seed=int(label_key[:8], 16))
        numbered = [np.insert(one, 0, index, axis=1) for index, one in enumerate(points, 1)]
        save_array(found.points_path, np.concatenate(numbered))
    return found


def foreground_points(label: np.ndarray, classes: int, seed: int) -> list[np.ndarray]:
    """For each class but the background, coordinates of up to 10,000 of its voxels.

    Args:
        label: `(*space)` classes.
        classes: how many there are, with background.
        seed: of the choice.

    Returns:
        A `(n, axes)` array a class, int16 where that suffices.
    """
    generator = np.random.default_rng(seed)
    most = min(POINTS, ALL_POINTS // max(1, classes - 1))
    flat = label.reshape(-1)
    places = np.flatnonzero((flat != 0) & (flat != IGNORE))
    values = flat[places]
    dtype = np.int16 if max(label.shape) < 2**15 else np.int32
    points = []
    for index in range(1, classes):
        own = places[values == index]
        if own.size > most:
            own = np.sort(generator.choice(own, most, replace=False))
        points.append(np.stack(np.unravel_index(own, label.shape), axis=1).astype(dtype))
    return points


def _digest(plan: Plan, *key: object) -> str:
    text = json.dumps([VERSION, plan.preparing(), repr(key)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]
