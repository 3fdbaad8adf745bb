"""The score at the head of a report."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from keras_mia.report.figures.charts import ruler
from keras_mia.report.formatting import interval, number, value
from keras_mia.report.metric_names import heading, lower_is_better


@dataclass(frozen=True)
class Headline:
    """The main score with all that is needed to read it.

    Args:
        metric: its name in metrics.json, by which its unit and its direction are known.
        score: finite.
        of: what it is of, behind its name, such as " of ill"; empty: nothing.
        ends: of its 95 % interval; None: there is none.
        baseline: the same score without a network; NaN: there is none.
    """

    metric: str
    score: float
    of: str = ""
    ends: Sequence[float | None] | None = None
    baseline: float = math.nan

    @property
    def name(self) -> str:
        """What the score is, in words."""
        return heading(self.metric) + self.of

    @property
    def text(self) -> str:
        """The score, with the decimals it deserves."""
        return number(self.score, self.metric)

    @property
    def interval(self) -> str:
        """The interval in words."""
        return interval(self.ends, self.metric) or "none can be given"

    @property
    def baseline_text(self) -> str:
        """The baseline; empty where there is none."""
        return "" if math.isnan(self.baseline) else number(self.baseline, self.metric)

    @property
    def ruler(self) -> Markup:
        """The score on a line from 0 to 1; empty where that is not its range, or 0 is best."""
        if not 0 <= self.score <= 1 or lower_is_better(self.metric):
            return Markup()
        has_interval = self.ends and interval(self.ends, self.metric)
        low, high = (
            (float(end or 0) for end in self.ends or ()) if has_interval else (math.nan, math.nan)
        )
        return Markup(ruler(self.score, (low, high), self.baseline))


def mean_over(classes: Sequence[str]) -> str:
    """That a score is the mean over classes, for `Headline.of`; empty where there is one class.

    Args:
        classes: their names.

    Returns:
        What goes behind the score's name.

    Example:
        >>> mean_over(["front", "back"])
        ', mean over 2 classes'
    """
    return f", mean over {len(classes)} classes" if len(classes) > 1 else ""


def headline_of(metrics: Mapping, metric: str | None, of: str = "") -> Headline | None:
    """The headline of a metric.

    Args:
        metrics: what metrics.json holds; of these keys `mean`, `interval` and `baseline`.
        metric: its name in them; None: there is none.
        of: what it is of, as in `Headline`.

    Returns:
        None where the metric is missing or undefined.

    Example:
        >>> found = headline_of({"mean": {"auc": 0.9}, "interval": {"auc": [0.8, 0.95]}}, "auc")
        >>> found.text, found.interval
        ('0.900', '0.800 to 0.950')
    """
    score = value((metrics.get("mean") or {}).get(metric))
    if metric is None or math.isnan(score):
        return None
    ends = (metrics.get("interval") or {}).get(metric)
    baseline = value((metrics.get("baseline") or {}).get(metric))
    return Headline(metric, score, of, ends, baseline)
