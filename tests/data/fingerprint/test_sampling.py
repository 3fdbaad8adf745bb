"""A few of many: no slice, column or kind of case is taken alone."""

import numpy as np
import pytest

from keras_mia.data.datasets.case_target import Texts
from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.sampling import sample_indices, sample_voxels
from keras_mia.data.fingerprint.survey import read_facts
from keras_mia.data.io.image_io import write_image
from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.report.pictures.drawing import window
from keras_mia.tasks.classification.planning import make_plan as make_image_plan

SPACES = [
    *((512, 512, 4), (256, 256, 16), (128, 128, 24), (64, 64, 64), (64, 64, 32), (4, 256, 256)),
    *((2048, 2048), (1024, 512), (96, 96)),
]


@pytest.mark.parametrize("space", SPACES, ids=str)
@pytest.mark.parametrize("axis", [0, -1])
def test_no_axis_is_sampled_in_one_place(space, axis):
    at = np.broadcast_to(
        np.arange(space[axis]).reshape(
            [-1 if i == axis % len(space) else 1 for i in range(len(space))]
        ),
        space,
    )
    found = np.bincount(sample_voxels(at[..., None], 4096)[:, 0], minlength=space[axis])
    expected = found.sum() / space[axis]
    assert found.sum() == min(4096, at.size)
    assert (np.abs(found - expected) < 6 * np.sqrt(expected) + 2).all()


def test_the_same_image_has_the_same_sample():
    image = np.random.default_rng(1).normal(size=(40, 50, 30, 2))
    reversed_rows = np.ascontiguousarray(image[::-1])[::-1]  # the same, lying otherwise in memory
    assert np.array_equal(sample_voxels(image, 4096), sample_voxels(reversed_rows, 4096))


@pytest.mark.parametrize("count", [0, 1, 7, 8])
def test_of_few_all_are_taken(count):
    assert sample_indices(count, 8).tolist() == list(range(count))


@pytest.mark.parametrize("count", [9, 64, 1001])
def test_of_many_each_is_as_probable_as_the_others_of_its_stretch(count):
    found = sample_indices(count, 8)
    assert len(set(found.tolist())) == 8
    assert (np.diff(found) > 0).all()
    assert found.min() >= 0
    assert found.max() < count


def ct(space=(128, 128, 16)):
    """Air in the lowest slice, and in every slice of an even number."""
    image = np.full((*space, 1), -1000, np.int16)
    image[..., 1::2, 0] = 40
    return image


def case_of(path, image):
    write_image(path, image, np.eye(4))
    return Case("a", {"image": (path,)}, Texts("ill"), "a")


@pytest.mark.parametrize("space", [(128, 128, 16), (256, 256, 8), (64, 64, 64)], ids=str)
def test_intensities_of_a_ct_do_not_come_from_one_slice(tmp_path, space):
    one = read_facts(case_of(tmp_path / "a.nii.gz", ct(space)))
    assert one.sample.mean() == pytest.approx(-480, abs=50)
    plan = make_image_plan([one], Multiclass(("ill", "well"), ("ill", "well")), modality="CT")
    assert (plan.intensities[0].low, plan.intensities[0].high) == (-1000, 40)
    assert plan.scaled(np.array([[-1000.0], [40.0]])).ravel() == pytest.approx([-1, 1], abs=0.1)


def test_intensities_of_pictures_do_not_come_from_two_columns(tmp_path):
    image = np.full((512, 1024, 1), 10, np.uint8)
    image[:, 1::2] = 200
    path = tmp_path / "a.png"
    write_image(path, image, None)
    assert read_facts(
        Case("a", {"image": (path,)}, Texts("ill"), "a")
    ).sample.mean() == pytest.approx(105, abs=10)


def test_images_in_turn_of_kind_are_all_looked_at(tmp_path):
    one = read_facts(case_of(tmp_path / "a.nii.gz", ct((8, 8, 2))))
    dark, bright = (
        type(one)(**{**one.__dict__, "sample": np.full((4, 1), value, np.int16)})
        for value in (-1000, 40)
    )
    many = [dark, bright] * 2000
    plan = make_image_plan(many, Multiclass(("a", "b"), ("a", "b")), modality="CT")
    assert plan.intensities[0].mean == pytest.approx(-480, abs=50)


def test_facts_of_a_large_volume_do_not_come_from_every_other_slice(tmp_path):
    path = tmp_path / "a.npy"
    write_image(path, ct((160, 160, 96)), None)
    found = read_facts(Case("large", {"image": (path,)}, None, "a"))
    assert found.sample.mean() == pytest.approx(-480, abs=50)


def test_the_window_of_a_drawing_does_not_come_from_every_other_column():
    image = np.zeros((2048, 2048, 1), np.float32)
    image[:, 1::2] = 7
    assert window(image) == (0, 7)
