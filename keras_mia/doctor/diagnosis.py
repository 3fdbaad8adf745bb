"""Looks through a data set for what would spoil training or the scores."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from keras_mia.core.files.text_files import write_csv
from keras_mia.core.parallel import map_cases
from keras_mia.core.problem import Problem
from keras_mia.core.text import listing, plural
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.fingerprint.reading_notes import reading_notes
from keras_mia.data.fingerprint.survey import read_facts
from keras_mia.doctor import image_level, label_maps
from keras_mia.doctor.balance import Balance, of_labels, table
from keras_mia.doctor.case import examine
from keras_mia.doctor.finding import KINDS, STOPS, Finding, finding
from keras_mia.doctor.images import Surveyed, patients
from keras_mia.doctor.label_maps import Labels
from keras_mia.doctor.targets.column import each_column
from keras_mia.doctor.targets.table import target_balance

MOST_LISTED = 10
ALSO_WARNED = ("class of one patient",)
"""Kinds of notes that training gives as warnings too."""
HEADINGS = {"wrong": "Wrong", "note": "Worth a look"}


@dataclass(frozen=True)
class Diagnosis:
    """What was found in a data set.

    Args:
        findings: what is wrong first, then notes, each in the order of `KINDS`.
        balance: a row a label value or a target: `value`, `name`, its share of the `voxels` or of
            the cases (`share`), and how many `cases` hold it, or how many of each part of the split
            (`train`, `validation`, `test`). Of numbers a row a part.
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
        """The findings to correct before training."""
        return tuple(one for one in self.findings if one.severity == "wrong")

    def save(self, path: str | os.PathLike) -> None:
        """Writes a CSV file with a row a finding."""
        rows = [asdict(one) for one in self.findings]
        write_csv(path, rows, [field.name for field in fields(Finding)])

    def describe(self) -> str:
        """The class balance, the findings by kind with how to correct them, and a last sentence."""
        # Of several targets each kind has columns of its own.
        parts = [table(tuple(rows)) for _, rows in groupby(self.balance, key=tuple)]
        groups: dict[tuple[str, str, str], list[Finding]] = {}
        for one in self.findings:
            groups.setdefault((one.severity, one.kind, one.remedy), []).append(one)
        parts += [_group(group, self.source) for group in groups.values()]
        return "\n\n".join([*parts, self._conclusion()])

    def _conclusion(self) -> str:
        wrong, notes = len(self.wrong), len(self.findings) - len(self.wrong)
        text = f"{plural(wrong, 'finding')} to correct" if wrong else "Nothing is wrong"
        text += f" and {plural(notes, 'note')}" if notes else ""
        text += f" in {plural(self.cases, 'case')}."
        not_compared = self.cases - self.compared
        if not_compared:
            text += (
                f" {plural(not_compared, 'case')} could not be compared with the others: correct"
                f" {'it' if not_compared == 1 else 'them'} and run again."
            )
        return text


def diagnose(
    cases: Cases,
    *,
    names: Mapping | None = None,
    keep: Sequence[int] | None = None,
    kinds: Sequence[str] = (),
    columns: str | Sequence[str] = (),
    are_classes: bool = False,
) -> Diagnosis:
    """Examines each case once, by a few threads, and compares them.

    Args:
        cases: as `read_cases(..., strict=False)` gives them, with label maps or with targets; an
            authors' split stands in `split`.
        names: label value, or target, -> name as the user gives them, beside those of the data set.
        keep: the label values to keep as classes; the rest counts as background.
        kinds: of targets, one a column; none: as the texts look.
        columns: of a table, where each case has several targets.
        are_classes: whether label values are classes, even where they look as if they numbered
            objects.

    Returns:
        A `Diagnosis`. A case that is wrong by itself is not compared with the others.

    Example:
        >>> from keras_mia.data import read_cases
        >>> found = diagnose(read_cases("sample:digits"))
        >>> found.wrong, found.compared == found.cases
        ((), True)
    """
    labels = _labels(cases, names, keep, are_classes)

    def balance(surveyed: Surveyed) -> Balance:
        if not cases.has_texts:
            return of_labels(surveyed, labels)
        examined = each_column(cases, kinds, columns)
        return tuple(line for column in examined for line in target_balance(column, names))

    return diagnose_by(
        lambda surveyed: _compared(cases, surveyed, names, labels, kinds, columns), cases, balance
    )


def diagnose_by(
    compare: Callable[[Surveyed], Iterable[Finding]],
    cases: Cases,
    balance: Callable[[Surveyed], Balance],
) -> Diagnosis:
    """As `diagnose`, whatever is to be learnt.

    Args:
        compare: what is wrong with cases when they are compared, by their facts.
        cases: as `diagnose` takes them.
        balance: the rows of the first table.
    """
    read = partial(read_facts, thumbnails=True)
    findings = [
        finding(one.kind, None, file, one.what, remedy=one.remedy)
        for one in cases.incomplete
        for file in one.files
    ]
    surveyed: list[tuple[Case, CaseFacts]] = []
    examined = map_cases(partial(examine, read=read), cases, "examining")
    for case, (of_case, facts) in zip(cases, examined, strict=True):
        findings += of_case
        surveyed += [(case, facts.merged(cases.ranges))] if facts else []
    findings += [*compare(surveyed), *patients(cases), *_changed(surveyed)]
    order, severities = list(KINDS), list(HEADINGS)
    findings.sort(key=lambda one: (severities.index(one.severity), order.index(one.kind)))
    count = len(cases), len(surveyed)
    return Diagnosis(tuple(findings), balance(surveyed), cases.source, *count)


def warnings(
    cases: Cases,
    *,
    names: Mapping | None = None,
    keep: Sequence[int] | None = None,
    kinds: Sequence[str] = (),
    columns: str | Sequence[str] = (),
    are_classes: bool = False,
) -> tuple[str, ...]:
    """The fast part of `diagnose`: what is wrong as far as facts tell; no file is read.

    Args:
        cases: with the split to train by, and with their facts; of parts of one image its facts.
        names, keep, kinds, columns, are_classes: as in `diagnose`.

    Returns:
        A sentence for each kind of finding that is wrong.
    """
    labels = _labels(cases, names, keep, are_classes)
    return warnings_by(
        lambda surveyed: _compared(cases, surveyed, names, labels, kinds, columns), cases
    )


def warnings_by(compare: Callable[[Surveyed], Iterable[Finding]], cases: Cases) -> tuple[str, ...]:
    """As `warnings`, whatever is to be learnt.

    Args:
        compare: as `diagnose_by` takes it.
        cases: as `warnings` takes them.
    """
    return as_warnings(compare(surveyed_cases(cases)))


def as_warnings(findings: Iterable[Finding]) -> tuple[str, ...]:
    """A sentence for each kind of finding that is wrong.

    Args:
        findings: of a comparison of cases.
    """
    wrong: dict[str, list[str]] = {}
    for one in findings:
        if one.severity == "wrong" or one.kind in ALSO_WARNED:
            wrong.setdefault(one.kind, []).append(one.case or one.what.rstrip("."))
    return tuple(
        f"{kind.capitalize()} ({len(affected)}): {listing(affected, 5)}."
        for kind, affected in wrong.items()
    )


def check_labels(
    cases: Cases,
    *,
    names: Mapping | None = None,
    keep: Sequence[int] | None = None,
    are_classes: bool = False,
) -> None:
    """Sees to it that the values of label maps can be classes, before anything is trained.

    Args:
        cases: with label maps, and with their facts.
        names, keep, are_classes: as in `diagnose`.

    Raises:
        Problem: masks are blurred, or number objects, or hold no class.
    """
    surveyed = surveyed_cases(cases)
    for one in label_maps.of_values(surveyed, _labels(cases, names, keep, are_classes)):
        if one.kind in STOPS:
            raise Problem(one.what, one.file or cases.source, one.remedy)


def _compared(
    cases: Cases,
    surveyed: Surveyed,
    names: Mapping | None,
    labels: Labels,
    kinds: Sequence[str],
    columns: str | Sequence[str],
) -> list[Finding]:
    if cases.has_texts:
        return image_level.compare(surveyed, kinds, names, columns)
    return label_maps.compare(surveyed, labels)


def surveyed_cases(cases: Cases) -> Surveyed:
    """Cases with their facts.

    Args:
        cases: whose facts are there; of parts of one image those of the image.
    """
    return [(case, cases.facts[case.unsplit]) for case in cases]


def _changed(surveyed: Surveyed) -> list[Finding]:
    try:
        notes = reading_notes(surveyed) if surveyed else ()
    except Problem:  # odd channels, of which each image is a finding
        return []
    return [finding("changed by reading", None, "", one, wrong=False) for one in notes]


def _labels(
    cases: Cases,
    names: Mapping[int, str] | None,
    keep: Sequence[int] | None,
    are_classes: bool,
) -> Labels:
    named = {**cases.names, **(names or {})}
    return Labels(named, {0, *named} if cases.names and keep is None else None, keep, are_classes)


def _group(findings: Sequence[Finding], source: str) -> str:
    first = findings[0]
    lines = [f"{HEADINGS[first.severity]}: {first.kind} ({len(findings)})"]
    same: dict[str, list[str]] = {}
    for one in findings:
        same.setdefault(one.what, []).append(_below(one.file, source))
    for what, files in list(same.items())[:MOST_LISTED]:
        if len(files) > 1:
            lines.append(f"  {what}\n    {listing(files, MOST_LISTED)}")
        else:
            lines.append(f"  {files[0]}: {what}" if files[0] else f"  {what}")
    if len(same) > MOST_LISTED:
        lines.append(f"  and {len(same) - MOST_LISTED} more")
    return "\n".join([*lines, f"  remedy: {first.remedy}"])


def _below(file: str, source: str) -> str:
    """A file's path below the source, where it lies there; empty where there is none."""
    if not file:
        return ""
    folder = Path(source) if Path(source).is_dir() else Path(source).parent
    return str(Path(file).relative_to(folder)) if Path(file).is_relative_to(folder) else file
