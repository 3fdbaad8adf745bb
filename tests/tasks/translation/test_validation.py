"""By what the best network is chosen."""

from dataclasses import replace

import numpy as np
import pytest

from keras_mia.data.preprocess.case_cache import cache_cases
from keras_mia.tasks.translation.validation import validate
from keras_mia.training import Criterion
from tests.tasks.translation.images import SLICES, VOLUMES, case_of, linear, smooth


@pytest.mark.parametrize("plan", [VOLUMES, SLICES], ids=["3D", "slices"])
def test_it_is_the_error_over_whole_cases(tmp_path, plan):
    plan = replace(plan, normalization="none")
    spaces = (18, 17, 20), (24, 20, 16)
    cases = [
        case_of(tmp_path, str(i), smooth(space, i), smooth(space, i) + 4 * (i + 1))
        for i, space in enumerate(spaces)
    ]
    stored = cache_cases(cases, plan, tmp_path / "cache")
    scores = validate(stored, plan)(linear(plan, added=10.0))
    assert scores["mae"] == pytest.approx((6 + 2) / 2, rel=1e-3)
    assert scores["rmse"] == pytest.approx((6 + 2) / 2, rel=1e-3)
    right = validate(stored[:1], plan)(linear(plan, added=4.0))
    assert np.max(list(right.values())) < 1e-2


@pytest.mark.parametrize(("loss", "score"), [("l2", "rmse"), ("l1", "mae"), ("ssim", "mae")])
def test_it_is_chosen_by_what_it_learns(loss, score):
    criterion = validate([], replace(VOLUMES, loss=loss)).criterion
    assert criterion == Criterion(score, lower_is_better=True)
