"""How much of each class a data set has, as the first table of the doctor."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from keras_mia.data.datasets.cases import SPLITS, Case
from keras_mia.doctor.images import Surveyed
from keras_mia.doctor.label_maps import Labels

ROWS = 50
SHARES = ("voxels", "share")
Balance = tuple[Mapping[str, Any], ...]


def of_labels(surveyed: Surveyed, labels: Labels) -> Balance:
    """A row a label value: how many cases hold it, and its share of the voxels."""
    values = sorted({value for _, facts in surveyed for value in facts.values})
    total = max(1, sum(sum(facts.values.values()) for _, facts in surveyed))
    rows, parts = [], split_parts([case for case, _ in surveyed])
    for value in values:
        holders = [(case, facts) for case, facts in surveyed if value in facts.values]
        rows.append(
            {
                "value": value,
                "name": labels.names.get(value, ""),
                **split_counts([case for case, _ in holders], parts),
                "voxels": sum(facts.values[value] for _, facts in holders) / total,
            }
        )
    return tuple(rows)


def table(balance: Balance) -> str:
    """Right-aligned columns; those that are empty in all rows are left out."""
    columns = [name for name in balance[0] if any(row[name] != "" for row in balance)]
    cells = [columns] + [
        [f"{100 * row[c]:.3g} %" if c in SHARES else str(row[c]) for c in columns]
        for row in balance
    ]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    lines = [
        "  ".join(
            cell.ljust(width) if name == "name" else cell.rjust(width)
            for name, cell, width in zip(columns, line, widths, strict=True)
        )
        for line in cells[: ROWS + 1]
    ]
    lines += [f"and {len(balance) - ROWS} more"] if len(balance) > ROWS else []
    return "\n".join(f"  {line}".rstrip() for line in lines)


def split_parts(cases: Sequence[Case]) -> list[str]:
    """The parts of the split; none where there is no split."""
    present = {case.split for case in cases}
    return [part for part in SPLITS if part in present]


def split_counts(holders: Sequence[Case], parts: Sequence[str]) -> dict[str, int]:
    """How many there are, or how many in each part of the split."""
    if not parts:
        return {"cases": len(holders)}
    count = Counter(case.split for case in holders)
    return {part: count[part] for part in parts}
