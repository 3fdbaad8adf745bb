"""Which classes are taken for which."""

from collections.abc import Sequence
from html import escape

import numpy as np
from markupsafe import Markup

from keras_mia.report.figures.figure import Figure
from keras_mia.report.figures.svg import RIGHT, WIDTH, svg, text

LETTER = 6.9  # width of a letter in the style sheet's size
UPPER, LOWER = 40, 26
LONGEST = 21  # letters of a name
LARGEST = 96  # pixels of a cell
COUNTS_FROM, SHARES_FROM = 44, 16  # pixels of a cell that has room for both numbers, for one


def confusion_figure(table: np.ndarray, names: Sequence[str]) -> Figure:
    """A confusion matrix: a row a true class, darker the greater the share of the row.

    Every cell that is not empty shows its numbers under the mouse.

    Args:
        table: of `confusion`, `(classes, classes)`; true classes are rows.
        names: of the classes.

    Returns:
        The matrix.

    Example:
        >>> figure = confusion_figure(np.array([[8, 2], [0, 5]]), ["well", "sick"])
        >>> "well taken for sick: 2 of 10" in figure.chart
        True
    """
    table = np.asarray(table)
    classes = len(names)
    numbered = classes > 4
    rows = [f"{i} {name}" if numbered else name for i, name in enumerate(names, 1)]
    longest = min(LONGEST, max(map(len, rows)))
    left = 16 + LETTER * longest
    size = min(LARGEST, (WIDTH - RIGHT - left) / classes)
    parts = [text(left, 12, "predicted", "start", "axis")]
    for index, name in enumerate(names):
        middle = left + size * (index + 0.5)
        column = str(index + 1) if numbered else name
        if size >= 9 or not index % 5:
            parts.append(
                text(middle, UPPER - 8, column, "middle", "name", max(2, int(size / LETTER)))
            )
    for row, name in enumerate(rows):
        top = UPPER + size * row
        style = "name" if size >= 13 else "tiny"
        if size >= 9 or not row % 5:
            parts.append(text(left - 8, top + size / 2 + 4, name, "end", style, longest))
        for other in range(classes):
            parts += _cell(table, names, (row, other), (left + size * other, top), size)
    height = UPPER + size * classes + LOWER
    if size >= COUNTS_FROM:
        meaning = "numbers: cases and percent of the row"
    else:
        meaning = f"{'numbers: percent' if size >= SHARES_FROM else 'colour: share'} of the row"
    foot = f"rows: true classes; {meaning}"
    parts.append(text(WIDTH - RIGHT, height - 4, foot, "end", "axis", longest=80))
    right = f"{np.trace(table)} of {table.sum()} right"
    title = "Confusion matrix"
    return Figure(title, Markup(svg(round(height), f"{title}: {right}", parts)))


def _cell(
    table: np.ndarray,
    names: Sequence[str],
    cell: tuple[int, int],
    corner: tuple[float, float],
    size: float,
) -> list[str]:
    (row, column), (x, y) = cell, corner
    count, whole = int(table[row, column]), int(table[row].sum())
    square = f'x="{x + 0.5:.1f}" y="{y + 0.5:.1f}" width="{size - 1:.1f}" height="{size - 1:.1f}"'
    if not count:
        return [f'<rect class="cell" {square} fill-opacity="0.04"/>']
    share = count / whole
    # A number has to be read on it, in light and in dark.
    opacity = 0.08 + (0.52 if size >= SHARES_FROM else 0.92) * share
    verb = "is right" if row == column else f"taken for {names[column]}"
    title = escape(f"{names[row]} {verb}: {count} of {whole}")
    parts = [
        f'<rect class="cell" {square} fill-opacity="{opacity:.3f}"><title>{title}</title></rect>'
    ]
    percent = f"{100 * share:.0f}" if share >= 0.005 else "<1"
    middle = x + size / 2
    if size >= COUNTS_FROM:
        parts.append(text(middle, y + size / 2 - 1, str(count), "middle", "count"))
        parts.append(text(middle, y + size / 2 + 14, f"{percent} %", "middle", "percent"))
    elif size >= SHARES_FROM:
        parts.append(text(middle, y + size / 2 + 3.5, percent, "middle", "tiny"))
    return parts
