"""The curves of training."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from keras_mia.core.training_logs import VALIDATION, losses_in
from keras_mia.report.figures.charts import Line, line_chart
from keras_mia.report.figures.figure import Figure
from keras_mia.report.formatting import value
from keras_mia.report.metric_names import heading
from keras_mia.report.pictures.colors import color


def curves(history: Sequence[Mapping]) -> list[Figure]:
    """Curves of the losses, of the validation scores between 0 and 1, and of each other score.

    Args:
        history: a row an epoch.
    """
    columns = list(dict.fromkeys(key for row in history for key in row))
    across = next((name for name in ("step", "epoch") if name in columns), None)
    if across is None or len(history) < 2:  # a single point is no curve
        return []
    losses, groups = losses_in(columns), defaultdict[str, list[Line]](list)
    for name in columns:
        metric = name.removeprefix(VALIDATION)
        # What was not measured in an epoch is left out; a loss that is not a number is a gap.
        rows = [row for row in history if row.get(name) not in ("", None)]
        y = [value(row[name]) for row in rows]
        if name in losses or (name != metric and "loss" in metric):
            title = "Loss"
        elif name == metric:
            continue
        elif all(0 <= v <= 1 for v in y if not math.isnan(v)):
            title = "Validation score"
        else:
            title = f"Validation {heading(metric)}"
        lines = groups[title]
        label = heading(metric if title != "Loss" else name)
        css = "var(--accent)" if not lines else color(len(lines))
        lines.append(Line(label, css, [value(row.get(across)) for row in rows], y))
    figures = []
    for title, lines in groups.items():
        if title == "Validation score" and len(lines) == 1:
            title = f"Validation {lines[0].name}"
        if chart := line_chart(lines, across, title):
            legend = {line.name: line.color for line in lines} if len(lines) > 1 else {}
            figures.append(Figure(title, Markup(chart), legend))
    return figures
