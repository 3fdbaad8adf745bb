"""Scores of images, against scikit-image and against sums that are written out."""

import math

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from keras_mia.metrics.image_quality import image_quality_scores

GENERATOR = np.random.default_rng(0)


def pair(space, channels=1):
    truth = GENERATOR.uniform(0, 100, (*space, channels))
    return truth, truth + GENERATOR.normal(0, 5, truth.shape)


@pytest.mark.parametrize("space", [(40,), (30, 24), (16, 14, 12)])
def test_scores_are_those_of_scikit_image(space):
    truth, prediction = pair(space)
    found = image_quality_scores(truth, prediction, data_range=100.0)
    assert found["psnr"] == pytest.approx(
        peak_signal_noise_ratio(truth, prediction, data_range=100.0)
    )
    _, whole = structural_similarity(
        *(one[..., 0] for one in (truth, prediction)),
        data_range=100.0,
        gaussian_weights=True,
        use_sample_covariance=False,
        full=True,
    )
    assert found["ssim"] == pytest.approx(whole.mean())
    assert found["mae"] == pytest.approx(sum(abs(truth - prediction).ravel()) / truth.size)


def test_only_the_mask_counts():
    truth, prediction = pair((32, 32))
    mask = np.zeros((32, 32), bool)
    mask[8:20, 10:30] = True
    changed = np.where(mask[..., None], prediction, 1e6)
    inside = image_quality_scores(truth, changed, data_range=100.0, mask=mask)
    error = (prediction - truth)[mask]
    assert inside["mae"] == pytest.approx(np.abs(error).mean())
    assert inside["psnr"] == pytest.approx(10 * np.log10(100.0**2 / (error**2).mean()))


def test_volumes_of_few_slices_are_taken_slice_by_slice():
    truth, prediction = pair((24, 20, 4), 2)
    found = image_quality_scores(truth, prediction, data_range=100.0)
    slices = [
        image_quality_scores(
            truth[:, :, z, c, None], prediction[:, :, z, c, None], data_range=100.0
        )
        for z in range(4)
        for c in range(2)
    ]
    assert found["ssim"] == pytest.approx(np.mean([one["ssim"] for one in slices]))


def test_what_is_equal_empty_or_tiny():
    truth, _ = pair((16, 16))
    equal = image_quality_scores(truth, truth, data_range=100.0)
    assert equal == {"mae": 0.0, "rmse": 0.0, "psnr": math.inf, "ssim": pytest.approx(1.0)}
    nothing = np.zeros((16, 16), bool)
    empty = image_quality_scores(truth, truth, data_range=1.0, mask=nothing)
    assert all(math.isnan(score) for score in empty.values())
    small = image_quality_scores(truth[:5, :5], truth[:5, :5] + 1, data_range=1.0)
    assert math.isnan(small["ssim"])
    assert small["psnr"] == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prediction": np.zeros((4, 4, 1))}, "shape"),
        ({"data_range": 0.0}, "above 0"),
        ({"data_range": math.nan}, "above 0"),
        ({"truth": np.full((16, 16, 1), np.nan)}, "finite"),
        ({"mask": np.ones((3, 3))}, "mask"),
    ],
)
def test_what_cannot_be_scored_is_refused(change, message):
    image = np.zeros((16, 16, 1))
    given = {"truth": image, "prediction": image, "data_range": 1.0, "mask": None} | change
    with pytest.raises(ValueError, match=message):
        image_quality_scores(
            given["truth"],
            given["prediction"],
            data_range=given["data_range"],
            mask=given["mask"],
        )
