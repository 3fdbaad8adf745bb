"""Charts: values lie where they belong."""

import math
import re

import numpy as np
import pytest

from keras_mia.report.figures.charts import Group, Line, box_chart, line_chart, ruler, ticks
from keras_mia.report.figures.gradients import gradient_figures


def numbers(pattern, svg):
    return [tuple(map(float, match.groups())) for match in re.finditer(pattern, svg)]


def test_a_curve_rises_where_its_values_do_and_breaks_at_nan():
    nan = math.nan
    svg = line_chart([Line("loss", "red", [0, 1, 2, 3, 4], [0, 1, nan, 1, 0])], "step", "Loss")
    pieces = [
        numbers(r"([\d.]+),([\d.]+)", piece) for piece in re.findall(r'points="([^"]*)"', svg)
    ]
    assert [len(piece) for piece in pieces] == [2, 2]
    (x0, y0), (x1, y1) = pieces[0]
    assert x0 < x1
    assert y0 > y1  # downwards in SVG
    assert line_chart([Line("loss", "red", [0], [nan])], "step", "Loss") == ""


def test_a_few_values_are_dots_on_a_line_without_a_box():
    chart = box_chart([Group("front", "red", [0.2, 0.4, 0.9])], "Dice")
    assert 'class="box"' not in chart
    assert chart.count('class="dot"') == 3
    assert chart.count('class="median"') == 1


def test_a_box_spans_the_quartiles():
    values = list(np.linspace(0.0, 1.0, 101))
    svg = box_chart([Group("a", "red", values, 0.5)], "Dice")
    (x, width), *_ = numbers(r'class="box".*? x="([\d.]+)".*? width="([\d.]+)"', svg)
    (left,), *_, (right,) = numbers(r'class="grid" x1="([\d.]+)"', svg)
    assert (x - left) / (right - left) == pytest.approx(0.25, abs=0.01)
    assert width / (right - left) == pytest.approx(0.5, abs=0.01)
    assert svg.count("<circle") == 101
    assert 'class="baseline"' in svg


def test_a_far_baseline_is_told_and_does_not_stretch_the_axis():
    svg = box_chart([Group("a", "red", [0.9, 0.92], 0.1)], "Dice")
    assert "baseline 0.100" in svg
    assert 'class="baseline"' not in svg


def test_charts_without_values_are_left_out():
    assert box_chart([], "Dice") == ""
    assert box_chart([Group("a", "red", [math.nan, 1.0])], "Dice") == ""


def test_gradients_are_drawn_by_their_powers_of_ten_and_zero_breaks_the_curve():
    norms = {0: (1e-6, 1e-4, 1e-2), 100: (1e-2, 0.0, 1e-2)}
    rows = [
        {"step": str(step), "layer": f"dense_{i}", "norm": str(norm)}
        for step, values in norms.items()
        for i, norm in enumerate(values)
    ]
    (figure,) = gradient_figures(rows)
    assert "10⁻⁶" in figure.chart
    assert list(figure.legend) == [
        "step 0: first layer 0.0001 of the last",
        "step 100: first layer 1 of the last",
    ]
    (line,) = [x for x in re.findall(r'points="([^"]*)"', figure.chart) if x.count(",") == 3]
    (_, first), (_, middle), (_, last) = numbers(r"([\d.]+),([\d.]+)", line)
    assert first - middle == pytest.approx(middle - last, abs=0.2)
    assert gradient_figures([]) == []


def test_the_ruler_puts_the_score_in_its_place():
    (at,), *_ = numbers(r'cx="([\d.]+)"', ruler(0.5, (math.nan, math.nan), math.nan))
    assert at == pytest.approx(230)


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (0.8831, 0.8837), (-3, 1e6), (5, 5), (1e-9, 2e-9)]
)
def test_ticks_enclose_and_are_few(low, high):
    positions = ticks(low, high)
    assert positions[0] <= low <= high <= positions[-1]
    assert 2 <= len(positions) <= 8
