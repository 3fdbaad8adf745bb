"""What values of options mean, for the `type` of an option and for texts that hold several."""

import argparse
import ast
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from keras_mia.core.problem import Problem


def positive(kind: Callable[[str], Any]) -> Callable[[str], Any]:
    """A parser of numbers above 0, for an option's `type`.

    Args:
        kind: `int` or `float`.
    """
    return above(0, kind)


def above(low: int, kind: Callable[[str], Any]) -> Callable[[str], Any]:
    """A parser of numbers that are larger than `low`, for an option's `type`.

    Args:
        low: the largest that is too small.
        kind: `int` or `float`.
    """

    def parse(text: str):
        value = kind(text)
        if not value > low:
            raise argparse.ArgumentTypeError(f"{text} is not above {low}")
        return value

    parse.__name__ = kind.__name__
    return parse


def within(low: float, high: float, *, open_end: bool = False) -> Callable[[str], float]:
    """A parser of numbers of an interval, for an option's `type`.

    Args:
        low: the smallest.
        high: the largest.
        open_end: whether `high` itself is too much.
    """

    def number(text: str) -> float:
        value = float(text)
        if not low <= value <= high or (open_end and value == high):
            end = f"below {high:g}" if open_end else f"{high:g}"
            raise argparse.ArgumentTypeError(f"{text} is not between {low:g} and {end}")
        return value

    return number


def named_values(given: Sequence[str]) -> dict[str, Any]:
    """What several `--option NAME=VALUE` say.

    Args:
        given: the texts behind `--option`.

    Returns:
        Name -> value: a Python literal where the text is one, else the text.

    Raises:
        Problem: one is no such pair.

    Example:
        >>> named_values(["depth=34", "pooling=max"])
        {'depth': 34, 'pooling': 'max'}
    """
    values = {}
    for text in given:
        name, middle, value = text.partition("=")
        if not middle or not name.isidentifier():
            raise Problem("An option is NAME=VALUE.", f"--option {text}", "--option depth=34")
        try:
            values[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            values[name] = value
    return values


def check_named_once(values: Sequence[str], text: str) -> None:
    """Refuses two names for one value of `--labels`.

    Args:
        values: that are named.
        text: what the user wrote.

    Raises:
        Problem: one is named twice.
    """
    twice = [value for value, count in Counter(values).items() if count > 1]
    if twice:
        raise Problem(
            f"{', '.join(twice)} has two names.", f"--labels {text}", "Name each value once."
        )
