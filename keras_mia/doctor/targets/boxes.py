"""Boxes: outside of their images, without a size, or in another order than their columns say."""

from collections.abc import Iterator, Sequence

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.cases import Case
from keras_mia.data.targets.box import Box
from keras_mia.data.targets.texts.box_corners import are_swapped, box_fault
from keras_mia.doctor.balance import Balance
from keras_mia.doctor.finding import Finding, finding
from keras_mia.doctor.targets.column import Column

ORDER = (
    "Say what a box's numbers are by the columns' names, such as xmin ymin xmax ymax; in a column"
    " without such a name a picture's are row, column, row, column."
)
EXCHANGED = f"With rows and columns exchanged all boxes would lie inside. {ORDER}"


def box_findings(column: Column, target: Box) -> Iterator[Finding]:
    """Boxes that lie outside their images, or have no size, or no meaning.

    Args:
        column: the cases with their boxes, and facts of all images.
        target: what is to be learnt of them.
    """
    faults: list[tuple[Case, np.ndarray, Sequence[int], str, str]] = []
    boxes = []
    for case in column.cases:
        space = (column.facts or {})[case.name].stored_space
        try:
            box = target.corners(case.text, case.name, len(space))
        except Problem as problem:
            yield finding("unusable target", case, case.images[0], problem.what)
            continue
        boxes.append((box, space))
        if wrong := box_fault(box, space):
            faults.append((case, box, space, *wrong))
    outside = any(kind == "box outside" for *_, kind, _ in faults)
    exchanged = outside and are_swapped([box for box, _ in boxes], [space for _, space in boxes])
    for case, _, _, kind, what in faults:
        remedy = (EXCHANGED if exchanged else ORDER) if kind == "box outside" else None
        yield finding(kind, case, case.images[0], what, remedy=remedy)


def box_balance(column: Column, target: Box) -> Balance:
    """No row: boxes are all different.

    Args:
        column: the cases with their boxes.
        target: what is to be learnt of them.
    """
    return ()
