"""Charts as inline SVG, drawn in the colours of the page around them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from keras_mia.report.figures.svg import BOTTOM, RIGHT, TOP, WIDTH, Axes, short, stroke, svg, text

ROW = 54
BOX_FROM = 5  # a box of fewer values would show less than their dots, which are larger then


@dataclass(frozen=True)
class Line:
    """A curve: its name, colour, and points; NaN breaks it.

    Args:
        name: of the curve.
        color: a CSS colour.
        x, y: `(points,)` each; NaN breaks the curve.
    """

    name: str
    color: str
    x: Sequence[float] | np.ndarray
    y: Sequence[float] | np.ndarray


@dataclass(frozen=True)
class Group:
    """The values of one class, one a case, and the mean of the baseline (NaN: none).

    Args:
        name: of the class.
        color: a CSS colour.
        values: one a case; NaN is left out.
        baseline: the mean of the baseline; NaN: there is none.
    """

    name: str
    color: str
    values: Sequence[float]
    baseline: float = math.nan


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers that enclose `low` and `high`.

    Args:
        low, high: what they enclose.
        about: how many steps there should be.

    Returns:
        Rising numbers, the first at most `low`, the last at least `high`.

    Example:
        >>> ticks(0.63, 0.98)
        [0.6, 0.7, 0.8, 0.9, 1.0]
    """
    if not high > low:
        low, high = low - 0.5, high + 0.5
    raw = (high - low) / about
    unit = 10 ** math.floor(math.log10(raw))
    step = next(unit * k for k in (1, 2, 2.5, 5, 10) if unit * k >= 0.999 * raw)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(step * k, 12) for k in range(first, last + 1)]


def line_chart(lines: Sequence[Line], x_label: str, title: str) -> str:
    """Curves over one axis, as the text of an SVG element; empty if no point is finite.

    Args:
        lines: the curves.
        x_label: what the axis is.
        title: of the chart, for those who do not see it.

    Returns:
        An `<svg>` element, whose texts are escaped.
    """
    points = [
        [(x, y) for x, y in zip(line.x, line.y, strict=True) if math.isfinite(x + y)]
        for line in lines
    ]
    flat = [point for line in points for point in line]
    if not flat:
        return ""
    xs, ys = zip(*flat, strict=True)
    x_ticks, y_ticks = ticks(min(xs), max(xs), 4), ticks(min(ys), max(ys))
    left_of, right_of = (min(xs), max(xs)) if max(xs) > min(xs) else (x_ticks[0], x_ticks[-1])
    axes = Axes((left_of, right_of), (y_ticks[0], y_ticks[-1]))
    parts = axes.grid([t for t in x_ticks if left_of <= t <= right_of], y_ticks, x_label)
    for line in lines:
        parts += polylines(line, axes.position)
    return svg(axes.height, f"{title} over {x_label}: " + "; ".join(map(_last, lines)), parts)


def box_chart(groups: Sequence[Group], label: str, decimals: int = 3) -> str:
    """A row a class: cases as dots, median and quartiles as a box, the baseline as a dashed line.

    Fewer than five cases have no box, only the line of their median.

    The axis is that of the cases; a baseline beyond it is written only. Whiskers reach to the
    last value within 1.5 times the box's length. The text of an SVG element; empty if no
    class has two finite values.

    Args:
        groups: a row each.
        label: what the axis is.
        decimals: of the numbers beside the names.

    Returns:
        An `<svg>` element, whose texts are escaped.
    """
    finite = [np.array([v for v in group.values if math.isfinite(v)]) for group in groups]
    if max(map(len, finite), default=0) < 2:
        return ""
    joined = np.concatenate(finite)
    grid = ticks(joined.min(), joined.max(), 4)
    height = TOP + ROW * len(groups) + BOTTOM
    left, right = 10, WIDTH - RIGHT

    def position(value: float) -> float:
        return left + (value - grid[0]) / (grid[-1] - grid[0]) * (right - left)

    parts = []
    for tick in grid:
        parts.append(stroke(position(tick), TOP, position(tick), height - BOTTOM, "grid"))
        anchor = "start" if tick == grid[0] else "end" if tick == grid[-1] else "middle"
        parts.append(text(position(tick), height - BOTTOM + 16, short(tick), anchor))
    parts.append(text(right, height - 4, label, "end", "axis"))
    descriptions = []
    for i, (group, values) in enumerate(zip(groups, finite, strict=True)):
        top = TOP + ROW * i
        median = f"median {np.median(values):.{decimals}f}" if len(values) else "no value"
        descriptions.append(f"{group.name}: {median}")
        parts.append(text(left, top + 10, group.name, "start", "name"))
        if math.isfinite(group.baseline):
            median += f" · baseline {group.baseline:.{decimals}f}"
            if grid[0] <= group.baseline <= grid[-1]:
                at = position(group.baseline)
                parts.append(stroke(at, top + 17, at, top + 43, "baseline", "baseline"))
        parts.append(text(right, top + 10, median, "end"))
        parts += _row(group, values, position, top + 30)
    return svg(height, f"{label} a class. " + "; ".join(descriptions), parts)


def ruler(value: float, ends: tuple[float, float], baseline: float) -> str:
    """A score between 0 and 1 on a line, with its interval and the baseline (NaN: none).

    Args:
        value: the score, 0 to 1.
        ends: of its interval; NaN: there is none.
        baseline: the score of the baseline; NaN: there is none.

    Returns:
        An `<svg>` element.
    """
    left, right, y = 8, WIDTH - 8, 20

    def position(amount: float) -> float:
        return left + min(max(amount, 0.0), 1.0) * (right - left)

    parts = [stroke(left, y, right, y, "grid")]
    for mark in (0.0, 0.25, 0.5, 0.75, 1.0):
        anchor = {0.0: "start", 1.0: "end"}.get(mark, "middle")
        parts.append(stroke(position(mark), y - 3, position(mark), y + 3, "grid"))
        parts.append(text(position(mark), y + 20, short(mark), anchor))
    if math.isfinite(ends[0] + ends[1]):
        parts.append(stroke(position(ends[0]), y, position(ends[1]), y, "interval", "interval"))
    if math.isfinite(baseline):
        at = position(baseline)
        parts.append(stroke(at, y - 11, at, y + 11, "baseline", "baseline"))
    parts.append(f'<circle class="score" cx="{position(value):.1f}" cy="{y}" r="5.5"/>')
    return svg(46, f"score {value:.3f} between 0 and 1", parts)


def _row(group, values, position, y):
    style = f'style="--c:{escape(group.color)}"'
    parts = []
    if not len(values):
        return parts
    boxed = len(values) >= BOX_FROM
    low, middle, high = np.percentile(values, (25, 50, 75))
    reach = 1.5 * (high - low) if boxed else math.inf
    ends = values[(values >= low - reach) & (values <= high + reach)]
    parts.append(stroke(position(ends.min()), y, position(ends.max()), y, "whisker"))
    if boxed:
        width = max(1.0, position(high) - position(low))
        parts.append(
            f'<rect class="box" {style} x="{position(low):.1f}" y="{y - 9}" width="{width:.1f}" '
            'height="18" rx="2"/>'
        )
    parts.append(stroke(position(middle), y - 9, position(middle), y + 9, "median"))
    radius = 5.0 if not boxed else 3.0 if len(values) <= 60 else 2.0
    # The golden ratio spreads dots evenly over the height without chance.
    for i, value in enumerate(np.sort(values)):
        dy = 13 * ((0.618034 * i) % 1 - 0.5) if boxed else 0.0
        center = f'cx="{position(value):.1f}" cy="{y + dy:.1f}"'
        parts.append(f'<circle class="dot" {style} {center} r="{radius}"/>')
    return parts


def polylines(line: Line, position: Callable[[float, float], tuple[float, float]]) -> list[str]:
    """A curve; its points too where they are few.

    Args:
        line: the curve.
        position: from a point's values to where it is drawn.

    Returns:
        SVG elements.
    """
    style = f'style="--c:{escape(line.color)}"'
    pieces: list[list[tuple[float, float]]] = [[]]
    for x, y in zip(line.x, line.y, strict=True):
        if math.isfinite(x + y):
            pieces[-1].append(position(x, y))
        elif pieces[-1]:
            pieces.append([])
    parts = []
    for piece in filter(None, pieces):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in piece)
        parts.append(f'<polyline class="line" {style} points="{points}"/>')
        if len(piece) <= 12:
            parts += [
                f'<circle class="dot" {style} cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>' for x, y in piece
            ]
    return parts


def _last(line: Line) -> str:
    defined = [y for y in line.y if math.isfinite(y)]
    return f"{line.name} ends at {defined[-1]:.4g}" if defined else f"{line.name} has no values"
