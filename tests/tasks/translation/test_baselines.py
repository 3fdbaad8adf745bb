"""What can be made of an image without a network."""

import math
from dataclasses import replace

import numpy as np
import pytest

from keras_mia.data.fingerprint.intensity import Intensity
from keras_mia.data.image import Image
from keras_mia.tasks.translation.evaluation.baselines import baselines, mean_image
from keras_mia.tasks.translation.evaluation.score_space import ScoreSpace
from keras_mia.tasks.translation.identity import identity
from tests.tasks.translation.images import PICTURES, VOLUMES, case_of, smooth

OPTIONS = {"noise": {"level": 0.1}, "blur": {"sigma": 1.0}, "resolution": {}, "undersampling": {}}


def worse(degradation, base=PICTURES, **options):
    options = options or OPTIONS[degradation]
    return replace(base, degradation=degradation, degradation_options=options)


def blocks(space, seed=0):
    """Flat areas with edges between them."""
    return 100.0 + 400 * (smooth(space, seed) > 500) + 200 * (smooth(space, seed + 9) > 600)


def scored(plan, case, names):
    source, truth = plan.source(case), plan.truth(case)
    space, made = ScoreSpace.of(truth, source, plan), baselines([case], plan)
    return [space.scores(made[name](source)) for name in names]


@pytest.mark.parametrize(
    ("degradation", "names"),
    [
        ("noise", ["identity", "mean training image", "non-local means"]),
        ("blur", ["identity", "mean training image", "Wiener filter"]),
        ("resolution", ["cubic interpolation", "mean training image"]),
        ("undersampling", ["zero filling", "mean training image"]),
        (None, ["identity", "mean training image"]),
    ],
)
def test_they_are_those_of_the_degradation(tmp_path, degradation, names):
    case = case_of(tmp_path, "a", smooth((24, 24)), smooth((24, 24), 1))
    plan = worse(degradation) if degradation else PICTURES
    assert list(baselines([case], plan)) == names


def test_the_identity_has_the_psnr_that_follows_from_the_noise(tmp_path):
    image = smooth((64, 64))
    low, high = np.percentile(image, [1, 99])
    (scores,) = scored(worse("noise"), case_of(tmp_path, "a", image), ["identity"])
    expected = 20 * math.log10(np.ptp(image) / (0.1 * (high - low)))
    assert scores["psnr"] == pytest.approx(expected, abs=0.2)


@pytest.mark.parametrize(
    ("degradation", "options", "name", "gain"),
    [
        ("noise", {"level": 0.1}, "non-local means", 3.0),
        ("noise", {"level": 0.1, "kind": "rician"}, "non-local means", 3.0),
        ("blur", {"sigma": 1.5}, "Wiener filter", 1.0),
    ],
)
@pytest.mark.parametrize("space", [(48, 44), (20, 18, 16)], ids=["2D", "3D"])
def test_the_filter_is_better_than_nothing(tmp_path, space, degradation, options, name, gain):
    plan = worse(degradation, PICTURES if len(space) == 2 else VOLUMES, **options)
    case = case_of(tmp_path, "a", blocks(space).astype(np.float32))
    nothing, filtered = scored(plan, case, ["identity", name])
    assert filtered["psnr"] > nothing["psnr"] + gain


def test_a_volume_of_one_slice_is_filtered_as_a_picture(tmp_path):
    image = blocks((48, 44)).astype(np.float32)[:, None]
    plan = worse("noise", VOLUMES)
    nothing, filtered = scored(plan, case_of(tmp_path, "a", image), ["identity", "non-local means"])
    assert filtered["psnr"] > nothing["psnr"] + 3


def test_the_mean_image_is_brought_to_centre_and_extent(tmp_path):
    plan = replace(VOLUMES, normalization="none")
    ball = 1 + smooth((12, 12, 12))
    cases = [case_of(tmp_path, str(i), ball, ball * factor) for i, factor in enumerate((1, 3))]
    around = np.zeros((30, 24, 20, 1), np.float32)
    around[10:22, 5:17, 4:16] = ball
    made = mean_image(cases, plan)(Image(around, np.eye(4)))
    np.testing.assert_allclose(made, 2 * around, rtol=1e-4)
    wide = np.zeros((30, 24, 20, 1), np.float32)
    wide[3:27, 5:17, 4:16] = 7.0
    made = mean_image(cases, plan)(Image(wide, np.eye(4)))
    assert (made[:3] == 0).all()
    assert made[3:27, 5:17, 4:16].mean() == pytest.approx(2 * ball.mean(), rel=0.05)


def test_where_targets_have_a_scale_of_their_own_the_identity_has_it():
    typical = (Intensity(0.0, 1.0, 70.0, 5.0),)
    plan = replace(PICTURES, target_normalization="zscore", target_intensities=typical)
    for channels in (1, 2):
        made = identity(
            Image(smooth((20, 20), channels=channels)), replace(plan, channels=channels)
        )
        assert made.shape == (20, 20, 1)
        assert (made.mean(), made.std()) == pytest.approx((70, 5), abs=0.01)


def test_channels_that_the_target_has_not_are_averaged():
    image = smooth((20, 20), channels=2)
    made = identity(Image(image), replace(PICTURES, channels=2, target_channels=3))
    np.testing.assert_allclose(made, np.repeat(image.mean(-1, keepdims=True), 3, -1), rtol=1e-5)
