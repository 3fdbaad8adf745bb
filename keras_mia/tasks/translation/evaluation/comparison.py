"""Two runs of translation compared on the same cases."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from keras_mia.core.files.text_files import read_json
from keras_mia.core.problem import Problem
from keras_mia.core.text import listing
from keras_mia.data.datasets.tables.run_tables import Column
from keras_mia.metrics.statistics.comparison import compare_values
from keras_mia.report.formatting import value
from keras_mia.tasks.comparison import common_rows, other_truth, row_of
from keras_mia.tasks.translation.evaluation.evaluator import COLUMNS, SCORES
from keras_mia.tasks.translation.evaluation.unpaired_evaluator import is_unpaired

SAME = 1e-6
NEEDED = (*COLUMNS, Column("truth_mean", number=True), Column("truth_range", number=True))
RELATIVE = ("psnr", "ssim")
"""Scores without a unit."""


def compare(run: Path, against: Path) -> Sequence[Mapping[str, Any]]:
    """The scores of two runs.

    Args:
        run: its folder.
        against: folder of the run to compare it with.

    Returns:
        A row a score, as `tasks.comparison.row_of` makes it.

    Raises:
        Problem: they have no case in common, or not the same truth: the true values that count have
            another mean, or scores are relative to another range.
    """
    for folder in (run, against):
        if is_unpaired(read_json(folder / "metrics.json")):
            raise Problem(
                "Without pairs there are no true images, and so no errors to compare case by case.",
                folder,
                "Score its predictions against true images (evaluate --truth), or read the kernel"
                " distances of the reports.",
            )
    first, second = common_rows((against, run), (NEEDED, NEEDED))
    pairs = [(one[0], other[0]) for one, other in zip(first, second, strict=True)]
    if odd := _unlike(pairs, "truth_mean"):
        raise other_truth(odd)
    if odd := _unlike(pairs, "truth_range"):
        raise Problem(
            "PSNR and SSIM of the runs are relative to different ranges, as of pictures of 8 bits"
            " where values of images and targets mean the same in one run and not in the other.",
            listing(odd, 5),
            "Compare runs with the same --target-values.",
        )
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
        for score in _comparable(run, against)
    ]


def _unlike(pairs: Sequence[tuple[Mapping[str, str], ...]], column: str) -> list[str]:
    """The cases of which both runs do not have the same number there."""
    return [
        one["case"]
        for one, other in pairs
        if not math.isclose(value(one[column]), value(other[column]), rel_tol=SAME)
    ]


def _comparable(*folders: Path) -> Sequence[str]:
    """The scores that have one unit in all runs."""
    files = [folder / "metrics.json" for folder in folders]
    units = {read_json(file).get("unit") or "their own values" for file in files}
    if len(units) == 1:
        return SCORES
    print(f"  Errors are in {' and in '.join(sorted(units))}: what has no unit is compared alone.")
    return RELATIVE
