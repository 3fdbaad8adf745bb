"""Scores as an app prints them at its end."""

import math
from collections.abc import Iterable, Mapping

from keras_mia.core.text import plural
from keras_mia.report.interval_text import interval_sentences


def scores_text(
    metrics: Mapping, names: Iterable[str], kind: str = "held-out case", of: str = ""
) -> str:
    """A line on how many cases were scored, and a line a score with its interval and the
    baseline's.

    Args:
        metrics: what metrics.json holds.
        names: of the scores; those that are undefined are left out.
        kind: what cases these are.
        of: what is scored, where it is not what is predicted.
    """
    cases_text = f"{plural(metrics['cases'], kind)} of {plural(metrics['patients'], 'patient')}"
    lines = [f"Scores of {of} on {cases_text}" if of else f"Scores on {cases_text}"]
    names = list(names)
    width = max(map(len, names), default=0) + 1
    for name in names:
        value = metrics["mean"].get(name, math.nan)
        if math.isnan(value):
            continue
        line = f"  {name:<{width}}{value:.4f}"
        low, high = metrics["interval"].get(name, (math.nan, math.nan))
        if not math.isnan(low):
            line += f"  (95 % interval {low:.3f} to {high:.3f})"
        if name in metrics.get("baseline", {}):
            line += f"  without a network: {metrics['baseline'][name]:.3f}"
        lines.append(line)
    return "\n".join([*lines, *(f"  {line}" for line in interval_sentences(metrics, names))])
