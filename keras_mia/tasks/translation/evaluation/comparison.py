"""Two runs of translation compared on the same cases."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from keras_mia.metrics.statistics.comparison import compare_values
from keras_mia.report.formatting import value
from keras_mia.tasks.comparison import common_rows, other_truth, row_of
from keras_mia.tasks.translation.evaluation.evaluator import COLUMNS, SCORES

SAME = 1e-6


def compare(run: Path, against: Path) -> Sequence[Mapping[str, Any]]:
    """The scores of two runs.

    Args:
        run: its folder.
        against: folder of the run to compare it with.

    Returns:
        A row a score, as `tasks.comparison.row_of` makes it.

    Raises:
        Problem: they have no case in common, or not the same truth: the mean training image aside,
            a baseline of the same name has another score.
    """
    first, second = common_rows((against, run), (COLUMNS, COLUMNS))
    pairs = [(one[0], other[0]) for one, other in zip(first, second, strict=True)]
    odd = [one["case"] for one, other in pairs if _differs(one, other)]
    if odd:
        raise other_truth(odd)
    patients = [one.get("patient") or one["case"] for one, _ in pairs]
    return [
        row_of(
            compare_values(
                score,
                [value(one[score]) for one, _ in pairs],
                [value(other[score]) for _, other in pairs],
                patients,
            )
        )
        for score in SCORES
    ]


def _differs(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether the image itself, which no training changes, is another distance from the truth."""
    for name in ("identity: rmse", "cubic interpolation: rmse", "zero filling: rmse"):
        if name in one and name in other:
            values = value(one[name]), value(other[name])
            return abs(values[0] - values[1]) > SAME * max(map(abs, values))
    return False
