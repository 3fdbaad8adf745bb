"""What is said of many cases: intervals, the area under the curve, the trivial answers."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from keras_mia.metrics import (
    PooledAreas,
    PooledAUC,
    confidence_interval,
    most_frequent,
    otsu_is_bright,
    otsu_prediction,
)


def test_patients_count_not_cases():
    values = np.repeat([0.6, 0.7, 0.8, 0.9], 25)
    by_patient = confidence_interval(values, np.repeat(list("abcd"), 25))
    by_case = confidence_interval(values, range(100))
    assert by_patient[:2] == pytest.approx(confidence_interval([0.6, 0.7, 0.8, 0.9], "abcd")[:2])
    assert np.ptp(by_case[:2]) < np.ptp(by_patient[:2]) / 3


def test_an_interval_leaves_out_what_is_undefined():
    values, patients = [0.5, math.nan, 0.7, 0.9], ["a", "a", "b", "c"]
    assert confidence_interval(values, patients) == confidence_interval([0.5, 0.7, 0.9], "abc")
    with pytest.raises(ValueError, match="do not pair"):
        confidence_interval([0.5, 0.6], "a")


def test_an_interval_takes_its_level():
    values = np.random.default_rng(0).random(30)
    wide, narrow = (confidence_interval(values, range(30), level=level) for level in (0.95, 0.5))
    assert wide.low < narrow.low < values.mean() < narrow.high < wide.high
    assert confidence_interval(values, range(30)) == wide


def test_the_area_is_that_of_scikit_learn():
    generator = np.random.default_rng(0)
    truth = generator.random(50000) < 0.1
    guess = np.clip(generator.normal(0.3 + 0.2 * truth, 0.2), 0, 1).astype("float32")
    area = PooledAUC()
    for part in np.array_split(np.arange(50000), 3):
        area.add(guess[part].reshape(-1, 1), truth[part].reshape(-1, 1))
    assert area.value() == pytest.approx(roc_auc_score(truth, guess), abs=1e-4)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10), st.booleans()), min_size=2))
def test_the_area_is_exact_for_quantized_probabilities(voxels):
    guess, truth = map(np.array, zip(*voxels, strict=True))
    area = PooledAUC(bins=11)
    area.add(guess / 10, truth)
    if truth.all() or not truth.any():
        assert math.isnan(area.value())
    else:
        assert area.value() == pytest.approx(roc_auc_score(truth, guess), abs=1e-12)


def test_the_area_takes_half_precision_and_tells_what_is_no_probability():
    area = PooledAUC()
    area.add(np.array([0.25, 0.5], np.float16), np.array([0, 1]))
    area.add(np.zeros(0), np.zeros(0))
    assert area.value() == 1
    for wrong in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="0 to 1"):
            area.add(np.array([wrong, 0.5]), np.array([0, 1]))
    with pytest.raises(ValueError, match="truth"):
        area.add(np.zeros(2), np.zeros(3))


def test_what_adding_up_left_above_one_is_one():
    area = PooledAUC()
    area.add(np.array([1.0000004, -1e-9, 0.5], np.float32), np.array([1, 0, 0]))
    assert area.value() == 1


def test_otsu_finds_the_bright_or_dark_side():
    generator = np.random.default_rng(0)
    truth = np.zeros((20, 20), bool)
    truth[5:12, 4:15] = True
    image = (3 * truth + generator.normal(0, 0.3, (20, 20)))[..., None]
    assert otsu_is_bright([(image, truth)])
    assert not otsu_is_bright([(-image, truth)])
    result = otsu_prediction(image, bright=True, structure=2)
    assert set(np.unique(result)) == {0, 2}
    assert np.mean((result == 2) != truth) < 0.01
    assert np.mean((otsu_prediction(-image, bright=False) == 1) != truth) < 0.01
    assert not otsu_prediction(np.full((4, 4, 1), 7), bright=False).any()


def test_the_most_frequent_class():
    assert most_frequent({2: 5, 0: 3, 1: 5}) == 1


def test_areas_of_parts_are_those_of_the_whole(monkeypatch):
    monkeypatch.setattr(PooledAreas, "WAITING", 50)
    generator = np.random.default_rng(0)
    truth, chances = generator.integers(0, 3, 200), generator.dirichlet(np.ones(3), 200)
    areas, memory = PooledAreas(3), np.empty((8, 3))
    for start in range(0, 200, 8):
        memory[:] = chances[start : start + 8]
        areas.add(memory, truth[start : start + 8])
    for index, result in enumerate(areas.values(), 1):
        area = PooledAUC()
        area.add(chances[:, index], truth == index)
        assert result == area.value()
