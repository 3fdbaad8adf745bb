"""The generator's two objectives side by side."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from markupsafe import Markup

from keras_mia.data.datasets.tables.run_tables import read_run_table
from keras_mia.report.figures.charts import Line, line_chart
from keras_mia.report.figures.figure import Figure
from keras_mia.report.formatting import value
from keras_mia.report.pictures.colors import color
from keras_mia.tasks.generation.callbacks.objectives import COLUMNS, FILE

TITLES = {
    "alone": "Gradient of the generator while the discriminator learns alone",
    "training": "Gradient of the generator in training",
}
NAMES = {"minimax": "log(1 - D(G(z)))", "non_saturating": "-log D(G(z))"}


def objective_figures(folder: Path) -> list[Figure]:
    """The norm of the gradient of either objective, and how real samples look, over steps.

    Args:
        folder: of a run, with objectives.csv where it was diagnosed.

    Returns:
        A figure for the discriminator alone, and one for training; none without the file.
    """
    path = folder / FILE
    rows = read_run_table(path, COLUMNS) if path.exists() else []
    figures = []
    for part, title in TITLES.items():
        of_part = [row for row in rows if row["part"] == part]
        if len(of_part) > 1:
            figures.append(_figure(title, of_part))
    return figures


def _figure(title: str, rows: Sequence[Mapping[str, str]]) -> Figure:
    steps = [value(row["step"]) for row in rows]
    lines = [
        Line(label, color(number), steps, [_log(value(row[name])) for row in rows])
        for number, (name, label) in enumerate(NAMES.items(), start=1)
    ]
    chart = line_chart(lines, "step", title)
    legend = {f"{line.name}, log10 of its norm": line.color for line in lines}
    return Figure(title, Markup(chart), legend)


def _log(norm: float) -> float:
    return math.log10(norm) if norm > 0 else math.nan
