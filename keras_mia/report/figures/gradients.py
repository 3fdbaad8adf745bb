"""How large the gradient is in each layer, from the image to the answer."""

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
    known = [v for curve in by_step.values() for v in curve if math.isfinite(v)]
    depth = max(map(len, by_step.values()), default=0)
    if not known or depth < 2:
        return []
    steps = list(by_step)
    places = {round(i * (len(steps) - 1) / (MOST - 1)) for i in range(MOST)}
    shown = {f"step {step}": by_step[step] for step in (steps[place] for place in sorted(places))}
    lines = [
        Line(name, color(i), range(1, depth + 1), curve)
        for i, (name, curve) in enumerate(shown.items(), 1)
    ]
    told = [f"{name}: {_told(curve)}" for name, curve in shown.items()]
    low, high = math.floor(min(known)), math.ceil(max(known))
    high = max(high, low + 1)
    axes = Axes((1, depth), (low, high))
    every = math.ceil((high - low) / TICKS)
    parts = []
    for power in range(low, high + 1, every):
        _, y = axes.place(1, power)
        parts.append(stroke(LEFT, y, WIDTH - RIGHT, y, "grid"))
        parts.append(text(LEFT - 6, y + 4, "10" + str(power).translate(SUPERSCRIPT), "end"))
    names = list(dict.fromkeys(str(row["layer"]) for row in rows))
    for number, anchor in ((1, "start"), (depth, "end")):
        x, _ = axes.place(number, low)
        parts.append(text(x, axes.height - 24, names[number - 1], anchor))
    parts.append(text(WIDTH - RIGHT, axes.height - 4, f"{depth} layers", "end", "axis"))
    for line in lines:
        parts += polylines(line, axes.place)
    chart = svg(axes.height, f"Norm of the gradient over depth. {'; '.join(told)}", parts)
    legend = {said: line.color for said, line in zip(told, lines, strict=True)}
    return [Figure("Norm of the gradient in each layer", Markup(chart), legend)]


def _log(norm: float) -> float:
    return math.log10(norm) if norm > 0 else math.nan


def _told(curve: Sequence[float]) -> str:
    """What of the last layer's gradient arrives at the first."""
    share = 10 ** (curve[0] - curve[-1])
    return f"first layer {share:.2g} of the last" if math.isfinite(share) else "not known"
