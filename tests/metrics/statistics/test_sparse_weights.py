"""Weights of which few differ: the same scores as of all weights, in time and memory that bear
many classes."""

import tracemalloc

import numpy as np
import pytest
from scipy import sparse

from keras_mia.metrics import classification_scores, multilabel_scores
from keras_mia.metrics.classification.over_classes import by_key
from keras_mia.metrics.statistics.jackknife import jackknife
from keras_mia.metrics.statistics.weighted import (
    SparseWeights,
    as_array,
    mean_of_cases,
    of_cases,
    row_blocks,
    sum_by_group,
    weighted_sum,
)


def random_weights(generator, draws, cases):
    base = float(generator.integers(2))
    extra = generator.integers(0, 3, (draws, cases)) - base
    extra[generator.random(extra.shape) < 0.7] = 0
    return SparseWeights(base, sparse.csr_array(extra))


def drawn(generator, cases, classes, several):
    probabilities = generator.dirichlet(np.full(classes, 0.5), cases)
    if generator.integers(2):  # equal ones
        probabilities = np.ceil(5 * probabilities)
        probabilities /= probabilities.sum(axis=1, keepdims=True)
    if several:
        truth = generator.choice([0.0, 1.0, -1.0], (cases, classes), p=[0.6, 0.3, 0.1])
        return truth, probabilities, multilabel_scores
    return generator.integers(0, classes, cases), probabilities, classification_scores


@pytest.mark.parametrize("seed", range(6))
def test_sums_are_those_of_all_weights(seed):
    generator = np.random.default_rng(seed)
    weights = random_weights(generator, 5, 30)
    values, group = generator.normal(size=30), generator.integers(0, 4, 30)
    some = generator.random(30) < 0.5
    if seed > 2:
        values[:3] = np.inf, np.nan, -np.inf
    dense = weights.dense()
    np.testing.assert_allclose(weighted_sum(values, weights), weighted_sum(values, dense))
    np.testing.assert_allclose(mean_of_cases(values, weights), mean_of_cases(values, dense))
    for of_each in (None, np.arange(30.0)):
        np.testing.assert_allclose(
            sum_by_group(group, 5, weights, of_each), sum_by_group(group, 5, dense, of_each)
        )
    np.testing.assert_array_equal(as_array(of_cases(weights, some), some.sum()), dense[:, some])
    parts = [as_array(part, 30) for part in row_blocks(weights, 2)]
    assert [len(part) for part in parts] == [2, 2, 1]
    np.testing.assert_array_equal(np.concatenate(parts), dense)


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_scores_are_those_of_all_weights(seed, several):
    generator = np.random.default_rng(seed)
    cases, classes = int(generator.integers(5, 60)), int(generator.integers(2, 8))
    truth, probabilities, score = drawn(generator, cases, classes, several)
    weights = random_weights(generator, 20, cases)
    result = by_key(score(truth, probabilities, weights=weights))
    for key, values in by_key(score(truth, probabilities, weights=weights.dense())).items():
        np.testing.assert_allclose(result[key], values, rtol=1e-10, atol=1e-12, err_msg=str(key))
    for draw, row in enumerate(weights.dense()):
        for key, value in by_key(score(truth, probabilities, weights=row)).items():
            np.testing.assert_allclose(result[key][draw], value, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize(("cases", "patients"), [(40, 40), (40, 12), (1100, 1100), (9, 2)])
def test_leaving_out_is_that_of_all_weights(cases, patients, several):
    generator = np.random.default_rng(cases + patients)
    truth, probabilities, score = drawn(generator, cases, 3, several)
    owners = generator.integers(0, patients, cases) if patients < cases else np.arange(cases)

    def scores(weights):
        return by_key(score(truth, probabilities, weights=weights))

    one, other = (jackknife(scores, owners, sparse_weights=kind) for kind in (False, True))
    assert one.patients == other.patients
    for field in ("value", "without", "support", "pairwise"):
        for key, values in getattr(one, field).items():
            np.testing.assert_allclose(getattr(other, field)[key], values, rtol=1e-10, atol=1e-12)


def test_many_classes_need_no_table_of_all_confusions_a_draw():
    generator = np.random.default_rng(0)
    truth, guess = generator.integers(0, 150, 150), generator.dirichlet(np.ones(150), 150)
    weights = SparseWeights(1.0, sparse.csr_array(-np.eye(150)))
    tracemalloc.start()
    classification_scores(truth, guess, weights=weights)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 9e6  # a table of 150 x 150 a draw: 27 MB
