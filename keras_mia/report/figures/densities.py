"""Two densities over one axis, and a curve between 0 and 1 over both."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from scipy.ndimage import gaussian_filter1d

from keras_mia.report.figures.charts import Line, polylines, ticks
from keras_mia.report.figures.figure import Figure
from keras_mia.report.figures.svg import RIGHT, WIDTH, Axes, area, svg, text
from keras_mia.report.pictures.colors import color

BINS = 240
OUTSIDE = 0.5  # percent of values at either end that the axis need not reach
HIGHEST = 2.0  # times the first density's top: where values lie in one point there is no scale
NAMES = ("Real", "Samples", "Discriminator")
COLORS = ("var(--accent)", color(1), "var(--ink)")


@dataclass(frozen=True)
class DensityPanel:
    """The numbers of one picture of densities.

    Args:
        title: its heading, such as "Epoch 10".
        real: numbers `(count,)`.
        samples: numbers `(count,)`, as many or not.
        curve: `x` and `y` of the curve, y from 0 to 1; None: there is none.
    """

    title: str
    real: Sequence[float] | np.ndarray
    samples: Sequence[float] | np.ndarray
    curve: tuple[Sequence[float] | np.ndarray, Sequence[float] | np.ndarray] | None = None


def density_figures(
    panels: Sequence[DensityPanel], *, names: Sequence[str] = NAMES, x_label: str = "value"
) -> list[Figure]:
    """Panels of two densities and a curve, all over the same axes: how they come together.

    The densities are smoothed histograms and have the left axis, the curve has the right one. A
    density of more than twice the height of the real ones is cut off there.

    Args:
        panels: in their order.
        names: of real numbers, of samples and of the curve.
        x_label: what the numbers are.

    Returns:
        A figure a panel, the first with the legend; none where a panel has no finite number.

    Example:
        >>> random = np.random.default_rng(0)
        >>> panel = DensityPanel("Epoch 1", random.normal(4, 1, 99), random.normal(0, 1, 99))
        >>> [figure.title for figure in density_figures([panel])]
        ['Epoch 1']
    """
    sets = [[_finite(panel.real), _finite(panel.samples)] for panel in panels]
    if not sets or any(not len(values) for pair in sets for values in pair):
        return []
    ends = [np.percentile(values, (OUTSIDE, 100 - OUTSIDE)) for pair in sets for values in pair]
    x_ticks = ticks(min(low for low, _ in ends), max(high for _, high in ends))
    edges = np.linspace(x_ticks[0], x_ticks[-1], BINS + 1)
    curves = [[_density(values, edges) for values in pair] for pair in sets]
    top = max(real.max() for real, _ in curves) * HIGHEST
    y_ticks = ticks(0, min(top, max(curve.max() for pair in curves for curve in pair)), 4)
    axes = Axes((x_ticks[0], x_ticks[-1]), (0, y_ticks[-1]))
    with_curve = any(panel.curve is not None for panel in panels)
    legend = dict(zip(names[: 2 + with_curve], COLORS, strict=False))
    figures: list[Figure] = []
    for panel, pair in zip(panels, curves, strict=True):
        parts = axes.grid(x_ticks, y_ticks, x_label)
        middles = (edges[1:] + edges[:-1]) / 2
        for values, css in zip(pair, COLORS, strict=False):
            capped = np.minimum(values, y_ticks[-1])
            parts.append(area(axes, middles, 0 * capped, capped, css))
            parts += polylines(Line("", css, middles, capped), axes.position)
        parts += _curve(panel, axes) if with_curve else []
        chart = svg(axes.height, _description(panel, names), parts)
        figures.append(Figure(panel.title, Markup(chart), {} if figures else legend))
    return figures


def _finite(values: Sequence[float] | np.ndarray) -> np.ndarray:
    numbers = np.asarray(values, float).ravel()
    return numbers[np.isfinite(numbers)]


def _density(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """A histogram under a Gaussian of Silverman's width, a bin at least."""
    step = edges[1] - edges[0]
    counts, _ = np.histogram(values, edges)
    low, high = np.percentile(values, (25, 75))
    spread = min(values.std(), (high - low) / 1.34) if high > low else values.std()
    width = 0.9 * spread * len(values) ** -0.2
    return gaussian_filter1d(counts / (len(values) * step), max(1.0, width / step), mode="constant")


def _curve(panel: DensityPanel, axes: Axes) -> list[str]:
    """The curve, and its axis at the right."""
    scale = Axes(axes.x, (0, 1), axes.height, axes.top)
    parts = []
    for tick in (0, 0.5, 1):
        _, y = scale.position(axes.x[0], tick)
        parts.append(text(WIDTH - RIGHT + 5, y + 4, f"{tick:g}", "start"))
    if panel.curve is None:
        return parts
    across, up = (np.asarray(values, float) for values in panel.curve)
    inside = (across >= axes.x[0]) & (across <= axes.x[1])
    return parts + polylines(Line("", COLORS[2], across[inside], up[inside]), scale.position)


def _description(panel: DensityPanel, names: Sequence[str]) -> str:
    sets = zip(names, (panel.real, panel.samples), strict=False)
    sentences = [
        f"{name}: mean {values.mean():.3g}, standard deviation {values.std():.3g}"
        for name, values in ((name, _finite(numbers)) for name, numbers in sets)
    ]
    if panel.curve is not None:
        y = _finite(panel.curve[1])
        sentences += [f"{names[2]}: {y.min():.2g} to {y.max():.2g}"] if len(y) else []
    return f"{panel.title}. " + "; ".join(sentences)
