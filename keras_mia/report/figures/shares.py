"""How often each class comes, in two sets."""

from collections.abc import Sequence
from html import escape

import numpy as np
from markupsafe import Markup

from keras_mia.report.figures.charts import ticks
from keras_mia.report.figures.figure import Figure
from keras_mia.report.figures.svg import BOTTOM, TOP, WIDTH, stroke, svg, text
from keras_mia.report.pictures.colors import color

ROW, BAR, BETWEEN = 30, 9, 1
LETTER = 7  # pixels of one
LONGEST = 16
VALUES = 52  # pixels at the right, for numbers
MOST = 30
NAMES = ("Real", "Samples")
COLORS = ("var(--accent)", color(1))


def share_figure(
    classes: Sequence[str],
    real: Sequence[float] | np.ndarray,
    samples: Sequence[float] | np.ndarray,
    *,
    title: str = "Share of each class",
    names: Sequence[str] = NAMES,
) -> list[Figure]:
    """A row a class: a bar of its share in one set, and one of its share in the other.

    Of more than 30 classes, those whose shares differ most are drawn.

    Args:
        classes: their names.
        real: the share of each in the first set, 0 to 1.
        samples: the share of each in the second set, 0 to 1.
        title: of the figure.
        names: of both sets.

    Returns:
        One figure, or none where there is no class.

    Raises:
        ValueError: there is not a share a class, or one is outside of 0 to 1.

    Example:
        >>> (figure,) = share_figure(["3", "8"], [0.5, 0.5], [0.9, 0.1])
        >>> figure.title, figure.chart.count("<rect")
        ('Share of each class', 4)
    """
    shares = np.stack([np.asarray(real, float), np.asarray(samples, float)], axis=-1)
    if shares.shape != (len(classes), 2) or not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError(f"Shares of {len(classes)} classes are {shares.tolist()}.")
    if not len(classes):
        return []
    chosen = np.sort(np.argsort(-np.abs(shares[:, 0] - shares[:, 1]), kind="stable")[:MOST])
    scale = ticks(0, shares[chosen].max(), 4)
    left = 10 + LETTER * min(LONGEST, max(len(classes[k]) for k in chosen))
    right = WIDTH - VALUES
    height = TOP + ROW * len(chosen) + BOTTOM

    def position(share: float) -> float:
        return left + share / scale[-1] * (right - left)

    parts = []
    for tick in scale:
        parts.append(stroke(position(tick), TOP, position(tick), height - BOTTOM, "grid"))
        parts.append(text(position(tick), height - BOTTOM + 16, f"{100 * tick:g}", "middle"))
    counted = f"{len(chosen)} of {len(classes)} classes, " if len(chosen) < len(classes) else ""
    parts.append(text(right, height - 4, f"{counted}% of each set", "end", "axis"))
    descriptions = []
    for i, k in enumerate(chosen):
        top = TOP + ROW * i + (ROW - 2 * BAR - BETWEEN) / 2
        parts.append(text(left - 8, TOP + ROW * (i + 0.5) + 4, classes[k], "end", "name", LONGEST))
        percents = [f"{100 * share:.1f} %" for share in shares[k]]
        for j, (share, percent) in enumerate(zip(shares[k], percents, strict=True)):
            y = top + j * (BAR + BETWEEN)
            parts.append(
                f'<rect class="bar" style="--c:{COLORS[j]}" x="{left:.1f}" y="{y:.1f}" '
                f'width="{position(share) - left:.1f}" height="{BAR}">'
                f"<title>{escape(f'{classes[k]}, {names[j]}: {percent}')}</title></rect>"
            )
        parts.append(text(WIDTH, TOP + ROW * (i + 0.5) + 4, percents[1], "end"))
        descriptions.append(f"{classes[k]}: {' and '.join(percents)}")
    label = f"{title}, {' and '.join(names)}. {'; '.join(descriptions)}"
    return [Figure(title, Markup(svg(height, label, parts)), dict(zip(names, COLORS, strict=True)))]
