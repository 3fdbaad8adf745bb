"""In which values, and over which voxels, images are scored: against sums that are written out."""

from dataclasses import replace

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from keras_mia.data.fingerprint.intensity import Intensity
from keras_mia.data.image import Image
from keras_mia.data.preprocess.body_mask import body_mask
from keras_mia.tasks.translation.evaluation.score_space import ScoreSpace, stated_range, unit_of
from tests.tasks.translation.images import PICTURES, VOLUMES, smooth

TYPICAL = {"target_intensities": (Intensity(0.0, 900.0, 50.0, 10.0),)}


def head(seed):
    """A volume of air but for its middle."""
    array = np.random.default_rng(seed).uniform(0, 5, (26, 24, 22, 1)).astype(np.float32)
    array[6:20, 5:19, 4:18] = 300 + smooth((14, 14, 14), seed)
    return array


def test_z_scores_within_the_body_are_those_of_scikit_image():
    plan = replace(VOLUMES, target_normalization="body", masked=True, **TYPICAL)
    source, truth = Image(head(0), np.eye(4)), Image(900 - head(1) / 2, np.eye(4))
    prediction = np.random.default_rng(2).normal(50, 10, truth.array.shape).astype(np.float32)
    space = ScoreSpace.of(truth, source, plan)
    scores = space.scores(prediction)

    mask = body_mask(source.array)
    assert 0.19 < mask.mean() < 0.3
    of_target = truth.array[body_mask(truth.array)].astype(float)
    true = (truth.array.astype(float) - of_target.mean()) / of_target.std()
    predicted = (prediction.astype(float) - 50) / 10
    error = (predicted - true)[mask]
    data_range = np.ptp(true[mask])
    _, similar = structural_similarity(
        true[..., 0],
        predicted[..., 0],
        data_range=data_range,
        gaussian_weights=True,
        use_sample_covariance=False,
        full=True,
    )
    assert scores["mae"] == pytest.approx(np.abs(error).mean(), rel=1e-4)
    assert scores["rmse"] == pytest.approx(np.sqrt((error**2).mean()), rel=1e-4)
    psnr = 10 * np.log10(data_range**2 / (error**2).mean())
    assert scores["psnr"] == pytest.approx(psnr, rel=1e-4)
    assert scores["ssim"] == pytest.approx(similar[mask].mean(), abs=1e-4)
    changed = np.where(mask[..., None], prediction, 1e4)
    assert space.scores(changed)["mae"] == scores["mae"], "what is outside does not count"


def test_the_perfect_prediction_in_typical_values_has_no_error():
    """A target's scale is found where training finds it: in what is not empty."""
    plan = replace(VOLUMES, target_normalization="zscore", **TYPICAL)
    array = np.zeros((20, 20, 20, 1), np.float32)
    array[4:16, 3:18, 5:15] = 1 + smooth((12, 15, 10))
    target = np.where(array > 0, 2000 - array, 0).astype(np.float32)
    inside = target[array > 0]
    normalized = (target - inside.mean()) / inside.std()
    space = ScoreSpace.of(Image(target, np.eye(4)), Image(array, np.eye(4)), plan)
    assert space.scores(50 + 10 * normalized)["mae"] == pytest.approx(0, abs=1e-4)


def test_where_values_mean_the_same_they_are_scored_as_they_are():
    truth = Image(smooth((20, 20)))
    space = ScoreSpace.of(truth, truth, PICTURES)
    assert space.mask is None
    assert space.data_range == 1000
    assert space.scores(truth.array + 10)["psnr"] == pytest.approx(40)
    np.testing.assert_array_equal(space.values(truth.array), truth.array)


def test_pictures_of_8_bits_have_a_range_of_255():
    truth = Image(np.full((16, 16, 3), 100, np.uint8))
    for space in (ScoreSpace.plain(truth), ScoreSpace.of(truth, truth, PICTURES)):
        assert space.data_range == 255
        assert space.scores(truth.array + 25.5)["psnr"] == pytest.approx(20)
    constant = ScoreSpace.plain(Image(np.ones((16, 16, 1))))
    assert constant.data_range == 1, "a range of 0 would be none"


def test_volumes_of_8_bits_have_the_range_of_their_values():
    truth = Image(np.arange(4**3, dtype=np.uint8).reshape(4, 4, 4, 1), np.eye(4))
    for space in (ScoreSpace.plain(truth), ScoreSpace.of(truth, truth, VOLUMES)):
        assert space.data_range == 63


def test_range_and_unit_are_stated():
    assert "255 for pictures of 8 bits" in stated_range(None)
    assert "in the body" in stated_range(replace(VOLUMES, masked=True))
    assert unit_of(replace(VOLUMES, target_normalization="ct")) == "HU"
    assert unit_of(replace(VOLUMES, modality="CT")) == "HU"
    assert unit_of(replace(VOLUMES, target_normalization="body")) == "standard deviations"
    assert unit_of(VOLUMES) == ""
