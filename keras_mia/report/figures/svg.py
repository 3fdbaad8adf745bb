"""The pieces of a chart in SVG; their colours are those of the page around them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 460
LEFT, RIGHT, TOP, BOTTOM = 46, 16, 14, 40
LONGEST = 34  # letters of a text


@dataclass(frozen=True)
class Axes:
    """Where values lie in a chart.

    Args:
        x, y: the values at both ends of each axis.
        height: of the chart; its width is `WIDTH`.
        top: where the upper end of y lies.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    height: int = 240
    top: int = TOP

    def position(self, x: float, y: float) -> tuple[float, float]:
        """Where a value is drawn.

        Args:
            x, y: the values of a point.

        Returns:
            Its position in the chart, from the left and from the top.
        """
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        bottom = self.height - BOTTOM
        return LEFT + across * (WIDTH - RIGHT - LEFT), bottom - up * (bottom - self.top)

    def grid(self, x_ticks: Sequence[float], y_ticks: Sequence[float], x_label: str) -> list[str]:
        """A line at each tick of y, numbers at both axes, and what x is.

        Args:
            x_ticks, y_ticks: the values that are marked.
            x_label: what x is.

        Returns:
            SVG elements.
        """
        parts = []
        for tick in y_ticks:
            _, y = self.position(self.x[0], tick)
            parts.append(stroke(LEFT, y, WIDTH - RIGHT, y, "grid"))
            parts.append(text(LEFT - 6, y + 4, short(tick), "end"))
        for tick in x_ticks:
            x, _ = self.position(tick, self.y[0])
            parts.append(text(x, self.height - BOTTOM + 16, short(tick), "middle"))
        parts.append(text(WIDTH - RIGHT, self.height - 4, x_label, "end", "axis"))
        return parts


def short(value: float) -> str:
    """A number at an axis.

    Example:
        >>> short(0.5), short(20000)
        ('0.5', '20k')
    """
    if abs(value) >= 10_000:
        return f"{value / 1000:g}k"
    return f"{value:g}"


def stroke(x1: float, y1: float, x2: float, y2: float, kind: str, title: str = "") -> str:
    """A line.

    Args:
        x1, y1, x2, y2: its ends in the chart.
        kind: its class in the style sheet.
        title: shown under the mouse; empty: none.

    Returns:
        An SVG element.
    """
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return (
        f'<line class="{kind}" {ends}>'
        + (f"<title>{escape(title)}</title>" if title else "")
        + "</line>"
    )


def text(
    x: float, y: float, content: str, anchor: str, kind: str = "", longest: int = LONGEST
) -> str:
    """A text.

    Args:
        x, y: of its anchor, in the chart.
        content: the text, which is escaped.
        anchor: which of its ends lies at x: "start", "middle" or "end".
        kind: its class in the style sheet.
        longest: more letters than these are cut off.

    Returns:
        An SVG element.
    """
    short_enough = content if len(content) <= longest else content[: longest - 1] + "…"
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
        f"{escape(short_enough)}</text>"
    )


def svg(height: float, label: str, parts: Sequence[str]) -> str:
    """The whole element.

    Args:
        height: of the chart; its width is `WIDTH`.
        label: what it shows, for those who do not see it; it is escaped.
        parts: SVG elements.

    Returns:
        The element.
    """
    description = escape(label, quote=True)
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{description}">'
        + "".join(parts)
        + "</svg>"
    )


def area(
    axes: Axes,
    x: Iterable[float],
    low: Iterable[float],
    high: Iterable[float],
    color: str = "var(--accent)",
) -> str:
    """What lies between two curves; nothing where an end is not finite.

    Args:
        axes: of the chart.
        x, low, high: the points of both curves.
        color: a CSS colour.

    Returns:
        An SVG element, or an empty text.
    """
    ends = [(a, b, c) for a, b, c in zip(x, low, high, strict=True) if math.isfinite(b + c)]
    border = [(a, c) for a, _, c in ends] + [(a, b) for a, b, _ in reversed(ends)]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (axes.position(*point) for point in border))
    style = f'style="--c:{escape(color)}"'
    return f'<polygon class="band" {style} points="{points}"/>' if ends else ""
