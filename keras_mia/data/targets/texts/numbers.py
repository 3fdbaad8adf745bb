"""Numbers in texts, and texts of numbers."""

import math
import re
from collections.abc import Sequence

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.targets.base import Text, as_text

FINEST = 1e-9
"""Deviations to which a number is written at most: the mean in training is rounded, too."""


def numbers_in(text: Text) -> list[float]:
    """The numbers of a text, which brackets may hold; none where anything else stands in it.

    Args:
        text: of a case.

    Example:
        >>> numbers_in("[1, 2.5]"), numbers_in(("10", "20")), numbers_in("5 mm")
        ([1.0, 2.5], [10.0, 20.0], [])
    """
    try:
        return [float(part) for part in re.split(r"[\s;,]+", as_text(text).strip(" \t()[]"))]
    except ValueError:
        return []


def parsed_numbers(text: Text, count: int, where: object, remedy: str | None = None) -> list[float]:
    """So many finite numbers.

    Args:
        text: of a case.
        count: how many there have to be.
        where: the case, for messages.
        remedy: what to do where there are others; None: to write it so.

    Raises:
        Problem: there are more, fewer, or none.
    """
    numbers: Sequence[float] = numbers_in(text)
    if len(numbers) != count or not np.isfinite(numbers).all():
        raise Problem(
            f"{count} number{'s were' if count > 1 else ' was'} expected as the target, found"
            f" {as_text(text)!r}.",
            where,
            remedy or "Write it so, or leave the case out.",
        )
    return list(numbers)


def exact_text(value: float) -> str:
    """All digits that it takes to read the same number again.

    Args:
        value: any.

    Example:
        >>> exact_text(61.0), exact_text(0.1)
        ('61', '0.1')
    """
    return repr(float(value)).removesuffix(".0")


def number_text(value: float, mean: float = 0.0, std: float = 1.0) -> str:
    """A number to what float32 holds of it, in which it was learnt as deviations from a mean.

    Args:
        value: the number.
        mean: of the training cases.
        std: of the training cases.

    Example:
        >>> number_text(float(np.float32(0.1)))
        '0.1'
    """
    if not math.isfinite(value):
        return exact_text(value)
    deviations = np.float32(abs(value - mean) / std)
    step = std * max(float(np.spacing(deviations)), FINEST)
    return exact_text(round(value, -math.ceil(math.log10(step))))
