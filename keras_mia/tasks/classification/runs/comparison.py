"""Two runs that predict one target for a whole image, compared on the same cases."""

from pathlib import Path
from typing import Any

from keras_mia.core.problem import Problem
from keras_mia.tasks.classification.classification_plan import ClassificationPlan
from keras_mia.tasks.comparison import common_rows, other_truth, row_of
from keras_mia.tasks.kinds.table import kind_of


def compare(run: Path, against: Path) -> list[dict[str, Any]]:
    """The scores of two runs by what they predict of the same cases.

    Args:
        run: its folder.
        against: folder of the run to compare it with.

    Returns:
        A row a score, as `row_of` makes it.

    Raises:
        Problem: they do not predict the same, have no case in common, or not the same truth.
    """
    folders = (against, run)  # tests tell what the second has more than the first
    kinds = [kind_of(ClassificationPlan.read(folder / "plan.json").coarse) for folder in folders]
    kept = common_rows(folders, [kind.columns() for kind in kinds])
    if kinds[0].target.question != kinds[1].target.question:
        raise Problem(
            "The runs predict different targets.",
            ", ".join(map(str, folders)),
            "Compare runs that were trained on the same kind of data.",
        )
    first, second = ([rows[0] for rows in cases] for cases in kept)
    pairs = zip(first, second, strict=True)
    odd = [row["case"] for row, other in pairs if kinds[0].has_other_truth(row, other)]
    if odd:
        raise other_truth(odd)
    patients = [row.get("patient") or row["case"] for row in first]
    return [row_of(one) for one in kinds[0].compare(first, second, patients)]
