"""The bootstrap of any score of cases: patients are drawn, and weights stand for drawn cases."""

import numpy as np
import pytest
from sklearn import metrics as sk

from keras_mia.metrics import (
    agreement_scores,
    bootstrap_interval,
    bootstrap_intervals,
    by_cases,
    classification_scores,
    multilabel_scores,
    roc_auc,
)
from keras_mia.metrics.interval import CHUNK, bootstrap, draws

PATIENTS = [*"aaabbcdddde"]


def cases(seed=0, count=11, classes=3):
    generator = np.random.default_rng(seed)
    probabilities = generator.integers(1, 5, (count, classes)).astype(float)  # with ties
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return generator.integers(classes, size=count), probabilities


def test_patients_are_drawn_with_all_their_cases():
    (weights,) = draws(PATIENTS, samples=500)
    for patient in set(PATIENTS):
        own = weights[:, [p == patient for p in PATIENTS]]
        assert (own == own[:, :1]).all()
    first = [PATIENTS.index(patient) for patient in "abcde"]
    assert (weights[:, first].sum(axis=1) == 5).all(), "as many patients as there are"
    assert weights[:, first].mean() == pytest.approx(1)
    assert len(np.unique(weights, axis=0)) > 50


def test_draws_follow_from_the_seed_alone(monkeypatch):
    whole = np.concatenate(list(draws(PATIENTS, samples=100, seed=3)))
    monkeypatch.setattr("keras_mia.metrics.interval.CHUNK", 7 * len(PATIENTS))
    parts = list(draws(PATIENTS, samples=100, seed=3))
    assert len(parts) == 15
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert (np.concatenate(list(draws(PATIENTS, samples=100, seed=4))) != whole).any()


def test_memory_is_bounded():
    first = next(draws(range(50_000), samples=1000))
    assert CHUNK / 2 < first.size <= CHUNK


def repeated(weights):
    return np.repeat(np.arange(len(weights)), weights.astype(int))


@pytest.mark.parametrize("seed", range(8))
def test_a_weight_is_a_repeated_case(seed):
    """What one call says of many draws is what each draw's own cases say."""
    truth, probabilities = cases(seed)
    labels = np.random.default_rng(seed).integers(-1, 2, (11, 3))
    numbers, guesses = probabilities[:, 0], probabilities[:, 1]
    weights = np.concatenate(list(draws(PATIENTS, samples=4, seed=seed)))

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
        for found, expected in zip(together, alone, strict=True):
            for name, value in expected.items():
                np.testing.assert_allclose(found[name][draw], value, atol=1e-9, err_msg=name)


def test_any_function_of_cases_will_do():
    truth, probabilities = cases(count=60, classes=2)
    patients = np.arange(60) // 2

    def area(t, p):
        return sk.roc_auc_score(t, p)

    slow = bootstrap_interval(by_cases(area, truth, probabilities[:, 1]), patients, samples=200)
    fast = bootstrap_interval(
        lambda weights: roc_auc(truth, probabilities[:, 1], weights=weights),
        patients,
        samples=200,
    )
    assert slow == pytest.approx(fast, abs=1e-12)
    assert fast[0] < roc_auc(truth, probabilities[:, 1]) < fast[1]


def test_a_mean_is_a_function_of_cases_too():
    values = np.random.default_rng(0).random(11)
    one = bootstrap_interval(values, PATIENTS)
    assert one == pytest.approx(bootstrap_interval(by_cases(np.mean, values), PATIENTS))


def test_several_scores_share_their_draws():
    values = np.random.default_rng(0).random((11, 2))

    def scores(weights):
        means = weights @ values / weights.sum(axis=1, keepdims=True)
        return {"both": means, "first": means[:, 0]}

    found = bootstrap_intervals(scores, PATIENTS)
    assert found["both"].shape == (2, 2)
    np.testing.assert_array_equal(found["both"][:, 0], found["first"])
    assert tuple(found["first"]) == pytest.approx(bootstrap_interval(values[:, 0], PATIENTS))
    alone = bootstrap_intervals(lambda w: {"x": np.ones((len(w), 3))}, ["a"] * 11)
    assert alone["x"].shape == (2, 3)
    assert np.isnan(alone["x"]).all()


def test_draws_without_a_value_are_left_out():
    truth, probability = [0, 0, 0, 1], [0.1, 0.2, 0.6, 0.5]
    drawn = bootstrap(
        lambda weights: {"auc": roc_auc(truth, probability, weights=weights)}, range(4)
    )["auc"]
    assert 0.2 < np.isnan(drawn).mean() < 0.45, "(3 / 4)^4 draws lack the positive case"
    known = drawn[~np.isnan(drawn)]
    low, high = bootstrap_interval(
        lambda weights: roc_auc(truth, probability, weights=weights), range(4)
    )
    assert (low, high) == pytest.approx(tuple(np.quantile(known, [0.025, 0.975])))


def test_weights_have_to_fit():
    with pytest.raises(ValueError, match="4 cases"):
        roc_auc([0, 0, 0, 1], [0.1, 0.2, 0.6, 0.5], weights=[1.0, 2.0])
