"""Whether predictions agree with the truth: reliability diagrams, and Bland and Altman's plot."""

import math
from collections.abc import Hashable, Sequence

import numpy as np
from markupsafe import Markup

from keras_mia.metrics.agreement import agreement_intervals, agreement_scores
from keras_mia.metrics.classification.calibration import (
    expected_calibration_error,
    reliability_curve,
)
from keras_mia.metrics.classification.checks import Numbers
from keras_mia.metrics.statistics.interval import confidence_intervals
from keras_mia.metrics.statistics.ranges import SHARE
from keras_mia.report import formatting
from keras_mia.report.figures.charts import Line, polylines, ticks
from keras_mia.report.figures.figure import Figure
from keras_mia.report.figures.svg import (
    BOTTOM,
    LEFT,
    RIGHT,
    WIDTH,
    Axes,
    area,
    short,
    stroke,
    svg,
    text,
)

HEIGHT, UPPER, BARS = 400, 26, 56
TICKS = (0, 0.2, 0.4, 0.6, 0.8, 1)
DOTS = 1500  # more hide each other, and make a page heavy
ACCENT = "var(--accent)"
MARKED = {"limit_high": "+1.96 SD", "bias": "bias", "limit_low": "-1.96 SD"}


def reliability_figure(
    truth: Numbers,
    probabilities: Numbers,
    *,
    patients: Sequence[Hashable] | None = None,
    bins: int = 10,
) -> Figure:
    """The observed frequency over the predicted probability; below, the cases of each bin.

    Whiskers are the 95 % intervals of the frequencies; a bin of one patient has none.

    Args:
        truth: `(cases,)`, integers.
        probabilities: `(cases,)` of class 1 of two, or `(cases, classes)`, of which the greatest.
        patients: whose case it is; None: each case is a patient.
        bins: how many, of equal width.

    Returns:
        The diagram.

    Source: Guo et al. (2017), arXiv:1706.04599; `confidence_interval`.

    Example:
        >>> figure = reliability_figure([0, 1, 1, 1], [0.2, 0.4, 0.9, 0.7])
        >>> figure.title, figure.chart.count("<rect")
        ('Reliability', 4)
    """
    curve = reliability_curve(truth, probabilities, bins=bins)
    error = expected_calibration_error(truth, probabilities)
    axes = Axes((0, 1), (0, 1), HEIGHT - BARS, UPPER)
    several = np.ndim(probabilities) == 2
    parts = axes.grid(TICKS, TICKS, "")
    y_label = "share that is right" if several else "frequency"
    parts.append(text(LEFT, 12, y_label, "start", "axis"))
    x_label = "probability of the predicted class" if several else "predicted probability"
    parts.append(text(WIDTH - RIGHT, HEIGHT - 4, x_label, "end", "axis", longest=60))
    heading = f"Expected calibration error {formatting.number(error)}"
    parts.append(text(WIDTH - RIGHT, 12, heading, "end", "name", longest=60))
    parts.append(stroke(*axes.position(0, 0), *axes.position(1, 1), "baseline", "as it should be"))
    patients = range(len(truth)) if patients is None else patients
    for probability, low, high in _whiskers(truth, probabilities, patients, bins):
        ends = axes.position(probability, low), axes.position(probability, high)
        parts.append(stroke(*ends[0], *ends[1], "whisker", f"{low:.3f} to {high:.3f}"))
    filled = curve.cases > 0
    line = Line("model", ACCENT, curve.probability[filled], curve.frequency[filled])
    parts += polylines(line, axes.position)
    parts += _bars(curve.cases)
    chart = svg(HEIGHT, f"Reliability. {heading}", parts)
    return Figure("Reliability", Markup(chart))


def bland_altman_figure(
    truth: Numbers,
    prediction: Numbers,
    *,
    unit: str = "",
    patients: Sequence[Hashable] | None = None,
) -> Figure:
    """The error of each case over its size, with the bias and the limits of agreement.

    Of more than 1500 cases, 1500 are drawn, spread evenly over the sizes.

    Args:
        truth, prediction: `(cases,)`; where the truth is NaN, the case is left out.
        unit: of both, for the axes.
        patients: whose case it is: draws the 95 % intervals of bias and limits as bands.

    Returns:
        The plot; empty where no error is defined.

    Source: Bland and Altman (1986), doi:10.1016/S0140-6736(86)90837-8.

    Example:
        >>> figure = bland_altman_figure([1.0, 2.0, 3.0, 4.0], [1.5, 2.0, 3.5, 4.0], unit="ml")
        >>> figure.title, "bias 0.25" in figure.chart
        ('Errors over sizes', True)
    """
    truth, prediction = np.asarray(truth, float), np.asarray(prediction, float)
    scores = agreement_scores(truth, prediction)
    intervals = {} if patients is None else agreement_intervals(truth, prediction, patients)
    defined = ~np.isnan(truth)
    size, error = (truth + prediction)[defined] / 2, (prediction - truth)[defined]
    marked = {name: scores[name] for name in MARKED}
    drawn = [*error, *(value for value in marked.values() if math.isfinite(value))]
    if not drawn:
        return Figure("Errors over sizes", Markup(""))
    y_ticks, x_ticks = ticks(min(drawn), max(drawn)), ticks(size.min(), size.max(), 4)
    axes = Axes((x_ticks[0], x_ticks[-1]), (y_ticks[0], y_ticks[-1]), 320, UPPER)
    of = f" ({unit})" if unit else ""
    parts = axes.grid(x_ticks, y_ticks, f"mean of truth and prediction{of}")
    parts.append(text(LEFT, 12, f"prediction − truth{of}", "start", "axis"))
    for name in marked:
        low, high = intervals[name][:2] if name in intervals else (math.nan, math.nan)
        parts.append(area(axes, axes.x, (low, low), (high, high)))
    order = np.argsort(size, kind="stable")
    for i in order[np.unique(np.linspace(0, len(order) - 1, DOTS).astype(int))]:
        x, y = axes.position(size[i], error[i])
        radius = 3.0 if len(order) <= 200 else 1.8
        style = f'style="--c:{ACCENT}"'
        parts.append(f'<circle class="dot" {style} cx="{x:.1f}" cy="{y:.1f}" r="{radius}"/>')
    labels = []
    for name, value in marked.items():
        if math.isfinite(value):
            _, y = axes.position(0, value)
            kind = "median" if name == "bias" else "baseline"
            parts.append(stroke(LEFT, y, WIDTH - RIGHT, y, kind, name.replace("_", " ")))
            labels.append(f"{MARKED[name]} {value:.3g}")
            parts.append(text(WIDTH - RIGHT - 2, y - 5, labels[-1], "end", "name"))
    chart = svg(axes.height, "Errors over sizes: " + ", ".join(labels), parts)
    return Figure("Errors over sizes", Markup(chart))


def _whiskers(
    truth: Numbers, probabilities: Numbers, patients: Sequence[Hashable], bins: int
) -> list[tuple[float, float, float]]:
    """The mean probability of each bin, and the interval of its frequency."""

    def curve(weights: np.ndarray) -> dict[str, np.ndarray]:
        weighted = reliability_curve(truth, probabilities, bins=bins, weights=weights)
        return {"frequency": weighted.frequency}

    middle = reliability_curve(truth, probabilities, bins=bins).probability
    low, high, _ = confidence_intervals(curve, patients, ranges={"frequency": SHARE})["frequency"]
    defined = np.isfinite(low)
    return list(zip(middle[defined], low[defined], high[defined], strict=True))


def _bars(cases: np.ndarray) -> list[str]:
    """How many cases each bin has, below the diagram."""
    bottom, tall = HEIGHT - BOTTOM + 18, BARS - 14
    width = (WIDTH - RIGHT - LEFT) / len(cases)
    parts = [text(LEFT - 6, bottom, "cases", "end")]
    for index, count in enumerate(cases):
        if count:
            height = max(1.0, tall * count / cases.max())
            parts.append(
                f'<rect class="cell" x="{LEFT + width * index + 1:.1f}" y="{bottom - height:.1f}" '
                f'width="{width - 2:.1f}" height="{height:.1f}" fill-opacity="0.3">'
                f"<title>{short(round(count))} cases</title></rect>"
            )
    return parts
