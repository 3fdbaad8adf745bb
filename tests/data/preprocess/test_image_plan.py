"""Plans of families that look at whole images: scales and their way back, images alone."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.intensity import Intensity
from keras_mia.data.io.image_io import write_image
from keras_mia.data.pipeline.image_sampler import ImageSampler
from keras_mia.data.preprocess.image_cache import cache_images
from keras_mia.data.preprocess.image_plan import ImagePlan


@dataclass(frozen=True, kw_only=True)
class AlonePlan(ImagePlan):
    """A plan of a family that learns from images alone."""

    def shapes(self):
        return self.network_view.shape, self.network_view.shape


PLAN = AlonePlan(
    task="none",
    target=None,
    channels=2,
    size=(6, 5),
    bytes=False,
    network="none",
    batch_size=4,
    intensities=(Intensity(-3.0, 5.0, 1.0, 2.0), Intensity(10.0, 30.0, 18.0, 4.0)),
)
WITH_A_WAY_BACK = ("set", "ct", "pixels", "range", "none")


def images_between_the_ends():
    shares = np.random.default_rng(0).uniform(size=(3, 6, 5, 2)).astype(np.float32)
    return shares * np.array([8.0, 20.0], np.float32) + np.array([-3.0, 10.0], np.float32)


@pytest.mark.parametrize("scheme", WITH_A_WAY_BACK)
def test_images_come_back_in_their_own_values(scheme):
    plan, images = replace(PLAN, normalization=scheme), images_between_the_ends()
    before = images.copy()
    restored = plan.restored(plan.scaled(images))
    assert restored.dtype == np.float32
    np.testing.assert_allclose(restored, images, atol=1e-5)
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize("scheme", WITH_A_WAY_BACK)
def test_bytes_come_back(scheme):
    plan = replace(PLAN, normalization=scheme, bytes=True)
    images = np.random.default_rng(0).integers(0, 256, (3, 6, 5, 2), np.uint8)
    images = np.clip(images, [0, 10], [5, 30]).astype(np.uint8) if scheme == "ct" else images
    assert plan.scaled(images).dtype == np.float32
    np.testing.assert_allclose(plan.restored(plan.scaled(images)), images, atol=1e-4)


def test_a_range_reaches_from_minus_one_to_one_and_is_clipped():
    plan = replace(PLAN, normalization="range")
    images = np.array([[-9.0, 10.0], [-3.0, 15.0], [1.0, 20.0], [5.0, 30.0], [99.0, 31.0]])
    scaled = plan.scaled(images)
    assert scaled.tolist() == [[-1, -1], [-1, -0.5], [0, 0], [1, 1], [1, 1]]
    np.testing.assert_allclose(plan.restored(scaled), images.clip([-3, 10], [5, 30]), atol=1e-5)


def test_a_range_of_bytes_is_all_that_they_can_hold():
    plan = replace(PLAN, normalization="range", bytes=True)
    scaled = plan.scaled(np.array([[0, 255]], np.uint8))
    assert scaled.tolist() == [[-1, 1]]
    assert plan.restored(scaled).tolist() == [[0, 255]]


def test_what_each_image_was_scaled_by_is_not_known_again():
    plan, images = replace(PLAN, normalization="zscore"), images_between_the_ends()
    np.testing.assert_array_equal(plan.scaled(images), images)
    np.testing.assert_array_equal(plan.restored(images), images)


def test_a_channel_that_a_view_shows_several_times_is_scaled_alike():
    one = replace(PLAN, channels=1, intensities=PLAN.intensities[:1], normalization="range")
    plan = replace(one, view="neighbours", size=(6, 5, 4), slice_axis=2)
    volume = images_between_the_ends()[0, ..., :1, None].repeat(4, 2)
    views = plan.network_view.all(volume)
    assert views.shape == (4, 6, 5, 3)
    np.testing.assert_array_equal(plan.scaled(views)[0, ..., 1], one.scaled(volume)[:, :, 0, 0])


def test_of_images_alone_nothing_is_known(tmp_path):
    cases = []
    for number in range(3):
        path = tmp_path / f"{number}.png"
        write_image(path, np.full((6, 5), 100 * number, np.uint8))
        cases.append(Case(str(number), {"image": (path,)}, None, str(number)))
    known = (Intensity(0, 200, 100, 80),)
    plan = replace(PLAN, channels=1, normalization="range", bytes=True, intensities=known)
    made = cache_images(cases, plan, tmp_path / "cache")
    assert (len(made), made.targets.shape) == (3, (3, 0))
    images, targets = ImageSampler(made)(0, range(3))
    assert targets.shape == (3, 0)
    assert sorted(plan.restored(images)[:, 0, 0, 0].round()) == [0, 100, 200]


def test_a_plan_without_a_target_comes_back_from_its_file(tmp_path):
    PLAN.write(tmp_path / "plan.json")
    assert AlonePlan.read(tmp_path / "plan.json") == PLAN
    assert "target" in PLAN.describe()
