"""What every metric that is a function of arrays promises."""

import copy
import warnings

import numpy as np
import pytest

from tests.contract.score import COUNT
from tests.contract.scores import SCORES, with_


def drawn(row, seed=0):
    return row.draw(np.random.default_rng(seed))


def check_equal(result, expected):
    assert result.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(result[name], value, rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("row", SCORES, ids=str)
def test_values_are_numbers_within_their_bounds(row):
    for seed in range(3):
        result = row(drawn(row, seed))
        assert result
        for name, value in result.items():
            assert value.dtype.kind in "fiub", name
            low, high = row.bounds_of(name)
            defined = value[~np.isnan(value)]
            assert np.all((defined >= low - 1e-12) & (defined <= high + 1e-12)), name
        assert any(np.isfinite(value).all() for value in result.values())


@pytest.mark.parametrize("row", SCORES, ids=str)
def test_arguments_are_not_changed_and_a_repeat_is_equal(row):
    given = drawn(row)
    before = copy.deepcopy(given)
    result = row(given)
    np.testing.assert_equal(
        {k: v for k, v in given.items() if not callable(v)},
        {k: v for k, v in before.items() if not callable(v)},
    )
    np.testing.assert_equal(row(given), result)


@with_("cases")
def test_the_order_of_cases_does_not_matter(row):
    given = drawn(row)
    order = np.random.default_rng(1).permutation(len(given[row.cases[0]]))
    check_equal(row(given | {name: given[name][order] for name in row.cases}), row(given))


@with_("weighed")
def test_a_weight_is_how_often_a_case_counts(row):
    given, weights = drawn(row), np.random.default_rng(1).integers(0, 4, COUNT)
    repeated = {name: np.repeat(given[name], weights, axis=0) for name in row.cases}
    check_equal(row(given, weights=weights), row(given | repeated))


@with_("weighed")
def test_many_weights_are_one_call(row):
    given, weights = drawn(row), np.random.default_rng(1).integers(1, 4, (2, 3, COUNT))
    result = row(given, weights=weights)
    one = row(given, weights=weights[1, 2])
    check_equal({name: value[1, 2] for name, value in result.items()}, one)
    with pytest.raises(ValueError):
        row(given, weights=weights[..., :-1])


@with_("best")
def test_a_perfect_prediction_has_the_best_value(row):
    change, expected = row.best
    result = row(change(drawn(row)))
    for name, value in expected.items():
        np.testing.assert_allclose(result[name], value, atol=1e-9, err_msg=name)


@with_("undefined")
def test_what_is_undefined_is_no_number_and_no_warning(row):
    change, names = row.undefined
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = row(change(drawn(row)))
    for name in names or result:
        assert np.isnan(result[name]).all(), name


@with_("wrong")
def test_what_does_not_fit_is_refused(row):
    for change in row.wrong:
        with pytest.raises(ValueError):
            row(change(drawn(row)))
