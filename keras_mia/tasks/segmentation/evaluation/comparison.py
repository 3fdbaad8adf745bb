"""Two runs of segmentation compared on the same cases."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing
from keras_mia.metrics.statistics.comparison import compare_structures
from keras_mia.tasks.comparison import common_rows, other_truth, row_of

METRICS = ("dice", "surface_dice", "hd95_mm", "hd95_px")
SIZES = {
    "volume_ml": "volume_error_ml",
    "area_mm2": "area_error_mm2",
    "length_mm": "length_error_mm",
    "volume_px": "volume_error_px",
    "area_px": "area_error_px",
    "length_px": "length_error_px",
}


def compare(run: Path, against: Path) -> list[dict[str, Any]]:
    """The scores of two runs, and how often either misses a structure or makes one up.

    Args:
        run: its folder.
        against: folder of the run to compare it with.

    Raises:
        Problem: they have no case or no class in common, or not the same truth.
    """
    kept = common_rows((against, run), ((), ()))  # tests tell what the second has more
    tables = [
        {(row["case"], row["class"]): _numbers(row) for rows in one for row in rows} for one in kept
    ]
    both = [key for key in tables[0] if key in tables[1]]
    only = {name for table in tables for _, name in table} - {name for _, name in both}
    if not both:
        raise Problem(
            "The runs have no class in common.",
            listing(sorted(only), 8),
            "Compare runs that were trained on the same classes.",
        )
    if only:
        print(f"  Classes that only one of them has are left out: {listing(sorted(only), 8)}.")
    first, second = ([table[key] for key in both] for table in tables)
    _check_truth(first, second)
    metrics = [name for name in METRICS if all(name in row for row in (*first, *second))]
    return [row_of(one) for one in compare_structures(first, second, metrics)]


def _check_truth(first: Sequence[Mapping], second: Sequence[Mapping]) -> None:
    """Size less its error is the truth's own size, which both runs have to agree upon."""
    for size, error in SIZES.items():
        if not all(size in row and error in row for row in (*first, *second)):
            continue
        odd = [
            row["case"]
            for row, other in zip(first, second, strict=True)
            if _differ(row[size] - row[error], other[size] - other[error])
        ]
        if odd:
            raise other_truth(list(dict.fromkeys(odd)))


def _differ(one: float, other: float) -> bool:
    return bool(np.isfinite([one, other]).all() and not np.isclose(one, other, rtol=1e-6))


def _numbers(row: Mapping[str, str]) -> dict[str, Any]:
    texts = ("case", "patient", "class")
    values = {k: v if k in texts else float(v) if v else float("nan") for k, v in row.items()}
    return values | {"patient": row.get("patient") or row["case"]}
