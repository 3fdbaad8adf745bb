"""Whole images prepared to one size, drawn and changed."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mia.core.problem import Problem
from keras_mia.data.augment.images import whole_augmenter
from keras_mia.data.augment.settings import NEVER, Augmentation, Chance
from keras_mia.data.datasets.case_target import Texts
from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.survey import read_facts
from keras_mia.data.io.image_io import write_image
from keras_mia.data.pipeline.image_sampler import ImageSampler
from keras_mia.data.pipeline.stream import stream
from keras_mia.data.preprocess.image_cache import cache_images
from keras_mia.data.preprocess.prepare_image import at_spacing, prepare_image
from keras_mia.data.targets.inference import infer_target
from keras_mia.data.targets.regression import Regression
from keras_mia.tasks import classification
from keras_mia.tasks.classification.planning import make_plan as make_image_plan


def cases_in(folder, count=12, dtype=np.uint8, space=(9, 7), suffix="png"):
    generator = np.random.default_rng(3)
    cases = []
    for i in range(count):
        path = folder / f"{i}.{suffix}"
        write_image(path, generator.integers(0, 200, space).astype(dtype), np.diag([2.0, 1, 1, 1]))
        cases.append(
            Case(str(i), {"image": (path,)}, Texts("even" if i % 3 else "odd"), str(i), "train")
        )
    return cases


def planned(cases, kind=None, **overrides):
    texts = [case.text for case in cases]
    asked = Regression(8.0) if kind == "regression" else infer_target(texts)
    return make_image_plan([read_facts(case) for case in cases], asked, overrides=overrides)


def test_pictures_of_bytes_stay_bytes_and_come_out_standardized(tmp_path):
    cases = cases_in(tmp_path)
    plan = planned(cases)
    made = cache_images(cases, plan, tmp_path / "cache")
    assert made.images.dtype == np.uint8
    views = made.views(range(12))
    assert views.shape == (12, 1, 9, 7, 1)
    assert views.dtype == np.float32
    assert abs(views.mean()) < 1e-3
    assert views.std() == pytest.approx(1, abs=1e-3)
    before = made.path.stat().st_mtime_ns
    assert cache_images(cases, plan, tmp_path / "cache").path.stat().st_mtime_ns == before


def test_two_cases_of_one_name_are_two_images(tmp_path):
    """The second was all zero, in silence."""
    cases = [replace(case, name="same") for case in cases_in(tmp_path)]
    images = cache_images(cases, planned(cases), tmp_path / "cache").images
    assert all(image.any() for image in images)
    assert len({image.tobytes() for image in images}) == len(cases)


def test_images_are_resized_and_answers_are_in_their_order(tmp_path):
    cases = cases_in(tmp_path)
    made = cache_images(cases, planned(cases, size=[5]), tmp_path / "cache")
    assert made.images.shape == (12, 5, 5, 1)
    names = np.array(made.plan.target.names)[made.targets.argmax(-1)]
    assert names.tolist() == [case.text for case in cases]


def test_volumes_are_turned_to_ras_and_standardized_one_by_one(tmp_path):
    cases = cases_in(tmp_path, 4, np.int16, (6, 5, 4), "nii.gz")
    plan = planned(cases)
    assert plan.normalization == "zscore"
    made = cache_images(cases, plan, tmp_path / "cache")
    assert made.images.dtype == np.float32
    np.testing.assert_allclose(made.views([2]).mean(), 0, atol=1e-5)
    source = cases[1].image()
    turned = type(source)(source.array[::-1], source.affine @ np.diag([-1.0, 1, 1, 1]))
    np.testing.assert_allclose(prepare_image(turned, plan), made.images[1], atol=1e-5)


def cube_of_8_mm(path, space, spacing):
    """A volume with a bright cube of 8 mm in its middle."""
    array = np.zeros(space, np.int16)
    half = [round(4 / side) for side in spacing]
    array[tuple(slice(s // 2 - h, s // 2 + h) for s, h in zip(space, half, strict=True))] = 100
    write_image(path, array, np.diag([*spacing, 1.0]))
    return Case(path.stem, {"image": (path,)}, Texts("8"), path.stem, "train")


def test_what_is_as_large_in_mm_is_as_large_in_all_prepared_volumes(tmp_path):
    given = [((24, 24, 24), (1.0, 1.0, 1.0)), ((40, 30, 16), (1, 1, 2)), ((10, 12, 16), (2, 2, 1))]
    cases = [cube_of_8_mm(tmp_path / f"{i}.nii.gz", *one) for i, one in enumerate(given)]
    plan = planned(cases, "regression", size=[32], spacing_mm=[1], normalization="none")
    images = cache_images(cases, plan, tmp_path / "cache").images
    np.testing.assert_allclose(images.sum((1, 2, 3, 4)) / 100, 512, rtol=0.02)
    np.testing.assert_array_equal(images[0, 4:28, 4:28, 4:28, 0], cases[0].image().array[..., 0])
    resized = cache_images(cases, replace(plan, spacing_mm=None), tmp_path / "cache").images
    assert np.ptp(resized.sum((1, 2, 3, 4)) / 100) > 300


def test_a_grid_of_the_same_spacing_cuts_and_fills(tmp_path):
    array = np.random.default_rng(1).normal(size=(9, 6, 2))
    cut = at_spacing(array, (2.0, 3.0), (2.0, 3.0), (5, 10))
    np.testing.assert_allclose(cut[:, 2:8], array[2:7], rtol=1e-6)
    for beyond in (cut[:, :2], cut[:, 8:]):
        np.testing.assert_allclose(beyond, np.broadcast_to(array.min((0, 1)), (5, 2, 2)))
    same = at_spacing(array, (2.0, 3.0), (2.0, 3.0), (9, 6))
    np.testing.assert_allclose(same, array, rtol=1e-6)


@pytest.mark.parametrize("size", [9, 10, 40])
def test_what_is_thinner_than_a_voxel_stays(size):
    array = np.full((4, 1, 1), 7.0)
    array[0] = 0
    found = at_spacing(array, (1.0, 1.0), (1.0, 7.5), (4, size))
    np.testing.assert_allclose(found.max(axis=(1, 2)), [0, 7, 7, 7])
    assert np.count_nonzero(found[1]) <= 2


def test_few_volumes_of_which_one_is_large(tmp_path):
    given = [((20, 20, 20), (1.0, 1.0, 1.0))] * 9 + [((100,) * 3, (1,) * 3)]
    cases = [cube_of_8_mm(tmp_path / f"{i}.nii.gz", *one) for i, one in enumerate(given)]
    plan = planned(cases, "regression")
    np.testing.assert_allclose(np.multiply(plan.size, plan.spacing_mm), 30, rtol=0.01)


def test_slices_are_resampled_in_their_plane_alone(tmp_path):
    cases = []
    for i, space in enumerate([(20, 20, 6), (24, 24, 12)]):
        noise = np.random.default_rng(i).integers(1, 99, space).astype(np.int16)
        write_image(tmp_path / f"{i}.nii.gz", noise, np.diag([1.0, 1, 5, 1]))
        cases.append(
            Case(str(i), {"image": (tmp_path / f"{i}.nii.gz",)}, Texts(str(i)), str(i), "train")
        )
    for more in ({}, {"spacing_mm": [1, 1, 2]}):
        plan = planned(cases, view="slices", **more)
        assert plan.spacing_mm[2] is None
        assert plan.size[2] == 9
        images = cache_images(cases, plan, tmp_path / "cache").images
        assert (np.ptp(images, axis=(1, 2, 4)) > 0).all()


def test_a_spacing_that_is_given_makes_the_size(tmp_path):
    case = cube_of_8_mm(tmp_path / "a.nii.gz", (60, 40, 30), (1.0, 1.0, 2.0))
    assert planned([case], "regression", spacing_mm=[2, 2, 3]).size == (30, 20, 20)
    assert planned([case], "regression", spacing_mm=[2], size=[9]).size == (9, 9, 9)
    assert len(set(planned([case], "regression", view="random", spacing_mm=[2]).size)) == 1
    with pytest.raises(Problem, match="need one spacing"):
        planned([case], "regression", view="random", spacing_mm=[2, 2, 3])
    with pytest.raises(Problem, match="nan"):
        planned([case], "regression", spacing_mm=[float("nan")])


def test_most_volumes_fit_into_the_grid_that_is_planned(tmp_path):
    given = [((20 + i % 4, 20, 20), (1.0, 1.0, 1.5)) for i in range(40)] + [((90,) * 3, (1,) * 3)]
    cases = [cube_of_8_mm(tmp_path / f"{i}.nii.gz", *one) for i, one in enumerate(given)]
    plan = planned(cases, "regression")
    reach = np.multiply(plan.size, plan.spacing_mm)
    np.testing.assert_allclose(reach, (23, 20, 30), rtol=0.01)
    cube = planned(cases, "regression", view="planes")
    assert len(set(cube.spacing_mm)) == len(set(cube.size)) == 1
    assert classification.augmentation(plan).scale == NEVER
    assert classification.augmentation(replace(plan, spacing_mm=None)).scale != NEVER


def test_images_that_do_not_tell_their_spacing_are_resized_and_take_none(tmp_path):
    pictures = cases_in(tmp_path)
    assert planned(pictures).spacing_mm is None
    volume = cube_of_8_mm(tmp_path / "a.nii.gz", (10, 12, 16), (2, 2, 1))
    boxed = replace(volume, target=Texts("0 1 1 3 2 4"))
    assert planned([boxed]).spacing_mm is None
    for cases, kind, given in (
        (pictures, "multiclass", [1]),
        ([boxed], "box", [1]),
        ([volume], "regression", [1, 2]),
        ([volume], "regression", [0]),
    ):
        with pytest.raises(Problem, match="spacing"):
            planned(cases, kind, spacing_mm=given)
    write_image(tmp_path / "bare.npy", np.zeros((10, 12, 16), np.float32))
    bare = replace(volume, inputs={"image": (tmp_path / "bare.npy",)})
    with pytest.raises(Problem, match="how large its voxels"):
        cache_images([bare], planned([volume], "regression"), tmp_path / "cache")


def test_a_box_turns_with_its_volume(tmp_path):
    path = tmp_path / "flipped.nii.gz"
    write_image(path, np.zeros((10, 4, 4), np.int16), np.diag([-1.0, 1, 1, 1]))
    case = Case("a", {"image": (path,)}, Texts("0 1 1 3 2 4"), "a", "train")
    asked = infer_target([case.text])
    plan = make_image_plan([read_facts(case)], asked)
    made = cache_images([case], plan, tmp_path / "cache")
    assert made.targets[0].tolist() == pytest.approx([0.7, 0.25, 0.25, 1.0, 0.5, 1.0])


def test_images_of_another_kind_than_planned_are_refused(tmp_path):
    cases = cases_in(tmp_path)
    plan = planned(cases)
    write_image(tmp_path / "deep.png", np.full((9, 7), 4000, np.uint16))
    odd = Case("deep", {"image": (tmp_path / "deep.png",)}, Texts("odd"), "x", "test")
    with pytest.raises(Problem, match="uint16"):
        cache_images([odd], plan, tmp_path / "cache")
    write_image(tmp_path / "rgb.png", np.zeros((9, 7, 3), np.uint8))
    colored = Case("rgb", {"image": (tmp_path / "rgb.png",)}, Texts("odd"), "x", "test")
    assert cache_images([colored], plan, tmp_path / "cache").images.shape[-1] == 1
    write_image(tmp_path / "two.npy", np.zeros((9, 7, 2), np.uint8))
    two = Case("two", {"image": (tmp_path / "two.npy",)}, Texts("odd"), "x", "test")
    with pytest.raises(Problem, match="2 channels"):
        cache_images([two], plan, tmp_path / "cache")


def test_an_epoch_holds_each_image_once_and_balance_each_class(tmp_path):
    cases = cases_in(tmp_path)
    made = cache_images(cases, planned(cases), tmp_path / "cache")
    _, answers = ImageSampler(made)(5, range(12))
    assert answers.sum(0).tolist() == made.targets.sum(0).tolist()
    again = ImageSampler(made)(5, range(12))[0]
    np.testing.assert_array_equal(again, ImageSampler(made)(5, range(12))[0])
    assert not np.array_equal(again, ImageSampler(made)(5, range(12, 24))[0])
    _, balanced = ImageSampler(made, "balanced")(5, range(100))
    assert balanced.sum(0).tolist() == [50, 50]


def test_workers_share_each_batch(tmp_path):
    cases = cases_in(tmp_path)
    made = cache_images(cases, planned(cases), tmp_path / "cache")
    size = made.plan.size
    settings = Augmentation(rotation_deg=Chance(-20, 20, 0.5))
    options = {
        "seed": 4,
        "transform": whole_augmenter(settings, size, mixup=0.4),
    }
    whole = next(iter(stream(ImageSampler(made), 4, start=3, **options)))
    parts = [
        next(iter(stream(ImageSampler(made), 4, start=3, worker=i, workers=2, **options)))
        for i in range(2)
    ]
    for index in range(2):
        joined = np.concatenate([part[index] for part in parts])
        np.testing.assert_allclose(joined, whole[index], atol=1e-5)


def test_an_image_without_changes_stays_and_goes_on_beyond_its_border():
    images = tf.constant(np.random.default_rng(0).normal(size=(3, 8, 6, 2)).astype(np.float32))
    answers, keys = tf.ones((3, 2)), tf.constant([[0, 1], [0, 2], [0, 3]])
    still, same = whole_augmenter(Augmentation.none(), (8, 6))(keys, images, answers)
    np.testing.assert_array_equal(still, images)
    np.testing.assert_array_equal(same, answers)
    flat = tf.ones((3, 8, 6, 2)) * 7
    shifted = replace(Augmentation.none(), shift=Chance(0.4, 0.4, 1.0))
    moved, _ = whole_augmenter(shifted, (8, 6))(keys, flat, answers)
    np.testing.assert_allclose(moved, flat, atol=1e-5)


def test_mixup_mixes_images_and_answers_by_the_same_share():
    keras.utils.set_random_seed(0)
    images = tf.reshape(tf.range(4, dtype=tf.float32), (4, 1, 1, 1)) * tf.ones((4, 3, 3, 1))
    answers, keys = tf.eye(4), tf.constant([[0, i] for i in range(4)])
    mixed, told = whole_augmenter(Augmentation.none(), (3, 3), mixup=0.4)(keys, images, answers)
    np.testing.assert_allclose(tf.reduce_sum(told, 1), 1, atol=1e-5)
    np.testing.assert_allclose(mixed[:, 0, 0, 0], told.numpy() @ np.arange(4), atol=1e-5)
    assert 0 < float(told[1, 1]) < 1


def test_images_are_mirrored_along_the_axes_that_are_drawn():
    images = tf.constant(np.random.default_rng(0).normal(size=(16, 6, 6, 1)).astype(np.float32))
    answers, keys = tf.ones((16, 1)), tf.constant([[0, i] for i in range(16)])
    settings = replace(Augmentation.none(), flip_axes=(0, 1))
    made = whole_augmenter(settings, (6, 6))(keys, images, answers)[0].numpy()
    ways = set()
    for before, after in zip(images.numpy(), made, strict=True):
        found = [
            way for way in ((), (0,), (1,), (0, 1)) if np.array_equal(np.flip(before, way), after)
        ]
        ways.update(found)
        assert len(found) == 1
    assert len(ways) == 4


def test_what_is_not_known_of_one_finding_is_not_known_of_the_mixture():
    answers = tf.constant([[1.0, -1.0], [0.0, 0.0]])
    augment = whole_augmenter(Augmentation.none(), (3, 3), mixup=0.4, may_be_unknown=True)
    _, told = augment(tf.constant([[0, 1], [0, 2]]), tf.zeros((2, 3, 3, 1)), answers)
    assert told[:, 1].numpy().tolist() == [-1, -1]
    assert 0 < float(told[0, 0]) < 1
