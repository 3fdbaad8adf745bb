"""How large the gradient is in each layer, from the image to the output."""

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from keras_mia.report.figures.charts import Line, polylines
from keras_mia.report.figures.figure import Figure
from keras_mia.report.figures.svg import LEFT, RIGHT, WIDTH, Axes, stroke, svg, text
from keras_mia.report.formatting import value
from keras_mia.report.pictures.colors import color

MOST = 4  # curves
TICKS = 6
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def gradient_figures(rows: Sequence[Mapping]) -> list[Figure]:
    """The norms of the gradient over depth, on a logarithmic axis: a curve a step, first and last.

    Args:
        rows: of gradients.csv: `step`, `layer` and `norm`.

    Returns:
        One figure, or none where no norm is above 0 or there is a single layer.
    """
    by_step: dict[int, list[float]] = {}
    for row in rows:
        by_step.setdefault(int(value(row["step"])), []).append(_log(value(row["norm"])))
    finite = [v for curve in by_step.values() for v in curve if math.isfinite(v)]
    depth = max(map(len, by_step.values()), default=0)
    if not finite or depth < 2:
        return []
    steps = list(by_step)
    positions = {round(i * (len(steps) - 1) / (MOST - 1)) for i in range(MOST)}
    chosen = {
        f"step {step}": by_step[step]
        for step in (steps[position] for position in sorted(positions))
    }
    lines = [
        Line(name, color(i), range(1, depth + 1), curve)
        for i, (name, curve) in enumerate(chosen.items(), 1)
    ]
    labels = [f"{name}: {_arriving(curve)}" for name, curve in chosen.items()]
    low, high = math.floor(min(finite)), math.ceil(max(finite))
    high = max(high, low + 1)
    axes = Axes((1, depth), (low, high))
    every = math.ceil((high - low) / TICKS)
    parts = []
    for power in range(low, high + 1, every):
        _, y = axes.position(1, power)
        parts.append(stroke(LEFT, y, WIDTH - RIGHT, y, "grid"))
        parts.append(text(LEFT - 6, y + 4, "10" + str(power).translate(SUPERSCRIPT), "end"))
    names = list(dict.fromkeys(str(row["layer"]) for row in rows))
    for number, anchor in ((1, "start"), (depth, "end")):
        x, _ = axes.position(number, low)
        parts.append(text(x, axes.height - 24, names[number - 1], anchor))
    parts.append(text(WIDTH - RIGHT, axes.height - 4, f"{depth} layers", "end", "axis"))
    for line in lines:
        parts += polylines(line, axes.position)
    chart = svg(axes.height, f"Norm of the gradient over depth. {'; '.join(labels)}", parts)
    legend = {name: line.color for name, line in zip(labels, lines, strict=True)}
    return [Figure("Norm of the gradient in each layer", Markup(chart), legend)]


def _log(norm: float) -> float:
    return math.log10(norm) if norm > 0 else math.nan


def _arriving(curve: Sequence[float]) -> str:
    """What of the last layer's gradient arrives at the first."""
    share = 10 ** (curve[0] - curve[-1])
    return f"first layer {share:.2g} of the last" if math.isfinite(share) else "not known"
