"""A chart with what stands around it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup


@dataclass(frozen=True)
class Figure:
    """A chart with its heading.

    Args:
        title: its heading.
        chart: the SVG element; text that is no `Markup` would be shown as text.
        legend: where it has several curves, name to CSS colour.
    """

    title: str
    chart: Markup
    legend: Mapping[str, str] = field(default_factory=dict)
