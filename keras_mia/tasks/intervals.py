"""Intervals as metrics.json holds them."""

from collections.abc import Mapping
from typing import Any

from keras_mia.metrics.statistics.interval import Interval


def interval_fields(intervals: Mapping[str, Interval]) -> dict[str, dict[str, Any]]:
    """`interval` with both ends of each score, and `interval_method`, how they were found.

    Example:
        >>> interval_fields({"dice": Interval(0.7, 0.9, "Wilson, t")})
        {'interval': {'dice': [0.7, 0.9]}, 'interval_method': {'dice': 'Wilson, t'}}
    """
    return {
        "interval": {name: [float(one.low), float(one.high)] for name, one in intervals.items()},
        "interval_method": {name: str(one.method) for name, one in intervals.items()},
    }
