"""What a network is shown of volumes."""

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_target import Texts
from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.survey import read_facts
from keras_mia.data.io.image_io import write_image
from keras_mia.data.pipeline.image_sampler import ImageSampler
from keras_mia.data.pipeline.stream import stream
from keras_mia.data.preprocess.image_cache import cache_images
from keras_mia.data.preprocess.views import view_of
from keras_mia.data.targets.inference import infer_target
from keras_mia.tasks.classification.planning import make_plan as make_image_plan

VOLUME = np.arange(60, dtype=np.float32).reshape(5, 4, 3, 1)


def volumes(folder, space=(5, 4, 3), suffix="nii.gz", count=4, affine=(1.0, 2, 1, 1)):
    cases = []
    for i in range(count):
        path = folder / f"{i}.{suffix}"
        array = np.random.default_rng(i).integers(0, 200, space).astype(np.uint8)
        write_image(path, array, np.diag(affine))
        cases.append(Case(str(i), {"image": (path,)}, Texts("ab"[i % 2]), str(i), "train"))
    return cases


def planned(cases, **overrides):
    asked = infer_target([case.text for case in cases], kinds=overrides.pop("kinds", ()))
    return make_image_plan([read_facts(case) for case in cases], asked, overrides=overrides)


def test_slices_are_those_of_the_volume_in_their_order():
    view = view_of("slices", (5, 4, 3), 1, 1)
    assert (view.shape, view.examples, view.count) == ((5, 3, 1), 4, 4)
    np.testing.assert_array_equal(view.all(VOLUME), np.moveaxis(VOLUME, 1, 0))
    np.testing.assert_array_equal(view.one(VOLUME, 2, (0, 0)), VOLUME[:, 2])


def test_neighbours_are_channels_and_the_ends_are_repeated():
    view = view_of("neighbours", (5, 4, 3), 1, 0)
    assert view.shape == (4, 3, 3)
    shown = view.all(VOLUME)
    for place, near in ((0, (0, 0, 1)), (2, (1, 2, 3)), (4, (3, 4, 4))):
        for channel, number in enumerate(near):
            np.testing.assert_array_equal(shown[place, ..., channel], VOLUME[number, ..., 0])


def test_planes_go_through_the_centre_each_across_one_axis():
    cube = np.random.default_rng(0).normal(size=(6, 6, 6, 1))
    (shown,) = view_of("planes", (6, 6, 6), 1, None).all(cube)
    assert shown.shape == (6, 6, 3)
    for channel, plane in enumerate((cube[3], cube[:, 3], cube[:, :, 3])):
        np.testing.assert_array_equal(shown[..., channel], plane[..., 0])


def test_random_planes_go_through_the_centre_in_every_direction():
    side = 9
    places = np.stack(np.indices((side,) * 3), -1) - 4.0  # each channel is a coordinate
    view = view_of("random", (side,) * 3, 3, None)
    normals = []
    for number in range(200):
        plane = view.one(places, 0, (7, number))
        np.testing.assert_allclose(plane[4, 4], 0, atol=1e-5)
        across, along = plane[5, 4] - plane[3, 4], plane[4, 5] - plane[4, 3]
        assert across @ along == pytest.approx(0, abs=1e-4)
        np.testing.assert_allclose(np.linalg.norm(across), 2, rtol=1e-4)
        normals.append(np.cross(across, along) / 4)
    # Uniform directions have a mean of 0 and a covariance of a third of the unit matrix.
    np.testing.assert_allclose(np.mean(normals, 0), 0, atol=0.15)
    np.testing.assert_allclose(np.cov(np.transpose(normals)), np.eye(3) / 3, atol=0.1)
    np.testing.assert_array_equal(view.all(places), view.all(places))
    assert len({plane.tobytes() for plane in view.all(places)}) == view.count


def test_slices_are_taken_along_the_coarsest_axis(tmp_path):
    plan = planned(volumes(tmp_path), view="slices")
    assert (plan.slice_axis, plan.size) == (1, (5, 4, 3))
    assert plan.shapes()[0] == (5, 3, 1)
    assert plan.flip == (0,)
    assert len(plan.rotation_deg) == 1


@pytest.mark.parametrize(
    ("what", "overrides", "said"),
    [
        ({"space": (5, 4), "suffix": "png"}, {"view": "slices"}, "pictures"),
        ({"space": (5, 4, 3, 2)}, {"view": "neighbours"}, "2 already"),
        ({"space": (5, 4, 3, 2)}, {"view": "planes"}, "2 already"),
        ({}, {"view": "planes", "size": (5, 4, 3)}, "not equal"),
        ({}, {"view": "sideways"}, "none of the views"),
        ({}, {"view": "slices", "flip": (2,)}, "from 0 to 1"),
        ({}, {"view": "slices", "rotation_deg": (1, 2, 3)}, "3 numbers"),
    ],
)
def test_views_that_images_do_not_bear_are_refused(tmp_path, what, overrides, said):
    with pytest.raises(Problem, match=said):
        planned(volumes(tmp_path, **what), **overrides)


def test_an_epoch_holds_each_slice_once_with_the_answer_of_its_volume(tmp_path):
    cases = volumes(tmp_path)
    made = cache_images(cases, planned(cases, view="slices"), tmp_path / "cache")
    images, answers = ImageSampler(made)(3, range(16))
    expected = made.views(range(4)).reshape(16, 5, 3, 1)
    where = [int(np.flatnonzero((expected == one).all((1, 2, 3)))[0]) for one in images]
    assert sorted(where) == list(range(16))
    np.testing.assert_array_equal(answers, made.targets[np.array(where) // 4])
    _, balanced = ImageSampler(made, "balanced")(3, range(40))
    assert balanced.sum(0).tolist() == [20, 20]


@pytest.mark.parametrize("view", ["slices", "neighbours", "planes", "random"])
def test_workers_share_the_views_of_each_batch(tmp_path, view):
    cases = volumes(tmp_path)
    made = cache_images(cases, planned(cases, view=view), tmp_path / "cache")
    options = {
        "seed": 4,
    }
    whole = next(iter(stream(ImageSampler(made), 4, start=3, **options)))
    parts = [
        next(iter(stream(ImageSampler(made), 4, start=3, worker=i, workers=2, **options)))
        for i in range(2)
    ]
    for index in range(2):
        joined = np.concatenate([part[index] for part in parts])
        np.testing.assert_array_equal(joined, whole[index])
