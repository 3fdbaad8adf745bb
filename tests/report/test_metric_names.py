"""What metrics are called, with how many decimals they are shown, and which are errors."""

import pytest

from keras_mia.metrics.statistics.ranges import RANGES
from keras_mia.report.formatting import number
from keras_mia.report.metric_names import HEADINGS, heading, lower_is_better

OF_SAMPLES = (
    *("frechet_distance", "frechet_floor", "kernel_distance", "kernel_floor", "ks_distance"),
    *("classes_covered", "smallest_class_share", "evenness", "label_accuracy"),
    *("sample_precision", "sample_recall", "ms_ssim", "ms_ssim_real"),
    *("nearest_ratio", "memorized_share"),
)


@pytest.mark.parametrize("metric", OF_SAMPLES)
def test_metrics_of_samples_have_a_heading_and_a_range(metric):
    assert heading(metric) == HEADINGS[metric]
    assert metric in RANGES


@pytest.mark.parametrize(
    ("value", "metric", "text"),
    [
        (0.89512, "dice", "0.895"),
        (123.456, "nll", "123.5"),
        (3.14159, "hd95_mm", "3.14"),
        (314.159, "hd95_mm", "314"),
        (10, "classes_covered", "10"),
        (1000, "classes_covered", "1000"),
        (6.7234, "frechet_distance", "6.72"),
        (0.00043, "kernel_distance", "0.0004"),
        (None, "frechet_distance", "–"),
    ],
)
def test_a_value_has_the_decimals_of_its_metric(value, metric, text):
    assert number(value, metric) == text


def test_distances_are_better_when_small():
    small = {metric for metric in OF_SAMPLES if lower_is_better(metric)}
    assert small == {
        *("frechet_distance", "frechet_floor", "kernel_distance", "kernel_floor", "ks_distance"),
        *("memorized_share", "ms_ssim", "ms_ssim_real"),
    }
