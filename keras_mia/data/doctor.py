"""Looks through a data set for what would spoil training or the scores."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from keras_mia.core.files import write_csv
from keras_mia.data.cases import SPLITS, Case, Cases, counted
from keras_mia.data.doctor_case import examine
from keras_mia.data.doctor_cases import Labels, Seen, compare, patients
from keras_mia.data.doctor_finding import KINDS, Finding, finding
from keras_mia.data.fingerprint import CaseFacts, each
from keras_mia.data.pairing import listed

SHOWN = 10
ROWS = 50
HEADINGS = {"wrong": "Wrong", "note": "Worth a look"}


@dataclass(frozen=True)
class Diagnosis:
    """What was found in a data set.

    Args:
        findings: what is wrong first, then notes, each in the order of `KINDS`.
        balance: a row a label value: `value`, `name`, `voxels` (their share), and how many `cases`
            hold it, or how many of each part of the split (`train`, `validation`, `test`).
        source: that the cases were read from.
        cases: how many there are.
        compared: how many of them could be compared with the others.
    """

    findings: tuple[Finding, ...]
    balance: tuple[Mapping[str, Any], ...]
    source: str
    cases: int
    compared: int

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """The findings to mend before training."""
        return tuple(one for one in self.findings if one.severity == "wrong")

    def save(self, path: str | os.PathLike) -> None:
        """Writes a CSV file with a row a finding."""
        rows = [asdict(one) for one in self.findings]
        write_csv(path, rows, [field.name for field in fields(Finding)])

    def describe(self) -> str:
        """The class balance, the findings by kind with how to mend them, and a last sentence."""
        parts = [_balance_table(self.balance)] if self.balance else []
        groups: dict[tuple[str, str, str], list[Finding]] = {}
        for one in self.findings:
            groups.setdefault((one.severity, one.kind, one.mend), []).append(one)
        parts += [_group(found, self.source) for found in groups.values()]
        return "\n\n".join([*parts, self._conclusion()])

    def _conclusion(self) -> str:
        wrong, notes = len(self.wrong), len(self.findings) - len(self.wrong)
        said = f"{counted(wrong, 'finding')} to mend" if wrong else "Nothing is wrong"
        said += f" and {counted(notes, 'note')}" if notes else ""
        said += f" in {counted(self.cases, 'case')}."
        left = self.cases - self.compared
        if left:
            said += (
                f" {counted(left, 'case')} could not be compared with the others: mend"
                f" {'it' if left == 1 else 'them'} and run again."
            )
        return said


def diagnose(
    cases: Cases,
    *,
    names: Mapping[int, str] | None = None,
    keep: Sequence[int] | None = None,
) -> Diagnosis:
    """Examines each case once, by a few threads, and compares them.

    Args:
        cases: as `read_cases(..., strict=False)` gives them; an authors' split stands in `split`.
        names: label value -> name as the user gives them, beside those of the data set.
        keep: the label values to keep as classes; the rest counts as background.

    Returns:
        A `Diagnosis`. A case that is wrong by itself is not compared with the others.

    Example:
        >>> from keras_mia.data import read_cases
        >>> found = diagnose(read_cases("sample:digits"))
        >>> found.wrong, found.compared == found.cases
        ((), True)
    """
    labels = _labels(cases, names, keep)
    found = [
        finding("incomplete case", None, file, one.what, mend=one.mend)
        for one in cases.incomplete
        for file in one.files
    ]
    seen: list[tuple[Case, CaseFacts]] = []
    for case, (own, facts) in zip(cases, each(examine, cases, "examining"), strict=True):
        found += own
        seen += [(case, facts)] if facts else []
    found += [*compare(seen, labels), *patients(cases)]
    kinds, severities = list(KINDS), list(HEADINGS)
    found.sort(key=lambda one: (severities.index(one.severity), kinds.index(one.kind)))
    return Diagnosis(tuple(found), _balance(seen, labels), cases.source, len(cases), len(seen))


def warnings(
    cases: Cases,
    known: Mapping[tuple[Path, ...], CaseFacts],
    *,
    names: Mapping[int, str] | None = None,
    keep: Sequence[int] | None = None,
) -> tuple[str, ...]:
    """The fast part of `diagnose`: what is wrong as far as known facts tell; no file is read.

    Args:
        cases: with the split to train by.
        known: the facts of each image, by its files.
        names: as in `diagnose`.
        keep: as in `diagnose`.

    Returns:
        A sentence for each kind of finding that is wrong.
    """
    seen = [(case, known[case.images]) for case in cases]
    kinds: dict[str, list[str]] = {}
    for one in compare(seen, _labels(cases, names, keep)):
        if one.severity == "wrong":
            kinds.setdefault(one.kind, []).append(one.case or one.what.rstrip("."))
    return tuple(
        f"{kind.capitalize()} ({len(found)}): {listed(found, 5)}." for kind, found in kinds.items()
    )


def _labels(cases: Cases, names: Mapping[int, str] | None, keep: Sequence[int] | None) -> Labels:
    named = {**cases.names, **(names or {})}
    return Labels(named, {0, *named} if cases.names and keep is None else None, keep)


def _balance(seen: Seen, labels: Labels) -> tuple[dict, ...]:
    values = sorted({value for _, facts in seen for value in facts.values})
    total = max(1, sum(sum(facts.values.values()) for _, facts in seen))
    sides = [side for side in SPLITS if any(case.split == side for case, _ in seen)]
    rows = []
    for value in values:
        holders = [(case, facts) for case, facts in seen if value in facts.values]
        row: dict[str, Any] = {"value": value, "name": labels.names.get(value, "")}
        for side in sides:
            row[side] = sum(case.split == side for case, _ in holders)
        if not sides:
            row["cases"] = len(holders)
        rows.append(row | {"voxels": sum(facts.values[value] for _, facts in holders) / total})
    return tuple(rows)


def _balance_table(balance: Sequence[Mapping[str, Any]]) -> str:
    columns = [name for name in balance[0] if any(row[name] != "" for row in balance)]
    cells = [columns] + [
        [f"{100 * row[c]:.3g} %" if c == "voxels" else str(row[c]) for c in columns]
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


def _group(found: Sequence[Finding], source: str) -> str:
    first = found[0]
    lines = [f"{HEADINGS[first.severity]}: {first.kind} ({len(found)})"]
    for one in found[:SHOWN]:
        where = _below(one.file, source)
        lines.append(f"  {where}: {one.what}" if where else f"  {one.what}")
    if len(found) > SHOWN:
        lines.append(f"  and {len(found) - SHOWN} more")
    return "\n".join([*lines, f"  mend: {first.mend}"])


def _below(file: str, source: str) -> str:
    """A file's path below the source, where it lies there."""
    folder = Path(source) if Path(source).is_dir() else Path(source).parent
    return str(Path(file).relative_to(folder)) if Path(file).is_relative_to(folder) else file
