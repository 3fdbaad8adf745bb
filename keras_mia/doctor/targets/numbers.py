"""Numbers: texts that are none, and those far from all others."""

from collections.abc import Iterator

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.targets.regression import Regression
from keras_mia.data.targets.texts.numbers import numbers_in
from keras_mia.data.targets.texts.plausibility import outliers
from keras_mia.doctor.balance import Balance
from keras_mia.doctor.finding import Finding, finding
from keras_mia.doctor.targets.column import Column


def number_findings(column: Column, target: Regression) -> Iterator[Finding]:
    """Texts that are no numbers, and numbers far from all others.

    Args:
        column: the cases with their numbers.
        target: what is to be learnt of them.
    """
    numbers = []
    for case in column.cases:
        try:
            target.encode(case.text, case.name)
        except Problem as problem:
            yield finding(
                "unusable target", case, case.images[0], problem.what, remedy=problem.remedy
            )
            continue
        numbers.append((case, numbers_in(case.text)[0]))
    for number, wrong, explanation in outliers([value for _, value in numbers]):
        case, value = numbers[number]
        what = f"Its number is {value:g}; {explanation}."
        yield finding("odd number", case, case.images[0], what, wrong=wrong)


def number_balance(column: Column, target: Regression) -> Balance:
    """A row a part of the split, with the range of its numbers.

    Args:
        column: the cases with their numbers.
        target: what is to be learnt of them.
    """
    parts: dict[str, list[float]] = {}
    for case in column.cases:
        parts.setdefault(case.split or "all", []).extend(numbers_in(case.text)[:1])
    return tuple(
        {
            "part": part,
            "cases": len(values),
            "lowest": f"{min(values):.4g}",
            "median": f"{np.median(values):.4g}",
            "highest": f"{max(values):.4g}",
        }
        for part, values in parts.items()
        if values
    )
