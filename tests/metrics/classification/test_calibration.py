"""Calibration: slow twins, scikit-learn, and a temperature that was planted."""

import math

import numpy as np
import pytest
from scipy.special import log_softmax, softmax
from sklearn.calibration import calibration_curve

from keras_mia.metrics import (
    apply_temperature,
    brier_score,
    expected_calibration_error,
    negative_log_likelihood,
    reliability_curve,
    temperature,
)


def slow_error(probability, happened, bins):
    """Bins `(low, high]`, the first with 0."""
    error = 0.0
    for index in range(bins):
        low, high = index / bins, (index + 1) / bins
        inside = [
            i for i, p in enumerate(probability) if low < p <= high or (index == 0 and p == 0)
        ]
        if inside:
            difference = np.mean([probability[i] for i in inside]) - np.mean(
                [happened[i] for i in inside]
            )
            error += abs(difference) * len(inside) / len(probability)
    return error


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("bins", [1, 7, 15])
def test_the_error_is_that_of_its_slow_twin(seed, bins):
    generator = np.random.default_rng(seed)
    probability = generator.integers(0, 101, 300) / 100
    happened = generator.random(300) < probability**1.5
    result = expected_calibration_error(happened, probability, bins=bins)
    assert result == pytest.approx(slow_error(probability, happened, bins))
    probabilities = generator.dirichlet(np.ones(4), 300)
    truth = generator.integers(4, size=300)
    right = probabilities.argmax(axis=1) == truth
    result = expected_calibration_error(truth, probabilities, bins=bins)
    assert result == pytest.approx(slow_error(probabilities.max(axis=1), right, bins))


@pytest.mark.parametrize(("by", "theirs"), [("width", "uniform"), ("count", "quantile")])
def test_the_curve_is_that_of_scikit_learn(by, theirs):
    generator = np.random.default_rng(0)
    predicted = generator.random(500) ** 2
    happened = (generator.random(500) < predicted).astype(int)
    result = reliability_curve(happened, predicted, bins=12, by=by)
    frequency, probability = calibration_curve(happened, predicted, n_bins=12, strategy=theirs)
    kept = result.cases > 0
    np.testing.assert_allclose(result.frequency[kept], frequency)
    np.testing.assert_allclose(result.probability[kept], probability)
    assert result.cases.sum() == 500
    if by == "count":
        assert np.ptp(result.cases) <= 1


def test_equal_probabilities_share_a_bin_and_empty_bins_are_nan():
    result = reliability_curve([0, 1, 1, 0], [0.5, 0.5, 0.5, 0.9], bins=4, by="count")
    assert result.cases.max() == 3
    assert np.isnan(result.frequency[result.cases == 0]).all()
    assert math.isnan(expected_calibration_error([], []))
    with pytest.raises(ValueError, match="width"):
        reliability_curve([0], [0.5], by="size")


def test_true_probabilities_have_hardly_an_error():
    generator = np.random.default_rng(0)
    probability = generator.random(20_000)
    truth = generator.random(20_000) < probability
    assert expected_calibration_error(truth, probability) < 0.015
    assert expected_calibration_error(truth, probability, by="count") < 0.015
    assert expected_calibration_error(truth, np.clip(2 * probability - 0.5, 0, 1)) > 0.1


def test_a_probability_of_zero_is_not_infinitely_wrong():
    assert negative_log_likelihood([1, 0], [0.0, 0.0]) == pytest.approx(87.3 / 2, abs=0.1)
    assert brier_score([1], [0.0]) == 1
    for wrong in ([1.2], [-0.1]):
        with pytest.raises(ValueError, match="0 to 1"):
            brier_score([1], wrong)


def test_what_adding_up_left_outside_of_probabilities_is_brought_back():
    probability = np.array([[1.0000004, -1e-9], [0.5, 0.5]], np.float32)
    assert brier_score([0, 0], probability) == pytest.approx(0.25)
    assert brier_score([1], [np.float32(1.0000002)]) == 0


@pytest.mark.parametrize("planted", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("classes", [1, 4])
def test_a_planted_temperature_is_found(planted, classes):
    generator = np.random.default_rng(0)
    honest = generator.normal(0, 2, (20_000, classes))
    logits = planted * (honest[:, 0] if classes == 1 else honest)
    if classes == 1:
        truth = generator.random(20_000) < 1 / (1 + np.exp(-honest[:, 0]))
    else:
        chances = softmax(honest, axis=1).cumsum(axis=1)
        truth = (generator.random((20_000, 1)) > chances).sum(axis=1)
    truth = truth.astype(int)
    result = temperature(logits, truth)
    assert result == pytest.approx(planted, rel=0.04)
    before, after = apply_temperature(logits, 1.0), apply_temperature(logits, result)
    assert after.shape == logits.shape
    least = negative_log_likelihood(truth, after)
    assert least <= negative_log_likelihood(truth, before) + 1e-12
    for other in (0.97 * result, 1.03 * result):
        assert least < negative_log_likelihood(truth, apply_temperature(logits, other))
    assert expected_calibration_error(truth, after) < 0.015


def test_logarithms_of_probabilities_do_as_well_as_logits():
    generator = np.random.default_rng(0)
    logits, truth = generator.normal(0, 3, (200, 3)), generator.integers(3, size=200)
    result = temperature(logits, truth)
    assert temperature(log_softmax(logits, axis=1), truth) == pytest.approx(result)
    with np.errstate(divide="ignore"):
        certain = np.log(np.eye(3))
    assert temperature(certain, [0, 1, 0]) > 1, "a probability of 0 that came true"
    assert apply_temperature(certain, 2.0) == pytest.approx(np.eye(3), abs=1e-9)


def test_smoothing_keeps_from_promising_more_than_the_cases_show():
    logits = np.array([[5.0, 0.0], [0.0, 5.0]] * 10)
    truth = [0, 1] * 10
    probability = apply_temperature(logits, temperature(logits, truth, smoothing=2 / 22))
    assert probability[0, 0] == pytest.approx(21 / 22, abs=1e-5)  # Platt's (n + 1) / (n + 2)
    with pytest.raises(ValueError, match="smoothing"):
        temperature(logits, truth, smoothing=1.0)


def test_the_ends_of_the_temperature():
    right = np.array([[4.0, 0.0], [0.0, 4.0]])
    assert temperature(right, [0, 1]) == 0.1
    assert temperature(right, [1, 0]) == 10
    assert temperature(np.zeros((3, 2)), [0, 1, 1]) == 1, "all temperatures are as good"
    with pytest.raises(ValueError, match="no cases"):
        temperature(np.zeros((0, 2)), [])
    with pytest.raises(ValueError, match="above 0"):
        apply_temperature(right, 0.0)
