"""Every score that is reported has a known range, and its value lies within."""

import numpy as np
import pytest

from keras_mia.metrics import agreement_scores, classification_scores, scores
from keras_mia.metrics.segmentation.counts import confusion, pixel_scores
from keras_mia.metrics.statistics.ranges import RANGES, between, range_of


def of_label_maps(space, spacing):
    generator = np.random.default_rng(0)
    truth, guess = generator.integers(0, 2, (2, *space))
    return scores(truth, guess, 2, spacing_mm=spacing)[1] | pixel_scores(confusion(truth, guess, 2))


def of_classes():
    generator = np.random.default_rng(0)
    votes = generator.dirichlet(np.ones(7), 40)
    return classification_scores(generator.integers(7, size=40), votes, ordered=True).mean


def of_numbers():
    generator = np.random.default_rng(0)
    return agreement_scores(*generator.normal(size=(2, 30)))


@pytest.mark.parametrize(
    "metrics",
    [
        *(of_label_maps((6,) * rank, one) for rank in (1, 2, 3) for one in (None, (1.0,) * rank)),
        of_classes(),
        of_numbers(),
        {"iou": 0.5, "corner_error": 0.1},
    ],
)
def test_each_score_has_a_range(metrics):
    assert set(metrics) <= set(RANGES)
    for name, value in metrics.items():
        limits = range_of(name)
        assert limits is None or np.isnan(value) or limits.low <= value <= limits.high, name


def test_a_score_of_another_name_has_no_bounds():
    assert range_of("my_own") == between(-np.inf, np.inf)
    assert range_of("my_own").fewest == 5
