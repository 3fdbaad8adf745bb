"""What the doctor looks at in each kind of target: a new kind is a module here, and a line."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from keras_mia.core.problem import Problem
from keras_mia.data.targets.base import ImageTarget
from keras_mia.data.targets.box import Box
from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.data.targets.multilabel import Multilabel
from keras_mia.data.targets.regression import Regression
from keras_mia.doctor.balance import Balance
from keras_mia.doctor.finding import Finding, finding
from keras_mia.doctor.targets.boxes import box_balance, box_findings
from keras_mia.doctor.targets.column import Column
from keras_mia.doctor.targets.labels import class_findings, label_balance, multilabel_findings
from keras_mia.doctor.targets.numbers import number_balance, number_findings


class Checks(NamedTuple):
    """What the doctor looks at in a kind of target.

    Args:
        findings: of the cases with their targets.
        balance: how much of each there is.
    """

    findings: Callable[[Column, Any], Iterator[Finding]]
    balance: Callable[[Column, Any], Balance]


CHECKS: Mapping[type[ImageTarget], Checks] = {
    Multiclass: Checks(class_findings, label_balance),
    Multilabel: Checks(multilabel_findings, label_balance),
    Regression: Checks(number_findings, number_balance),
    Box: Checks(box_findings, box_balance),
}


def target_findings(column: Column, names: Mapping[str, str] | None = None) -> Iterator[Finding]:
    """All findings that follow from one target of each image.

    Args:
        column: the cases with their targets.
        names: text -> name to show.
    """
    try:
        target = column.target(names)
    except Problem as problem:
        yield finding("unusable target", None, "", problem.what, remedy=problem.remedy)
        return
    yield from CHECKS[type(target)].findings(column, target)


def target_balance(column: Column, names: Mapping[str, str] | None = None) -> Balance:
    """How much of each class or finding there is, or the range of numbers.

    Args:
        column: the cases with their targets.
        names: text -> name to show.
    """
    try:
        target = column.target(names)
    except Problem:  # stands among the findings
        return ()
    return CHECKS[type(target)].balance(column, target)
