"""Numbers and times as a reader expects them."""

import math
from collections.abc import Mapping

from keras_mia.report.metric_names import decimals

UNDEFINED = "–"


def value(text: object) -> float:
    """A number out of a table's cell or a JSON value; NaN where there is none.

    Args:
        text: what stands there.

    Returns:
        The number; NaN where it is none.
    """
    try:
        return float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan


def number(amount: object, metric: str = "dice") -> str:
    """A value with the decimals its metric deserves.

    Args:
        amount: a number, or what `value` takes for one.
        metric: whose value it is.

    Returns:
        As many decimals as `decimals` says, two less from 100 on; "–" where it is undefined.

    Example:
        >>> number(0.89512), number(3.14159, "hd95_mm"), number(None)
        ('0.895', '3.14', '–')
    """
    amount = value(amount)
    if not math.isfinite(amount):
        return UNDEFINED if math.isnan(amount) else "∞"
    digits = decimals(metric) if abs(amount) < 100 else max(0, decimals(metric) - 2)
    return f"{amount:.{digits}f}"


def interval(ends: object, metric: str = "dice") -> str:
    """ "low to high", or nothing where an end is missing.

    Args:
        ends: low and high.
        metric: whose interval it is.

    Returns:
        The text.
    """
    low, high = ends if isinstance(ends, list | tuple) and len(ends) == 2 else (None, None)
    if not (math.isfinite(value(low)) and math.isfinite(value(high))):
        return ""
    return f"{number(low, metric)} to {number(high, metric)}"


def duration(seconds: object) -> str:
    """Seconds as a person says them.

    Args:
        seconds: a number.

    Returns:
        The text.

    Example:
        >>> duration(4.21), duration(754), duration(7380)
        ('4.2 s', '12 min 34 s', '2 h 3 min')
    """
    seconds = value(seconds)
    if math.isnan(seconds):
        return UNDEFINED
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def count(amount: int, noun: str) -> str:
    """ "1 case", "12 cases", "1 234 567 parameters" (with narrow spaces).

    Args:
        amount: how many.
        noun: of one of them.

    Returns:
        The text.
    """
    text = f"{amount:,}".replace(",", "\u202f")
    return f"{text} {noun}" if amount == 1 else f"{text} {noun}s"


def plain(content: object, size: bool = False) -> str:
    """A value of a JSON file in one line, without brackets and quotes.

    Args:
        content: what `json.loads` gives.
        size: whether lists of numbers are sizes.

    Example:
        >>> plain([64, 32], size=True), plain({"mean": 1.5, "used": True}), plain(None)
        ('64 × 32', 'mean 1.5, used yes', '–')
    """
    if content is None or content == [] or content == {}:
        return UNDEFINED
    if isinstance(content, bool):
        return "yes" if content else "no"
    if isinstance(content, float):
        return f"{content:.4g}"
    if isinstance(content, Mapping):
        return ", ".join(f"{key} {plain(inner, size)}" for key, inner in content.items())
    if isinstance(content, list | tuple):
        simple = size and all(isinstance(item, int | float) for item in content)
        return (" × " if simple else ", ").join(plain(item, size) for item in content)
    return str(content)
