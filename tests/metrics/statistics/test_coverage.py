"""Simulated test sets of a few patients: intervals hold the truth, p finds no chance."""

import numpy as np
import pytest

from benchmarks.interval_coverage import (
    AREAS,
    POPULATIONS,
    area_intervals,
    coverage,
    false_alarms,
    mean_intervals,
)

HOLDS = [name for name in POPULATIONS if "a tenth fails" not in name]
ALLOWED = 0.05 + 3 * (0.05 * 0.95 / 2000) ** 0.5


@pytest.mark.parametrize("name", HOLDS)
def test_five_patients_are_enough(name):
    """The percentile bootstrap of five held the truth in 0.18 to 0.85 of the test sets."""
    population = POPULATIONS[name]
    share, wide = coverage(mean_intervals(population, 5), population.truth)
    assert share >= 0.9
    assert wide > 0


@pytest.mark.slow
@pytest.mark.parametrize("patients", [2, 3, 4, 6, 8, 10, 15, 20, 50])
@pytest.mark.parametrize("name", HOLDS)
def test_any_number_of_patients_holds_or_has_none(name, patients):
    population = POPULATIONS[name]
    intervals = mean_intervals(population, patients)
    share, _ = coverage(intervals, population.truth)
    if patients < population.range.fewest:
        assert np.isnan(intervals.low).all()
    else:
        assert share >= 0.9
    is_defined = np.isfinite(intervals.low)
    assert (intervals.low[is_defined] >= population.range.low).all()
    assert (intervals.high[is_defined] <= population.range.high).all()


@pytest.mark.parametrize("sizes", [(5, 5), (2, 3)])
def test_areas_of_a_few_patients(sizes):
    for area in (0.8, 0.95):
        share, _ = coverage(area_intervals(area, *sizes), area)
        assert share >= 0.9


@pytest.mark.slow
@pytest.mark.parametrize("sizes", AREAS)
@pytest.mark.parametrize("area", [0.5, 0.6, 0.8, 0.95, 0.99])
def test_areas_of_unequal_numbers(area, sizes):
    intervals = area_intervals(area, *sizes)
    assert coverage(intervals, area)[0] >= 0.9
    assert (intervals.low >= 0).all()
    assert (intervals.high <= 1).all()
    assert (intervals.high - intervals.low > 0.01).all(), "all ranked right is no certainty"


@pytest.mark.parametrize("patients", [3, 5, 10])
@pytest.mark.parametrize("name", HOLDS[:2])
def test_equal_models_differ_as_often_as_chance_says(name, patients):
    """The paired bootstrap of three patients found a difference in 0.28 of the test sets."""
    share, least = false_alarms(POPULATIONS[name], patients)
    assert share <= ALLOWED
    assert least >= 2 / 2**patients


@pytest.mark.slow
@pytest.mark.parametrize("patients", [4, 7, 20])
@pytest.mark.parametrize("name", [*HOLDS[1:3], "accuracy 0.8, one case a patient"])
def test_more_equal_models(name, patients):
    share, least = false_alarms(POPULATIONS[name], patients)
    assert share <= ALLOWED
    assert least >= min(2 / 2**patients, 1 / 10001)
