"""Figures of two sets: densities over one axis, and shares of classes."""

import re

import numpy as np
import pytest

from keras_mia.report.figures.densities import COLORS, DensityPanel, density_figures
from keras_mia.report.figures.shares import MOST, share_figure


def normal(mean, deviation, count=4000):
    return np.random.default_rng(0).normal(mean, deviation, count)


def curves(figure):
    """The points of each curve, by its colour."""
    drawn = re.findall(r'<polyline class="line" style="--c:([^"]*)" points="([^"]*)"', figure.chart)
    return {
        css: np.array([point.split(",") for point in points.split()], float)
        for css, points in drawn
    }


def test_a_density_has_its_top_where_its_numbers_are():
    (figure,) = density_figures([DensityPanel("Epoch 1", normal(4, 1.25), normal(0, 1.25))])
    real, samples = (curves(figure)[css] for css in COLORS[:2])
    tops = [points[points[:, 1].argmin()] for points in (real, samples)]
    assert tops[0][0] > tops[1][0] + 50
    assert tops[0][1] == pytest.approx(tops[1][1], abs=15)
    assert list(figure.legend) == ["Real", "Samples"]
    assert "Samples: mean" in figure.chart


def test_panels_have_the_same_axes_and_one_legend():
    grid = np.linspace(-50, 50, 400)
    panels = [
        DensityPanel(f"Epoch {k}", normal(4, 1), normal(k, 1), (grid, 0 * grid + 0.5))
        for k in (1, 9)
    ]
    first, second = density_figures(panels, names=("True", "Made", "Critic"), x_label="mm")
    assert np.array_equal(curves(first)[COLORS[0]], curves(second)[COLORS[0]])
    assert list(first.legend) == ["True", "Made", "Critic"]
    assert not second.legend
    across, up = curves(first)[COLORS[2]].T
    assert np.ptp(up) == 0
    assert across.min() >= curves(first)[COLORS[0]][:, 0].min() - 5
    assert ">mm</text>" in first.chart


def test_samples_in_one_point_do_not_flatten_the_real_density():
    panels = [DensityPanel("Collapsed", normal(4, 1), np.full(500, 2.0))]
    (figure,) = density_figures(panels)
    real = curves(figure)[COLORS[0]][:, 1]
    assert np.ptp(real) > 60  # of 186 pixels
    assert curves(figure)[COLORS[1]][:, 1].min() >= 14  # within the chart


def test_densities_without_numbers_are_left_out():
    assert density_figures([]) == []
    assert density_figures([DensityPanel("Epoch 1", [1.0, 2.0], [np.nan, np.inf])]) == []
    assert len(density_figures([DensityPanel("Epoch 1", [1.0], [1.0])])) == 1


def bars(figure):
    return [float(width) for width in re.findall(r'class="bar".*? width="([\d.]+)"', figure.chart)]


def test_bars_are_as_long_as_shares():
    (figure,) = share_figure(["a", "b"], [0.25, 0.75], [1.0, 0.0])
    lengths = bars(figure)
    assert lengths[1] == max(lengths)
    assert lengths == pytest.approx([0.25 * lengths[1], lengths[1], 0.75 * lengths[1], 0], abs=0.2)
    assert "a: 25.0 % and 100.0 %" in figure.chart


def test_of_many_classes_those_that_differ_are_drawn():
    shares = np.full(100, 0.01)
    samples = shares.copy()
    samples[[3, 50]] = 0.02, 0.0
    (figure,) = share_figure([f"class {k}" for k in range(100)], shares, samples)
    assert len(bars(figure)) == 2 * MOST
    assert "class 3, Samples: 2.0 %" in figure.chart
    assert "class 50, Samples: 0.0 %" in figure.chart
    assert f"{MOST} of 100 classes" in figure.chart


def test_shares_that_do_not_fit_are_refused():
    assert share_figure([], [], []) == []
    for real, samples in (([0.5], [0.5]), ([0.5, 2.0], [1.0, 0.0]), ([0.5, np.nan], [1.0, 0.0])):
        with pytest.raises(ValueError):
            share_figure(["a", "b"], real, samples)


def test_names_are_escaped():
    (figure,) = share_figure(["<b>"], [1.0], [1.0], title="<i>", names=("<u>", '"'))
    assert not re.search("<[biu]>", figure.chart)
