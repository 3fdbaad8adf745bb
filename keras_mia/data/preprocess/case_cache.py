"""Prepared cases on disk, an array each: patches are cut out of them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keras_mia.core.parallel import map_cases
from keras_mia.data.datasets.case_key import case_key
from keras_mia.data.datasets.case_target import Texts
from keras_mia.data.datasets.cases import Case
from keras_mia.data.preprocess.array_cache import ArrayCache, is_whole, open_array, save_array
from keras_mia.data.preprocess.patch_plan import PatchPlan
from keras_mia.data.preprocess.prepare import prepare, way_of
from keras_mia.data.targets.array_kind import LABEL_MAP, ArrayKind
from keras_mia.data.targets.base import Text


@dataclass(frozen=True, eq=False)
class CaseArrays:
    """A prepared case on disk, opened when it is read.

    Args:
        name: of the case.
        image_path: `(*space, channels)` float32, slices first for a 2D network on volumes.
        target_path: of what is learnt of each voxel, on the same grid, as its kind has it.
        points_path: `(n, 1 + axes)`, class and coordinates of voxels to draw patches around, class
            by class.
        kind: of the target.
        text: what the case's target is in words, where it is none of each voxel.
    """

    name: str
    image_path: Path
    target_path: Path
    points_path: Path
    kind: ArrayKind = LABEL_MAP
    text: Text = ""

    @property
    def image(self) -> np.ndarray:
        """The image, memory-mapped."""
        return open_array(self.image_path)

    @property
    def target(self) -> np.ndarray:
        """What is learnt, memory-mapped: of a label map `(*space)` uint8, `IGNORE` where nothing
        counts."""
        return open_array(self.target_path)

    @property
    def classes(self) -> set[int]:
        """The classes that are there, but the background."""
        return set(np.unique(open_array(self.points_path)[:, 0]).tolist())

    @property
    def points(self) -> tuple[np.ndarray, ...]:
        """For each class that is there, but the background, coordinates `(n, axes)` of some of its
        voxels, memory-mapped."""
        rows = open_array(self.points_path)
        starts = np.flatnonzero(np.diff(rows[:, 0], prepend=0))
        return tuple(np.split(rows[:, 1:], starts)[1:])


def cache_cases(
    cases: Sequence[Case], plan: PatchPlan, folder: str | os.PathLike
) -> list[CaseArrays]:
    """Prepares each case once; what already lies in the folder is not made again.

    Args:
        cases: with targets of each voxel.
        plan: what to do.
        folder: where the arrays go; several plans and data sets may share it.

    Returns:
        The prepared cases, in order.

    Raises:
        Problem: names the cases that cannot be prepared.
    """
    cache = ArrayCache(folder, plan)
    return map_cases(lambda case: _cached(case, plan, cache), cases, "preparing")


def _cached(case: Case, plan: PatchPlan, cache: ArrayCache) -> CaseArrays:
    files, *rest = case_key(case)
    images = (files, *plan.source_key(case))
    target = plan.target
    arrays = CaseArrays(
        case.name,
        cache.path("image", *images),
        cache.path("target", *images, *rest),
        cache.path("points", *images, *rest),
        target.kind,
        case.text if isinstance(case.target, Texts) else "",
    )
    has_image = is_whole(arrays.image_path)
    has_target = is_whole(arrays.target_path) and is_whole(arrays.points_path)
    if has_image and has_target:
        return arrays
    image, way = plan.source(case), plan.preparing_plan(case)
    if has_image:
        _, grid, scale = way_of(image, way, case.name)
    else:
        prepared = prepare(image, way, case.name)
        grid, scale = prepared.grid, prepared.scale
        save_array(arrays.image_path, prepared.array)
    if not has_target:
        array = target.prepare(case, grid, scale)
        save_array(arrays.target_path, array)
        points = target.points(array, seed=int(arrays.points_path.name[:8], 16))
        numbered = [np.insert(one, 0, index, axis=1) for index, one in enumerate(points, 1)]
        none = np.zeros((0, 1 + len(grid.space)), np.int16)
        save_array(arrays.points_path, np.concatenate([none, *numbered]))
    return arrays
