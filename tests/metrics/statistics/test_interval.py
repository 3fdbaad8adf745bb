"""Intervals of any score of cases: patients are left out, and weights say which cases count."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sk

from keras_mia.metrics import (
    agreement_scores,
    by_cases,
    class_intervals,
    classification_scores,
    confidence_interval,
    confidence_intervals,
    multilabel_scores,
    roc_auc,
)
from keras_mia.metrics.statistics.interval import mean_score
from keras_mia.metrics.statistics.jackknife import jackknife

PATIENTS = [*"aaabbcdddde"]


def cases(seed=0, count=11, classes=3):
    generator = np.random.default_rng(seed)
    probabilities = generator.integers(1, 5, (count, classes)).astype(float)  # with ties
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return generator.integers(classes, size=count), probabilities


def test_each_patient_is_left_out_with_all_cases():
    values = np.random.default_rng(0).random(11)
    result = jackknife(lambda weights: {"mean": mean_score(values)(weights)}, PATIENTS)
    for index, patient in enumerate("abcde"):
        rest = [value for value, owner in zip(values, PATIENTS, strict=True) if owner != patient]
        assert result.without["mean"][index] == pytest.approx(np.mean(rest))
    assert result.patients == result.support["mean"] == 5
    sums = [values[[owner == patient for owner in PATIENTS]].sum() for patient in "abcde"]
    assert result.contribution("mean") == pytest.approx(np.array(sums) / 11)


def test_many_patients_are_left_out_in_groups_and_memory_is_bounded(monkeypatch):
    sizes = []

    def scores(weights):
        sizes.append(weights.size)
        return {"mean": mean_score(values)(weights)}

    values = np.random.default_rng(0).random(3000)
    monkeypatch.setattr("keras_mia.metrics.statistics.jackknife.CHUNK", 10 * 3000)
    result = jackknife(scores, range(3000))
    assert max(sizes) == 10 * 3000
    assert len(result.without["mean"]) == 1000
    assert result.variance("mean") == pytest.approx(values.var(ddof=1) / 3000, rel=0.1)
    assert jackknife(scores, range(3000)).variance("mean") == result.variance("mean")


@pytest.mark.parametrize(
    ("truth", "expected"),
    [([0, 1, 1, 1, 1], 3.2), ([0, 0, 0, 1, 1, 1], 6.0), ([0] * 8 + [1] * 2, 6.4)],
)
def test_an_area_rests_on_the_patients_of_both_kinds(truth, expected):
    guess = np.linspace(0, 1, len(truth))
    result = jackknife(
        lambda weights: {"auc": roc_auc(truth, guess, weights=weights)}, range(len(truth))
    )
    assert result.support["auc"] == pytest.approx(expected), "4 m n / (m + n)"
    assert result.pairwise["auc"]


def test_an_area_rests_on_patients_with_cases_of_one_kind_or_both():
    truth, guess = np.array([0, 1, 0, 0, 1, 1]), np.linspace(0, 1, 6)
    result = jackknife(lambda w: {"auc": roc_auc(truth, guess, weights=w)}, "aabcde")
    assert result.support["auc"] == pytest.approx(1 + 4 * 2 * 2 / 4)


def test_a_spread_rests_on_patients_of_one_case_or_several():
    truth, guess = np.arange(9.0), np.arange(9.0)[::-1] ** 2
    result = jackknife(lambda w: agreement_scores(truth, guess, weights=w), "aabcdefgh")
    assert result.support["limit_low"] == result.support["r2"] == result.support["mae"] == 8
    assert not result.pairwise["r2"]


def test_a_sensitivity_rests_on_the_positive_patients():
    truth, guess = np.array([1, 1, 0, 0, 0]), np.array([[0.2, 0.8]] * 5)
    result = jackknife(
        lambda weights: classification_scores(truth, guess, weights=weights).mean, range(5)
    )
    assert result.support["sensitivity"] == 2
    assert result.support["specificity"] == 3
    assert result.support["accuracy"] == 5
    assert not result.pairwise["sensitivity"]


def test_a_correlation_compares_any_two():
    truth, guess = np.arange(6.0), np.array([0.0, 2, 1, 3, 5, 4])
    result = jackknife(lambda weights: agreement_scores(truth, guess, weights=weights), range(6))
    assert result.support["pearson"] == 6
    assert not result.pairwise["pearson"]


def repeated(weights):
    return np.repeat(np.arange(len(weights)), weights.astype(int))


@pytest.mark.parametrize("seed", range(8))
def test_a_weight_is_a_repeated_case(seed):
    """What one call says of many draws is what each draw's own cases say."""
    truth, probabilities = cases(seed)
    labels = np.random.default_rng(seed).integers(-1, 2, (11, 3))
    numbers, guesses = probabilities[:, 0], probabilities[:, 1]
    weights = np.random.default_rng(seed).integers(0, 3, (4, 11)).astype(float)

    def scores(index, weights=None):
        one = classification_scores(
            truth[index], probabilities[index], ordered=True, weights=weights
        )
        two = classification_scores(
            (truth > 0).astype(int)[index],
            np.stack([1 - guesses, guesses], axis=1)[index],
            threshold=0.3,
            weights=weights,
        )
        several = multilabel_scores(labels[index], probabilities[index], weights=weights)
        agreement = agreement_scores(numbers[index], guesses[index], weights=weights)
        return [*one, *two, *several, agreement]

    together = scores(slice(None), weights)
    for draw, row in enumerate(weights):
        alone = scores(repeated(row))
        for result, expected in zip(together, alone, strict=True):
            for name, value in expected.items():
                np.testing.assert_allclose(result[name][draw], value, atol=1e-9, err_msg=name)


def test_any_function_of_cases_will_do():
    truth, probabilities = cases(count=60, classes=2)
    patients = np.arange(60) // 2
    slow = confidence_interval(by_cases(sk.roc_auc_score, truth, probabilities[:, 1]), patients)
    fast = confidence_interval(
        lambda weights: roc_auc(truth, probabilities[:, 1], weights=weights), patients
    )
    assert fast.low < roc_auc(truth, probabilities[:, 1]) < fast.high
    assert fast.method == slow.method == "Wilson, t"


def test_a_mean_is_a_function_of_cases_too():
    values = np.random.default_rng(0).random(11)
    one = confidence_interval(values, PATIENTS)
    other = confidence_interval(by_cases(np.mean, values), PATIENTS)
    assert one[:2] == pytest.approx(other[:2])


def test_several_scores_at_once():
    values = np.random.default_rng(0).random((11, 2))

    def scores(weights):
        means = weights @ values / weights.sum(axis=1, keepdims=True)
        return {"dice": means, "jaccard": means[:, 0]}

    result = confidence_intervals(scores, PATIENTS)
    assert result["dice"].low.shape == result["dice"].method.shape == (2,)
    assert result["dice"].low[0] == result["jaccard"].low
    one = confidence_interval(values[:, 0], PATIENTS)
    assert (result["jaccard"].low, result["jaccard"].high) == pytest.approx(one[:2])
    alone = confidence_intervals(lambda w: {"dice": np.ones((len(w), 3))}, ["a"] * 11)
    assert np.isnan(alone["dice"].low).all()
    assert alone["dice"].method[0].startswith("none: ")


def test_an_undefined_score_without_one_patient_is_left_out():
    truth, probability = [0, 0, 0, 1], [0.1, 0.2, 0.6, 0.5]
    result = confidence_interval(
        lambda weights: roc_auc(truth, probability, weights=weights), range(4)
    )
    assert result.low < 2 / 3 < result.high
    assert result.high - result.low > 0.8, "one positive patient tells next to nothing"


def test_values_in_which_a_patient_has_no_share_do_not_count():
    values = np.array([0.5, np.nan, 0.7, 0.9, 0.8])
    is_known = ~np.isnan(values)
    one = confidence_interval(values[is_known], np.arange(5)[is_known])
    together = confidence_intervals(
        lambda weights: {"dice": mean_score(values)(weights)}, range(5)
    )["dice"]
    assert (together.low, together.high) == pytest.approx(one[:2])


def test_weights_have_to_fit():
    with pytest.raises(ValueError, match="4 cases"):
        roc_auc([0, 0, 0, 1], [0.1, 0.2, 0.6, 0.5], weights=[1.0, 2.0])


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_all_right_is_no_certainty(value):
    """Wilson's interval of 6 of 6, with t."""
    low, high, _ = confidence_interval([value] * 6, range(6))
    reach = stats.t.ppf(0.975, 5) ** 2
    assert high - low == pytest.approx(reach / (6 + reach))
    assert value in (low, high)


@pytest.mark.parametrize("patients", range(3, 12))
def test_an_interval_holds_its_score(patients):
    """Rounding left 1 outside of [0.09, 0.9999999999999999]."""
    truth = np.arange(patients) % 2
    result = confidence_interval(
        lambda weights: roc_auc(truth, truth, weights=weights), range(patients)
    )
    assert result.high == 1


def test_a_proportion_is_wilsons():
    """Of one case a patient, the number of cases is that less one, but for what is added."""
    low, high, _ = confidence_interval(np.repeat([0.0, 1.0], [30, 70]), range(100))
    quantile, cases = stats.t.ppf(0.975, 99), 99
    middle = (0.7 + quantile**2 / (2 * cases)) / (1 + quantile**2 / cases)
    assert (low + high) / 2 == pytest.approx(middle, abs=1e-3)
    assert low == pytest.approx(wilson_low(0.7, cases, quantile), abs=1e-3)


def wilson_low(share, cases, quantile):
    root = np.sqrt(share * (1 - share) / cases + quantile**2 / (4 * cases**2))
    return (share + quantile**2 / (2 * cases) - quantile * root) / (1 + quantile**2 / cases)


def test_without_bounds_it_is_students():
    values = np.random.default_rng(0).normal(3, 40, 8)
    low, high, method = confidence_interval(values, range(8), bounds=(-np.inf, np.inf))
    expected = stats.t.interval(0.95, 7, values.mean(), stats.sem(values))
    assert (low, high) == pytest.approx(expected)
    assert method == "t"


def test_lengths_have_intervals_above_zero():
    values = np.array([0.1, 0.2, 30.0, 0.1, 0.3, 1.0])
    low, high, method = confidence_interval(values, range(6), bounds=(0, np.inf))
    assert 0 < low < values.mean() < high
    assert method == "log, t"
    low, high, _ = confidence_interval(1 - values, range(6), bounds=(-np.inf, 1))
    assert low < (1 - values).mean() < high < 1


@pytest.mark.parametrize(
    ("values", "patients", "bounds", "why"),
    [
        ([0.5, 0.6], "aa", (0, 1), "fewer than 2 patients"),
        ([0.5, np.nan], "ab", (0, 1), "fewer than 2 patients"),
        ([np.nan, np.nan], "ab", (0, 1), "undefined"),
        ([], "", (0, 1), "undefined"),
        ([1.0, 2.0, 3.0, 4.0], "abcd", (0, np.inf), "fewer than 5 patients"),
        ([1.0, 2.0, 3.0, 4.0], "abcd", (-np.inf, np.inf), "fewer than 5 patients"),
        ([2.0] * 6, "abcdef", (0, np.inf), "all patients are alike"),
        ([0.0] * 6, "abcdef", (0, np.inf), "all patients are alike"),
        ([2.0] * 6, "abcdef", (-np.inf, np.inf), "all patients are alike"),
        ([1.0, 2.0, np.inf, 1.0, 2.0], "abcde", (0, np.inf), "infinite"),
    ],
)
def test_where_no_interval_holds_there_is_none(values, patients, bounds, why):
    result = confidence_interval(values, patients, bounds=bounds)
    assert np.isnan(result.low)
    assert np.isnan(result.high)
    assert result.method.startswith("none: ")
    assert why in result.method


def test_equal_patients_of_a_share_have_an_interval_all_the_same():
    low, high, _ = confidence_interval([0.8] * 5, range(5))
    assert 0.6 < low < 0.75
    assert 0.85 < high < 0.95


def test_scores_outside_their_bounds_are_refused():
    with pytest.raises(ValueError, match="does not lie between 0 and 1"):
        confidence_interval([2.0, 3.0], "ab")
    with pytest.raises(ValueError, match="No score lies between"):
        confidence_interval([0.5, 0.6], "ab", bounds=(1, 0))


def test_a_mean_over_classes_rests_on_each_class():
    """Of two positive and 38 negative cases that are all right, sensitivity is hardly known."""
    truth = np.repeat([0, 1], [38, 2])
    guess = np.eye(2)[truth]
    result = class_intervals(lambda w: classification_scores(truth, guess, weights=w), range(40))
    for name in ("balanced_accuracy", "kappa", "matthews", "auc"):
        low, high, _ = result["mean", name]
        assert high == pytest.approx(1)
        assert high - low > 0.3, name
    low, high, _ = result["mean", "accuracy"]
    assert low > 0.85
    assert result["mean", "calibration_error"].method == "none: biased by the number of cases"
    assert np.isnan(result["mean", "calibration_error"].low)
