"""Which cases a report shows: the best, the median and the worst."""

import math
from collections.abc import Mapping


def extremes(values: Mapping[str, float], *, lower_is_better: bool = False) -> dict[str, str]:
    """The cases of the best, the median and the worst value, each once.

    Args:
        values: case -> its score; NaN: undefined.
        lower_is_better: whether a small score is a good one.

    Returns:
        Case -> "Best", "Median" or "Worst", in that order; of cases without a score the first, as
        "Case".

    Example:
        >>> extremes({"a": 0.1, "b": 0.9, "c": 0.5})
        {'b': 'Best', 'c': 'Median', 'a': 'Worst'}
    """
    defined = [case for case in values if not math.isnan(values[case])]
    if not defined:
        return dict.fromkeys(list(values)[:1], "Case")
    ranked = sorted(defined, key=lambda case: values[case] if lower_is_better else -values[case])
    # Of two cases the lower one is the worst, not the median.
    positions = {"Best": 0, "Worst": len(ranked) - 1, "Median": len(ranked) // 2}
    titles: dict[int, str] = {}
    for title, position in positions.items():
        titles.setdefault(position, title)
    return {ranked[position]: title for position, title in sorted(titles.items())}
