"""What networks are shown while they train."""

from dataclasses import replace

import numpy as np
import pytest

from keras_mia.data.augment.degradations import value_range
from keras_mia.data.pipeline.patch_sampler import PatchSampler
from keras_mia.data.preprocess.case_cache import cache_cases
from keras_mia.tasks.translation.training_stream import augmentation, batches, fresh_noise
from tests.tasks.translation.images import PICTURES, VOLUMES, case_of, smooth

LEVEL = 0.2
NOISE = replace(PICTURES, degradation="noise", degradation_options={"level": LEVEL}, flip=(0, 1))


@pytest.fixture
def stored(tmp_path):
    """A picture that is smaller than a patch along one axis."""
    case = case_of(tmp_path, "a", smooth((40, 24)))
    return cache_cases([case], NOISE, tmp_path / "cache")


def patches(stored, plan, numbers, seed=0):
    sampler = PatchSampler(stored, plan.patch, plan.patch, 0.0, fresh_noise(plan))
    return sampler(seed, numbers)


def test_noise_is_fresh_has_the_stated_deviation_and_stays_within_the_image(stored):
    plan = replace(NOISE, patch=(32, 32))
    x, y = patches(stored, plan, range(4))
    assert x.shape == y.shape == (4, 32, 32, 1)
    noise = x - y
    outside = y == 0
    assert outside.mean() == pytest.approx(0.25, abs=0.01)
    assert (noise[outside] == 0).all()
    expected = LEVEL * value_range(stored[0].target)
    assert noise[~outside].std() == pytest.approx(expected, rel=0.05)
    assert abs(noise[~outside].mean()) < 0.1 * expected
    across = [np.corrcoef(noise[0].ravel(), noise[i].ravel())[0, 1] for i in (1, 2, 3)]
    assert max(map(abs, across)) < 0.15, "no two patches have the same noise"
    np.testing.assert_array_equal(patches(stored, plan, [2])[0][0], x[2])
    assert (patches(stored, plan, [2], seed=1)[0][0] != x[2]).any()


def test_noise_of_training_is_that_of_whole_cases(stored):
    """What networks are validated on, which is drawn once a case."""
    whole = np.asarray(stored[0].image) - np.asarray(stored[0].target)
    expected = LEVEL * value_range(np.asarray(stored[0].target))
    assert whole.std() == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize(
    "changes",
    [
        {"degradation": None},
        {"degradation": "blur", "degradation_options": {}},
        {"degradation_options": {"kind": "rician"}},
    ],
)
def test_other_images_stay_as_they_were_prepared(changes):
    assert fresh_noise(replace(NOISE, **changes)) is None


def test_what_interpolates_is_left_out_where_images_were_made_worse():
    turning = {"flip": (0,), "rotation_deg": (15.0, 15.0, 15.0)}
    ct = augmentation(replace(VOLUMES, target_normalization="ct", **turning))
    assert ct.rotation_deg.probability > 0
    noisy = augmentation(replace(VOLUMES, **turning))
    worse = augmentation(replace(VOLUMES, degradation="resolution", **turning))
    for settings in (ct, noisy, worse):
        assert settings.flip_axes == (0,)
        for name in ("brightness", "contrast", "noise", "blur", "gamma"):
            assert getattr(settings, name).probability == 0, name
    for settings in (noisy, worse):
        assert settings.rotation_deg.probability == settings.scale.probability == 0


def test_pairs_are_turned_alike(tmp_path):
    image = smooth((40, 40))
    plan = replace(PICTURES, normalization="none", rotation_deg=(30.0,), flip=(0, 1))
    case = case_of(tmp_path, "a", image, 3 * image)
    stored = cache_cases([case], plan, tmp_path / "cache")
    stream = batches(stored, plan)(start=0, worker=0, workers=1)
    for x, y in stream.take(4):
        assert x.shape == y.shape == (2, 16, 16, 1)
        np.testing.assert_allclose(y, 3 * x, rtol=1e-3, atol=0.1)


def test_noise_is_fresh_in_the_middle_slice_alone(tmp_path):
    plan = replace(NOISE, orientation="RAS", slice_axis=2, neighbours=1)
    case = case_of(tmp_path, "a", smooth((24, 24, 5)))
    stored = cache_cases([case], plan, tmp_path / "cache")
    sampler = PatchSampler(stored, (24, 24), (24, 24), 0.0, fresh_noise(plan))
    x, y = sampler(0, range(8))
    assert x.shape == (8, 24, 24, 3)
    assert y.shape == (8, 24, 24, 1)
    kept = np.asarray(stored[0].image)
    for one in x:
        assert any(np.array_equal(one[..., 1:], slices[..., 1:]) for slices in kept)
        assert not any(np.array_equal(one[..., :1], slices[..., :1]) for slices in kept)
