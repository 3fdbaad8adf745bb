"""Scores of classes against scikit-learn, with ties, and what is undefined."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from keras_mia.core.problem import Problem
from keras_mia.metrics import (
    average_precision,
    choose_threshold,
    classification_scores,
    cohen_kappa,
    confusion,
    decide,
    matthews,
    multilabel_scores,
    precision_recall_curve,
    roc_auc,
    roc_curve,
    top_k_accuracy,
)

EXACT = {"abs": 1e-6, "nan_ok": True}


def cases(seed=0, count=200, classes=3, levels=6):
    """Truth, and probabilities that say something of it and often are equal."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(classes, size=count)
    votes = generator.integers(1, levels, (count, classes)) + 2.0 * np.eye(classes)[truth]
    return truth, votes / votes.sum(axis=1, keepdims=True)


pairs = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6)), min_size=1, max_size=30)


@settings(max_examples=80, deadline=None)
@given(pairs)
def test_areas_are_those_of_scikit_learn(rows):
    truth, guess = (np.array(column) for column in zip(*rows, strict=True))
    guess = guess / 6
    if 0 < truth.sum() < len(truth):
        assert roc_auc(truth, guess) == pytest.approx(sk.roc_auc_score(truth, guess), **EXACT)
    else:
        assert math.isnan(roc_auc(truth, guess))
    if truth.any():
        result = average_precision(truth, guess)
        assert result == pytest.approx(sk.average_precision_score(truth, guess), **EXACT)
    else:
        assert math.isnan(average_precision(truth, guess))


@settings(max_examples=40, deadline=None)
@given(pairs)
def test_curves_are_those_of_scikit_learn(rows):
    truth, guess = (np.array(column) for column in zip(*rows, strict=True))
    if not 0 < truth.sum() < len(truth):
        return
    result = roc_curve(truth, guess)
    expected = sk.roc_curve(truth, guess, drop_intermediate=False)
    for mine, theirs in zip(result, expected, strict=True):
        np.testing.assert_allclose(mine, theirs)
    result = precision_recall_curve(truth, guess)
    precision, recall, thresholds = sk.precision_recall_curve(truth, guess)
    np.testing.assert_allclose(result.x, recall[-2::-1])
    np.testing.assert_allclose(result.y, precision[-2::-1])
    np.testing.assert_allclose(result.thresholds, thresholds[::-1])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("threshold", [None, 0.3])
def test_two_classes_are_scored_as_by_scikit_learn(seed, threshold):
    truth, probabilities = cases(seed, classes=2)
    result = classification_scores(truth, probabilities, threshold=threshold)
    guess = probabilities.argmax(axis=1) if threshold is None else probabilities[:, 1] >= threshold
    guess, positive_probability = guess.astype(int), probabilities[:, 1]
    expected = {
        "auc": sk.roc_auc_score(truth, positive_probability),
        "average_precision": sk.average_precision_score(truth, positive_probability),
        "accuracy": sk.accuracy_score(truth, guess),
        "balanced_accuracy": sk.balanced_accuracy_score(truth, guess),
        "sensitivity": sk.recall_score(truth, guess),
        "specificity": sk.recall_score(truth, guess, pos_label=0),
        "precision": sk.precision_score(truth, guess),
        "f1": sk.f1_score(truth, guess),
        "kappa": sk.cohen_kappa_score(truth, guess),
        "matthews": sk.matthews_corrcoef(truth, guess),
        "brier": sk.brier_score_loss(truth, positive_probability),
        "nll": sk.log_loss(truth, positive_probability),
    }
    assert {name: result.mean[name] for name in expected} == pytest.approx(expected, **EXACT)
    assert set(result.mean) == {*expected, "calibration_error"}
    both = sk.recall_score(truth, guess, average=None)
    np.testing.assert_allclose(result.classes["sensitivity"], both)
    np.testing.assert_allclose(result.classes["specificity"], both[::-1])


@pytest.mark.parametrize("classes", [3, 7])
def test_several_classes_are_scored_as_by_scikit_learn(classes):
    truth, probabilities = cases(classes, classes=classes)
    result = classification_scores(truth, probabilities, ordered=True)
    guess = probabilities.argmax(axis=1)
    one_hot = np.eye(classes)[truth]
    each = {
        "auc": sk.roc_auc_score(one_hot, probabilities, average=None),
        "average_precision": sk.average_precision_score(one_hot, probabilities, average=None),
        "sensitivity": sk.recall_score(truth, guess, average=None),
        "precision": sk.precision_score(truth, guess, average=None),
        "f1": sk.f1_score(truth, guess, average=None),
    }
    for name, values in each.items():
        np.testing.assert_allclose(result.classes[name], values, err_msg=name)
        assert result.mean[name] == pytest.approx(values.mean())
    expected = {
        "auc": sk.roc_auc_score(truth, probabilities, multi_class="ovr"),
        "accuracy": sk.accuracy_score(truth, guess),
        "balanced_accuracy": sk.balanced_accuracy_score(truth, guess),
        "kappa": sk.cohen_kappa_score(truth, guess),
        "kappa_quadratic": sk.cohen_kappa_score(truth, guess, weights="quadratic"),
        "matthews": sk.matthews_corrcoef(truth, guess),
        "brier": sk.brier_score_loss(truth, probabilities, labels=range(classes)),
        "nll": sk.log_loss(truth, probabilities),
    }
    assert {name: result.mean[name] for name in expected} == pytest.approx(expected, **EXACT)
    assert ("top5_accuracy" in result.mean) == (classes > 5)
    assert "kappa_quadratic" not in classification_scores(truth, probabilities).mean


@pytest.mark.parametrize("k", [1, 2, 5])
def test_top_k_takes_the_first_of_equals(k):
    truth, probabilities = cases(classes=6)
    result = top_k_accuracy(truth, probabilities, k)
    # scikit-learn takes the last of equals.
    reversed_accuracy = sk.top_k_accuracy_score(
        5 - truth, probabilities[:, ::-1], k=k, labels=range(6)
    )
    assert result == pytest.approx(reversed_accuracy)
    if k == 1:
        assert result == np.mean(probabilities.argmax(axis=1) == truth)


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_kappa_is_that_of_scikit_learn(weights):
    generator = np.random.default_rng(0)
    truth, guess = generator.integers(4, size=(2, 100))
    result = cohen_kappa(confusion(truth, guess, 4), weights)
    assert result == pytest.approx(sk.cohen_kappa_score(truth, guess, weights=weights))
    with pytest.raises(ValueError, match="quadratic"):
        cohen_kappa(np.eye(2), "cubic")


def test_what_is_undefined_is_nan_and_never_zero():
    truth = np.array([0, 0, 2, 2])
    probabilities = np.array([[0.8, 0.1, 0.1], [0.6, 0.3, 0.1], [0.1, 0.2, 0.7], [0.5, 0.1, 0.4]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = classification_scores(truth, probabilities)
    for name in ("auc", "average_precision", "sensitivity", "precision", "f1"):
        assert np.isnan(result.classes[name]).tolist() == [False, True, False], name
        assert result.mean[name] == pytest.approx(np.nanmean(result.classes[name])), name
    assert result.classes["specificity"][1] == 1
    assert result.mean["balanced_accuracy"] == 0.75
    alone = classification_scores([0, 0], np.array([[0.9, 0.1], [0.8, 0.2]]))
    undefined = {name for name, value in alone.mean.items() if math.isnan(value)}
    wanted = {"auc", "average_precision", "sensitivity", "precision", "f1", "kappa", "matthews"}
    assert undefined == wanted
    assert math.isnan(matthews(np.array([[3, 2], [0, 0]])))
    nothing = classification_scores([], np.zeros((0, 2)))
    assert all(math.isnan(value) for value in nothing.mean.values())


def test_a_decision_takes_the_threshold_in():
    guess = np.array([[0.5, 0.5], [0.6, 0.4]])
    assert decide(guess).tolist() == [0, 0]
    assert decide(guess, 0.5).tolist() == [1, 0]
    assert decide(guess, 0.4).tolist() == [1, 1]
    with pytest.raises(ValueError, match="two classes"):
        decide(np.full((1, 4), 0.25), 0.5)


def test_several_labels_are_each_judged_where_known():
    generator = np.random.default_rng(0)
    truth = generator.integers(-1, 2, (100, 3)).astype(float)
    truth[:10, 0] = np.nan
    truth[:, 2] = -1
    probabilities = generator.integers(0, 9, (100, 3)) / 8
    result = multilabel_scores(truth, probabilities, thresholds=[0.3, 0.5, 0.5])
    for label, cut in enumerate([0.3, 0.5]):
        is_known = np.isin(truth[:, label], (0, 1))
        t, p = truth[is_known, label], probabilities[is_known, label]
        assert result.classes["auc"][label] == pytest.approx(sk.roc_auc_score(t, p))
        assert result.classes["f1"][label] == pytest.approx(sk.f1_score(t, p >= cut))
        assert result.classes["accuracy"][label] == pytest.approx(np.mean((p >= cut) == t))
    for name, values in result.classes.items():
        assert math.isnan(values[2]), name
        assert result.mean[name] == pytest.approx(values[:2].mean()), name
    same = multilabel_scores(np.where(truth == -1, np.nan, truth), probabilities)
    assert same.mean == pytest.approx(multilabel_scores(truth, probabilities).mean)


def test_wrong_input_is_told():
    good = np.array([[0.4, 0.6], [0.7, 0.3]])
    for truth, guess, message in (
        ([0], good, "do not fit"),
        ([0, 2], good, "from 0 to 1"),
        ([0.0, 0.5], good, "integers"),
        ([0, 1], good * 2, "0 to 1"),
        ([0, 1], good / 2, "add up to"),
        ([0, 1], good * math.nan, "not a number"),
        ([0, 1], good[:, 0], "do not fit"),
    ):
        with pytest.raises(ValueError, match=message):
            classification_scores(truth, guess)
    with pytest.raises(ValueError, match="0 or 1"):
        roc_auc([0, 2], [0.1, 0.2])
    with pytest.raises(ValueError, match="not a number"):
        roc_auc([0, 1], [0.1, math.nan])
    with pytest.raises(ValueError, match="unknown"):
        multilabel_scores(np.full((2, 1), 0.5), np.full((2, 1), 0.5))
    with pytest.raises(ValueError, match="do not fit"):
        multilabel_scores(np.zeros((2, 1)), np.zeros((2, 2)))


def slow_threshold(truth, probability, good):
    """Every probability is tried, the greatest first."""
    best = None
    for cut in sorted(set(probability), reverse=True):
        table = confusion(truth, (probability >= cut).astype(int), 2)
        if best is None or good(table) > best[0] + 1e-12:
            best = good(table), cut
    return best[1]


RULES = {
    "youden": lambda t: t[1, 1] / t[1].sum() + t[0, 0] / t[0].sum(),
    "f1": lambda t: 2 * t[1, 1] / (2 * t[1, 1] + t[0, 1] + t[1, 0]),
    "sensitivity": lambda t: t[1, 1] / t[1].sum() >= 0.8,
}


@settings(max_examples=100, deadline=None)
@given(pairs, st.sampled_from(sorted(RULES)))
def test_a_threshold_is_the_best_of_all(rows, by):
    truth, guess = (np.array(column) for column in zip(*rows, strict=True))
    guess = guess / 6
    at = 0.8 if by == "sensitivity" else None
    if 0 < truth.sum() < len(truth):
        result = choose_threshold(truth, guess, by, at=at)
        assert result == slow_threshold(truth, guess, RULES[by])
    else:
        with pytest.raises(Problem, match="missing"):
            choose_threshold(truth, guess, by, at=at)


def test_a_threshold_keeps_its_promise():
    truth, probabilities = cases(classes=2)
    cut = choose_threshold(truth, probabilities[:, 1], "sensitivity", at=0.9)
    result = classification_scores(truth, probabilities, threshold=cut)
    assert result.mean["sensitivity"] >= 0.9
    for by, at in (("best", None), ("sensitivity", None), ("f1", 0.9), ("sensitivity", 0.0)):
        with pytest.raises(ValueError, match="sensitivity"):
            choose_threshold(truth, probabilities[:, 1], by, at=at)
