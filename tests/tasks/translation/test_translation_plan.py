"""From a case to the image that a network is given, and to that which it is to make."""

from dataclasses import replace

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.image import Image
from keras_mia.tasks.patches.ensemble import view_options
from tests.tasks.translation.images import PICTURES, case_of, smooth


def test_a_case_is_always_made_worse_in_the_same_way(tmp_path):
    plan = replace(PICTURES, degradation="noise", degradation_options={"level": 0.1})
    one, other = (case_of(tmp_path, name, smooth((24, 24))) for name in "ab")
    first = plan.source(one).array
    np.testing.assert_array_equal(first, plan.source(one).array)
    assert (first != plan.source(other).array).mean() > 0.99
    np.testing.assert_array_equal(plan.truth(one).array, one.image().array)
    assert plan.source_key(one) != plan.source_key(other)


def test_images_that_are_made_worse_are_not_turned():
    plan = replace(PICTURES, rotation_deg=(180.0,), flip=(0, 1))
    assert view_options(plan) == {"mirror": (0, 1), "transpose": (0, 1)}
    worse = replace(plan, degradation="undersampling")
    assert view_options(worse) == {"mirror": (0, 1), "transpose": None}


def test_all_images_of_a_size_lack_the_same_lines():
    plan = replace(PICTURES, degradation="undersampling", degradation_options={"axis": 1})
    images = [plan.degraded(Image(smooth((20, 24), i)), str(i)).array for i in range(2)]
    lacking = [np.abs(np.fft.fft(image[..., 0], axis=1)).max(0) < 0.1 for image in images]
    np.testing.assert_array_equal(*lacking)
    assert 0.5 < lacking[0].mean() < 0.8


def test_of_pairs_both_are_as_they_were_read(tmp_path):
    case = case_of(tmp_path, "a", smooth((20, 20)), smooth((20, 20), 1))
    np.testing.assert_array_equal(PICTURES.source(case).array, smooth((20, 20)))
    np.testing.assert_array_equal(PICTURES.truth(case).array, smooth((20, 20), 1))
    assert PICTURES.source_key(case) == ("None", "")


def test_a_target_of_other_channels_is_named(tmp_path):
    case = case_of(tmp_path, "a", smooth((20, 20)), smooth((20, 20), channels=2))
    with pytest.raises(Problem, match="2 channels, the plan is for 1") as caught:
        PICTURES.truth(case)
    assert "a.npy" in str(caught.value.where)
