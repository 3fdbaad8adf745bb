"""Values that outputs can have, noise of each channel, and scores that have one unit."""

from dataclasses import replace

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.augment.degradations import Noise, degrade
from keras_mia.data.fingerprint.intensity import Intensity
from keras_mia.data.io.image_io import write_image
from keras_mia.data.preprocess.case_cache import cache_cases
from keras_mia.data.preprocess.normalize import Scale
from keras_mia.tasks.translation.cases.pairs import check_alone
from keras_mia.tasks.translation.cases.target_facts import read_target_facts
from keras_mia.tasks.translation.evaluation.run_evaluation import pool
from keras_mia.tasks.translation.predictor import Predictor
from keras_mia.tasks.translation.training_stream import fresh_noise
from tests.tasks.translation.images import PICTURES, VOLUMES, case_of, cases_of, linear, smooth

CT = replace(
    VOLUMES,
    target_normalization="ct",
    target_intensities=(Intensity(28, 910, 400, 200, floors=(-1024.0, -1003.0)),),
    residual=False,
)


def head(tmp_path):
    """MR of a head in a background of 0, and its CT with air and dense bone."""
    image = np.zeros((24, 24, 24, 1), np.float32)
    image[4:20, 4:20, 4:20] = smooth((16, 16, 16)) + 1
    target = np.where(image > 0, image, -1003.0).astype(np.float32)
    target[10:12, 10:12, 10:12] = 2500
    return case_of(tmp_path, "a", image, target)


def test_ct_targets_are_not_clipped(tmp_path):
    case = head(tmp_path)
    (stored,) = cache_cases([case], CT, tmp_path / "cache")
    learnt = Scale((400.0,), (200.0,)).undo(np.asarray(stored.target))
    assert learnt.max() == pytest.approx(2500)


def test_air_is_made_where_images_hold_nothing(tmp_path):
    image = head(tmp_path).image()
    made = Predictor(linear(CT), CT, mirror=False)(image)
    assert made[0, 0, 0, 0] == -1024
    shared = Predictor(linear(VOLUMES), VOLUMES, mirror=False)(image)
    assert shared[0, 0, 0, 0] == 0


def test_facts_hold_the_ends_of_whole_targets(tmp_path):
    facts = read_target_facts(head(tmp_path))
    assert facts.extremes == ((-1003.0, 2500.0),)
    assert facts.channels == facts.target_channels == 1


def test_each_channel_has_noise_of_its_own_range(tmp_path):
    image = smooth((32, 32), channels=2) * np.array([1.0, 0.01], np.float32)
    noise = degrade(image, [Noise(0.1)], [1]) - image
    np.testing.assert_allclose(noise.std((0, 1)), [80, 0.8], rtol=0.3)
    plan = replace(
        PICTURES, channels=2, target_channels=2, degradation="noise", degradation_options={}
    )
    (stored,) = cache_cases([case_of(tmp_path, "a", image)], plan, tmp_path / "cache")
    target, prepared = np.asarray(stored.target), np.asarray(stored.image)
    fresh = fresh_noise(plan)(stored, prepared, target, np.random.default_rng(0))
    ratio = (fresh - target).std((0, 1)) / (prepared - target).std((0, 1))
    np.testing.assert_allclose(ratio, 1, rtol=0.15)


def test_a_scale_of_other_channels_is_refused():
    with pytest.raises(ValueError, match="2 channels, an image of 1"):
        Scale((0.0, 0.0), (1.0, 1.0)).apply(np.zeros((3, 3, 1)))


def test_folds_of_several_units_are_not_pooled(tmp_path):
    plans = [PICTURES, replace(PICTURES, target_normalization="zscore")]
    with pytest.raises(Problem, match="no common unit"):
        pool(plans, [tmp_path / "fold_1", tmp_path / "fold_2"])


def test_pairs_are_not_taken_for_images_alone(tmp_path):
    for number in range(6):
        folder = tmp_path / "AB"[number % 2]
        write_image(folder / f"{number // 2}.npy", smooth((20, 20), number))
    with pytest.raises(Problem, match="3 pairs"):
        check_alone(replace(cases_of(), source=str(tmp_path)))
    check_alone(replace(cases_of(), source=str(tmp_path / "B")))
