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
    paired_comparison,
    roc_auc,
    sign_flip_test,
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
    result = delong_test(truth, first, second)
    areas, p, spread = slow_delong(truth, first, second)
    assert (result.first, result.second) == pytest.approx(areas)
    assert result.first == pytest.approx(sk.roc_auc_score(truth, first))
    assert result.second == pytest.approx(roc_auc(truth, second))
    assert result.difference == pytest.approx(areas[1] - areas[0])
    assert result.p == pytest.approx(p)
    reach = 1.959964 * spread
    assert result.interval.high - result.interval.low == pytest.approx(2 * reach, rel=1e-6)
    exchanged = delong_test(truth, second, first)
    assert exchanged.difference == -result.difference
    assert exchanged.p == pytest.approx(result.p)


def test_delong_of_equal_models_finds_nothing():
    """Where no model is better, one p in twenty is below 0.05."""
    result = [delong_test(*rankings(seed, count=100, gain=0.0)).p for seed in range(300)]
    assert 0.015 < np.mean(np.array(result) < 0.05) < 0.1
    better = [delong_test(*rankings(seed, count=100, gain=1.5)).p for seed in range(50)]
    assert np.mean(np.array(better) < 0.05) > 0.7


def test_delong_where_nothing_varies():
    truth = np.array([0, 0, 1, 1])
    same = delong_test(truth, [1, 2, 3, 4], [1, 2, 5, 9])
    assert same == (1.0, 1.0, 0.0, (0.0, 0.0, "DeLong"), 1.0)
    opposite = delong_test(truth, [1, 2, 3, 4], [4, 3, 2, 1])
    assert (opposite.first, opposite.second) == (1, 0)
    assert math.isnan(opposite.p)
    assert math.isnan(opposite.interval.low)
    assert math.isnan(delong_test([0, 0, 1], [1, 2, 3], [1, 2, 3]).p)
    with pytest.raises(ValueError, match="do not fit"):
        delong_test(truth, [1, 2, 3], [1, 2, 3, 4])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 3), st.integers(0, 3))
def test_mcnemar_is_the_binomial_test(only_first, only_second, both, none):
    truth = np.ones(only_first + only_second + both + none, int)
    first = np.repeat([1, 0, 1, 0], [only_first, only_second, both, none])
    second = np.repeat([0, 1, 1, 0], [only_first, only_second, both, none])
    result = mcnemar_test(truth, first, second)
    assert (result.only_first, result.only_second) == (only_first, only_second)
    if only_first + only_second:
        expected = stats.binomtest(only_first, only_first + only_second, 0.5).pvalue
        assert result.p == pytest.approx(expected)
    else:
        assert result.p == 1


def test_mcnemar_tells_what_does_not_fit():
    with pytest.raises(ValueError, match="do not fit"):
        mcnemar_test([0, 1], [0, 1], [0])


def test_a_pair_shows_what_two_intervals_hide():
    generator = np.random.default_rng(0)
    hard = generator.random(40)
    first = 0.5 + 0.4 * hard
    second = first + 0.01 + generator.normal(0, 0.01, 40)
    patients = np.arange(40)
    result = paired_comparison(first, second, patients)
    assert result.difference == pytest.approx(np.mean(second - first))
    assert 0 < result.interval.low < result.difference < result.interval.high < 0.02
    expected = stats.ttest_rel(second, first).confidence_interval()
    assert result.interval[:2] == pytest.approx(tuple(expected))
    assert result.p == pytest.approx(1 / 10001, abs=2e-4)
    twice = paired_comparison(np.repeat(first, 9), np.repeat(second, 9), np.repeat(patients, 9))
    assert twice.interval[:2] == pytest.approx(result.interval[:2]), "repeats are no new patients"
    assert paired_comparison(first, second, patients) == result
    narrow = paired_comparison(first, second, patients, level=0.5)
    assert np.ptp(narrow.interval[:2]) < np.ptp(result.interval[:2])


def test_any_metric_can_be_compared():
    truth, first, second = rankings(count=80)
    patients = np.arange(80) // 2
    fast = paired_comparison(
        lambda weights: roc_auc(truth, first, weights=weights),
        lambda weights: roc_auc(truth, second, weights=weights),
        patients,
    )
    slow = paired_comparison(
        by_cases(lambda *columns: roc_auc(*columns), truth, first),
        by_cases(lambda *columns: roc_auc(*columns), truth, second),
        patients,
    )
    assert fast.interval[:2] == pytest.approx(slow.interval[:2])
    assert (fast.first, fast.p) == pytest.approx((slow.first, slow.p))
    assert fast.first == pytest.approx(sk.roc_auc_score(truth, first))
    generator = np.random.default_rng(0)
    one, other = generator.dirichlet(np.ones(3), (2, 80))
    classes = generator.integers(3, size=80)

    def kappa(probabilities):
        return lambda w: classification_scores(classes, probabilities, weights=w).mean["kappa"]

    result = paired_comparison(kappa(one), kappa(other), patients, bounds=(-1, 1))
    assert result.interval.low < result.difference < result.interval.high


def test_many_cases_of_a_few_patients_are_no_proof():
    """The paired bootstrap of two patients gave p = 0.001."""
    generator = np.random.default_rng(0)
    first = generator.random(200) * 0.1 + 0.7
    for patients in range(2, 7):
        owners = np.arange(200) % patients
        result = paired_comparison(first, first + 0.1, owners)
        assert result.p == pytest.approx(2 / 2**patients)
    assert math.isnan(paired_comparison(first, first + 0.1, ["a"] * 200).p)


def test_a_patient_of_most_cases_is_one_patient_all_the_same():
    """By pseudo-values, which are taken from the mean, equal models differed in 0.38 of these."""
    generator = np.random.default_rng(0)
    owners = np.repeat(np.arange(10), [1] * 9 + [50])
    p = []
    for _ in range(400):
        differences = generator.normal(size=(2, 10))[:, owners]
        first, second = 0.5 + 0.05 * differences + 0.02 * generator.normal(size=(2, 59))
        p.append(paired_comparison(first, second, owners).p)
    assert np.mean(np.array(p) <= 0.05) <= 0.09


def test_two_models_that_do_not_differ():
    values = np.random.default_rng(0).random(20)
    same = paired_comparison(values, values, range(20))
    assert (same.difference, same.p) == (0, 1)
    assert math.isnan(same.interval.low), "no difference among these is no proof for others"
    alone = paired_comparison(values, values + 1, ["a"] * 20)
    assert alone.difference == pytest.approx(1)
    assert math.isnan(alone.p)
    for few in ([], [np.nan, np.nan]):
        none = paired_comparison(few, few, range(len(few)))
        assert math.isnan(none.difference)
        assert math.isnan(none.p)
    with pytest.raises(ValueError, match="do not fit"):
        paired_comparison(values, values[1:], range(20))


def test_only_cases_that_both_models_have_are_compared():
    """A model that misses the hard half is not the better one for it."""
    far = np.linspace(1, 20, 20)
    other = np.where(np.arange(20) < 10, far + 0.5, np.nan)
    for undefined in (np.nan, np.inf):
        other = np.where(np.arange(20) < 10, far + 0.5, undefined)
        result = paired_comparison(far, other, range(20), bounds=(0, np.inf))
        assert result.first == pytest.approx(far[:10].mean())
        assert result.difference == pytest.approx(0.5)


def test_the_interval_of_a_difference_stays_within_the_scores():
    first, second = [0.0, 0.0, 1.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0, 1.0]
    result = paired_comparison(first, second, range(5))
    assert result.interval.high == 1
    assert result.interval.low > -1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=2, max_size=10))
def test_flipped_signs_are_those_of_scipy(differences):
    differences = np.array(differences, float)
    expected = stats.permutation_test(
        (differences, np.zeros_like(differences)),
        lambda x, y, axis: np.mean(x - y, axis=axis),
        permutation_type="samples",
        n_resamples=np.inf,
        vectorized=True,
    )
    assert sign_flip_test(differences) == pytest.approx(expected.pvalue)


def test_ones_and_zeros_with_flipped_signs_are_mcnemars_test():
    truth = np.ones(12, int)
    first, second = np.repeat([1, 0, 1], [2, 7, 3]), np.repeat([0, 1, 1], [2, 7, 3])
    expected = mcnemar_test(truth, first, second).p
    assert sign_flip_test((second - first).astype(float)) == pytest.approx(expected)
    many = np.repeat([1.0, -1.0, 0.0], [20, 8, 30])
    expected = stats.binomtest(8, 28).pvalue
    assert sign_flip_test(many) == pytest.approx(expected, abs=0.01), "by random signs"
