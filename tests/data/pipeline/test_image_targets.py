"""A float image as target goes through the cache, the sampler and the random changes."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import tensorflow as tf

from keras_mia.core.problem import Problem
from keras_mia.data.augment.examples import augmenter
from keras_mia.data.augment.settings import Augmentation, Chance, source_space
from keras_mia.data.datasets.case_target import ImageFile
from keras_mia.data.datasets.cases import Case
from keras_mia.data.io.image_io import write_image
from keras_mia.data.pipeline.patch_sampler import PatchSampler
from keras_mia.data.pipeline.stream import stream
from keras_mia.data.preprocess.array_target import PairedImageTarget
from keras_mia.data.preprocess.case_cache import cache_cases
from keras_mia.data.targets.array_kind import IMAGE
from keras_mia.data.targets.label_map import Classes
from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan


@dataclass(frozen=True, kw_only=True)
class PairedPlan(SegmentationPlan):
    """A plan of a family that learns images."""

    @property
    def target(self):
        return PairedImageTarget("none")


def plan_for(rank, **changes):
    plan = PairedPlan(
        rank=rank,
        classes=Classes(("background",), ((0,),)),
        channels=1,
        spacing_mm=(2.0,) * 3 if rank == 3 else None,
        modality=None,
        normalization="none",
        intensities=(),
        orientation="RAS" if rank == 3 else None,
        slice_axis=None,
        patch=(8,) * rank,
        batch_size=2,
        depth=1,
        filters=4,
        norm="none",
        pool=((2,) * rank,),
        flip=tuple(range(rank)),
        rotation_deg=(30.0,) * (1 if rank == 2 else 3),
        foreground_share=0.5,
    )
    return replace(plan, **changes)


def cases_in(folder, rank, count=2):
    """Cases whose targets are twice their images: so they stay, however both are moved."""
    generator = np.random.default_rng(0)
    cases = []
    for name in "abcdef"[:count]:
        image = generator.normal(10, 3, (14, 18, 16)[:rank]).astype(np.float32)
        paths = [folder / f"{name}-{part}.{'nii.gz' if rank == 3 else 'npy'}" for part in "it"]
        affine = np.diag([-1.0, 1.0, 1.5, 1.0]) if rank == 3 else None
        for path, array in zip(paths, (image, 2 * image), strict=True):
            write_image(path, array[..., None] if rank == 2 else array, affine)
        cases.append(Case(name, {"image": paths[:1]}, ImageFile(paths[1]), name))
    return cases


@pytest.mark.parametrize("rank", [2, 3])
def test_a_float_image_is_stored_drawn_and_changed_as_its_image_is(tmp_path, rank):
    plan = plan_for(rank)
    prepared = cache_cases(cases_in(tmp_path, rank), plan, tmp_path / "cache")
    for one in prepared:
        assert (one.kind, one.target.dtype, one.points) == (IMAGE, np.float32, ())
        assert one.target.shape == one.image.shape
        np.testing.assert_allclose(one.target, 2 * one.image, rtol=1e-5)
    settings = replace(
        Augmentation.none(),
        rotation_deg=Chance(-90, 90, 1.0),
        scale=Chance(0.6, 1.4, 1.0),
        elastic=Chance(0.1, 0.3, 1.0),
        flip_axes=plan.flip,
    )
    sampler = PatchSampler(prepared, source_space(plan.patch, settings), plan.patch, 0.5)
    assert [spec.dtype for spec in sampler.specs] == ["float32", "float32"]
    transform = augmenter(settings, plan.patch, sampler.kind)
    batches = stream(sampler, 2, seed=1, transform=transform)
    assert batches.element_spec[1] == tf.TensorSpec((2, *plan.patch, 1), tf.float32)
    for images, targets in batches.take(4).as_numpy_iterator():
        np.testing.assert_allclose(targets, 2 * images, rtol=1e-4)
        assert (images != 0).mean() > 0.3


def test_what_lies_outside_of_a_target_image_is_zero(tmp_path):
    prepared = cache_cases(cases_in(tmp_path, 2, 1), plan_for(2), tmp_path / "cache")
    sampler = PatchSampler(prepared, (24, 24), (20, 20), 0.0)
    (image,), (target,) = sampler(0, [0])
    assert (target[image == 0] == 0).all()
    assert (image == 0).any()


def test_a_target_image_on_another_grid_is_refused(tmp_path):
    (case,) = cases_in(tmp_path, 2, 1)
    write_image(case.target.path, np.zeros((5, 4, 1), np.float32))
    with pytest.raises(Problem, match=r"share one grid[\s\S]*a-t"):
        cache_cases([case], plan_for(2), tmp_path / "cache")
