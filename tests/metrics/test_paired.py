"""Comparing two models: against slow twins, scipy, and what chance alone does."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as sk

from keras_mia.metrics import (
    by_cases,
    classification_scores,
    delong_test,
    mcnemar_test,
    paired_bootstrap,
    roc_auc,
)


def rankings(seed=0, count=60, gain=0.5):
    generator = np.random.default_rng(seed)
    truth = np.tile([0, 1, 1, 0, 0], count // 5)
    common = truth + generator.normal(0, 1, count)
    first = common + generator.normal(0, 1, count)
    second = common + gain * truth + generator.normal(0, 1, count)
    return truth, np.round(first, 1), np.round(second, 1)  # with ties


def slow_delong(truth, first, second):
    """By the definition: every positive case against every negative one."""
    sick, well = np.flatnonzero(truth == 1), np.flatnonzero(truth == 0)
    kernels = [
        np.array([[(m[i] > m[j]) + (m[i] == m[j]) / 2 for j in well] for i in sick])
        for m in (first, second)
    ]
    areas = [kernel.mean() for kernel in kernels]
    of_sick = np.cov([kernel.mean(axis=1) for kernel in kernels])
    of_well = np.cov([kernel.mean(axis=0) for kernel in kernels])
    covariance = of_sick / len(sick) + of_well / len(well)
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    z = (areas[1] - areas[0]) / math.sqrt(variance)
    return areas, 2 * stats.norm.sf(abs(z)), math.sqrt(variance)


@pytest.mark.parametrize("seed", range(8))
def test_delong_is_its_slow_twin(seed):
    truth, first, second = rankings(seed)
    found = delong_test(truth, first, second)
    areas, p, spread = slow_delong(truth, first, second)
    assert (found.first, found.second) == pytest.approx(areas)
    assert found.first == pytest.approx(sk.roc_auc_score(truth, first))
    assert found.second == pytest.approx(roc_auc(truth, second))
    assert found.difference == pytest.approx(areas[1] - areas[0])
    assert found.p == pytest.approx(p)
    reach = 1.959964 * spread
    assert np.diff(found.interval) == pytest.approx(2 * reach, rel=1e-6)
    turned = delong_test(truth, second, first)
    assert turned.difference == -found.difference
    assert turned.p == pytest.approx(found.p)


def test_delong_of_equal_models_finds_nothing():
    """Where no model is better, one p in twenty is below 0.05."""
    found = [delong_test(*rankings(seed, count=100, gain=0.0)).p for seed in range(300)]
    assert 0.015 < np.mean(np.array(found) < 0.05) < 0.1
    better = [delong_test(*rankings(seed, count=100, gain=1.5)).p for seed in range(50)]
    assert np.mean(np.array(better) < 0.05) > 0.7


def test_delong_where_nothing_varies():
    truth = np.array([0, 0, 1, 1])
    same = delong_test(truth, [1, 2, 3, 4], [1, 2, 5, 9])
    assert same == (1.0, 1.0, 0.0, (0.0, 0.0), 1.0)
    apart = delong_test(truth, [1, 2, 3, 4], [4, 3, 2, 1])
    assert (apart.first, apart.second) == (1, 0)
    assert math.isnan(apart.p)
    assert all(map(math.isnan, apart.interval))
    assert math.isnan(delong_test([0, 0, 1], [1, 2, 3], [1, 2, 3]).p)
    with pytest.raises(ValueError, match="do not fit"):
        delong_test(truth, [1, 2, 3], [1, 2, 3, 4])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 3), st.integers(0, 3))
def test_mcnemar_is_the_binomial_test(only_first, only_second, both, none):
    truth = np.ones(only_first + only_second + both + none, int)
    first = np.repeat([1, 0, 1, 0], [only_first, only_second, both, none])
    second = np.repeat([0, 1, 1, 0], [only_first, only_second, both, none])
    found = mcnemar_test(truth, first, second)
    assert (found.only_first, found.only_second) == (only_first, only_second)
    if only_first + only_second:
        expected = stats.binomtest(only_first, only_first + only_second, 0.5).pvalue
        assert found.p == pytest.approx(expected)
    else:
        assert found.p == 1


def test_mcnemar_tells_what_does_not_fit():
    with pytest.raises(ValueError, match="do not fit"):
        mcnemar_test([0, 1], [0, 1], [0])


def test_the_paired_bootstrap_sees_what_two_intervals_hide():
    generator = np.random.default_rng(0)
    hard = generator.random(40)
    first = 0.5 + 0.4 * hard
    second = first + 0.01 + generator.normal(0, 0.01, 40)
    patients = np.arange(40)
    found = paired_bootstrap(first, second, patients)
    assert found.difference == pytest.approx(np.mean(second - first))
    assert 0 < found.interval[0] < found.difference < found.interval[1] < 0.02
    assert found.p == pytest.approx(2 / 2001)
    twice = paired_bootstrap(np.repeat(first, 9), np.repeat(second, 9), np.repeat(patients, 9))
    assert twice.interval == pytest.approx(found.interval), "cases of a patient are no new ones"
    assert paired_bootstrap(first, second, patients) == found
    assert paired_bootstrap(first, second, patients, seed=1) != found
    narrow = paired_bootstrap(first, second, patients, level=0.5)
    assert np.ptp(narrow.interval) < np.ptp(found.interval)


def test_the_paired_bootstrap_takes_any_metric():
    truth, first, second = rankings(count=80)
    patients = np.arange(80) // 2
    fast = paired_bootstrap(
        lambda weights: roc_auc(truth, first, weights=weights),
        lambda weights: roc_auc(truth, second, weights=weights),
        patients,
        samples=150,
    )
    slow = paired_bootstrap(
        by_cases(sk.roc_auc_score, truth, first),
        by_cases(sk.roc_auc_score, truth, second),
        patients,
        samples=150,
    )
    assert fast.interval == pytest.approx(slow.interval)
    assert (fast.first, fast.p) == pytest.approx((slow.first, slow.p))
    generator = np.random.default_rng(0)
    one, other = generator.dirichlet(np.ones(3), (2, 80))
    classes = generator.integers(3, size=80)

    def kappa(probabilities):
        return lambda w: classification_scores(classes, probabilities, weights=w).mean["kappa"]

    found = paired_bootstrap(kappa(one), kappa(other), patients, samples=200)
    assert found.interval[0] < found.difference < found.interval[1]


def test_the_paired_bootstrap_of_no_difference():
    values = np.random.default_rng(0).random(20)
    same = paired_bootstrap(values, values, range(20))
    assert (same.difference, same.interval, same.p) == (0, (0, 0), 1)
    alone = paired_bootstrap(values, values + 1, ["a"] * 20)
    assert alone.difference == pytest.approx(1)
    assert math.isnan(alone.p)
    holes = np.where(np.arange(20) % 3, values, np.nan)
    assert paired_bootstrap(holes, values, range(20)).first == pytest.approx(np.nanmean(holes))
    with pytest.raises(ValueError, match="do not fit"):
        paired_bootstrap(values, values[1:], range(20))
