"""Scores of numbers against scikit-learn and scipy."""

import math
import warnings

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sk

from keras_mia.metrics import agreement_intervals, agreement_scores, confidence_interval


def numbers(seed=0, count=50):
    generator = np.random.default_rng(seed)
    truth = np.round(generator.normal(60, 10, count))
    return truth, np.round(truth + generator.normal(1, 5, count))  # with ties


@pytest.mark.parametrize("seed", range(5))
def test_they_are_those_of_scikit_learn_and_scipy(seed):
    truth, guess = numbers(seed)
    error = guess - truth
    bias, deviation = error.mean(), error.std(ddof=1)
    expected = {
        "mae": sk.mean_absolute_error(truth, guess),
        "rmse": sk.root_mean_squared_error(truth, guess),
        "r2": sk.r2_score(truth, guess),
        "pearson": stats.pearsonr(truth, guess).statistic,
        "spearman": stats.spearmanr(truth, guess).statistic,
        "bias": bias,
        "limit_low": bias - 1.96 * deviation,
        "limit_high": bias + 1.96 * deviation,
    }
    assert agreement_scores(truth, guess) == pytest.approx(expected)


def test_a_case_that_is_not_known_does_not_count():
    truth, guess = numbers()
    holes = np.where(np.arange(50) % 4, truth, np.nan)
    is_known = ~np.isnan(holes)
    assert agreement_scores(holes, guess) == agreement_scores(truth[is_known], guess[is_known])
    patients = np.arange(50)
    assert agreement_intervals(holes, guess, patients) == agreement_intervals(
        truth[is_known], guess[is_known], patients[is_known]
    )


def test_what_is_undefined_is_nan():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        flat = agreement_scores([0.1] * 7, [0.1, 0.2, 0.3, 0.1, 0.2, 0.3, 0.4])
        one = agreement_scores([1.0], [2.0])
        none = agreement_scores([], [])
    undefined = {name for name, value in flat.items() if math.isnan(value)}
    assert undefined == {"r2", "pearson", "spearman"}
    assert one["bias"] == one["mae"] == 1
    assert math.isnan(one["limit_low"])
    assert all(map(math.isnan, none.values()))
    steady = agreement_scores([0.1, 0.2, 0.3], [0.4, 0.5, 0.6])
    assert steady["limit_low"] == pytest.approx(0.3) == steady["limit_high"]
    for truth, guess, message in (
        ([1.0], [1.0, 2.0], "do not fit"),
        ([1.0], [math.nan], "not a number"),
    ):
        with pytest.raises(ValueError, match=message):
            agreement_scores(truth, guess)


def test_intervals_are_over_patients():
    truth, guess = numbers()
    patients = np.arange(50)
    result = agreement_intervals(truth, guess, patients)
    scores = agreement_scores(truth, guess)
    for name, (low, high, method) in result.items():
        assert low < scores[name] < high, name
        assert not str(method).startswith("none")
    error = np.abs(guess - truth)
    expected = confidence_interval(error, patients, bounds=(0, np.inf))
    assert (result["mae"].low, result["mae"].high) == pytest.approx(expected[:2])
    ninefold = agreement_intervals(*(np.repeat(x, 9) for x in (truth, guess, patients)))
    assert ninefold["mae"].low == pytest.approx(float(result["mae"].low)), (
        "repeats are no new cases"
    )


def test_few_patients_have_only_the_intervals_that_hold():
    truth, guess = numbers(count=8)
    result = agreement_intervals(truth, guess, range(8))
    without = {name for name, one in result.items() if np.isnan(one.low)}
    assert without == {"rmse", "r2", "limit_low", "limit_high"}
    assert "fewer than 20 patients" in str(result["rmse"].method)
    assert -1 <= result["pearson"].low < result["pearson"].high <= 1
