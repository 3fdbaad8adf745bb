"""Who trains, who validates, who is held out: it follows from the patients alone."""

import hashlib
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from keras_mia.core.problem import Problem
from keras_mia.core.text import plural
from keras_mia.data.datasets.cases import SPLITS, Case, Cases, Slab
from keras_mia.data.datasets.splits.spatial import Division, check_parts, divided
from keras_mia.data.datasets.splits.stratification import GROUPS, Exchange, deal, groups
from keras_mia.data.io.labels.ranges import Ranges

Content = Callable[[Case], Any]
Keep = Sequence[int] | None
VALIDATION_SHARE, MOST_VALIDATION, TRIES = 0.1, 0.25, 8
FEW = 200
"""Patients up to which several deals are tried, as one may part what they hold better."""


def split(
    cases: Cases,
    *,
    fold: int = 1,
    folds: int = 5,
    content: Content | None = None,
    keep: Keep = None,
) -> Cases:
    """Gives each case to training, validation or test; a patient is never in two parts.

    The authors' split is taken as it is, with validation out of its training part where it has
    none; where it has no test part, its validation part is the test. Otherwise fold `fold` of
    `folds` tests and a tenth of the other patients, at least one, validates; up to a quarter (at
    least two) where a tenth would not hold what training can spare. The folds are balanced by what
    the cases hold (`stratification.deal`), and depend neither on a seed nor on the order of the
    files. A single patient is split in space: one half of an axis tests, the other trains
    (`spatial_split.divided`).

    Args:
        cases: as `read_cases` gives them.
        fold: the part that tests, counted from 1.
        folds: parts; at most one a patient.
        content: what a case holds, to balance by: a number, the name of a class or a finding, or
            several of them; as many numbers for each case.
        keep: the label values that count where a patient is split in space; None is all.

    Returns:
        The cases with their `split`, and what was done added to `notes`.

    Raises:
        Problem: there is no such fold, or the authors' split has a patient in two parts, or one
            patient alone cannot both train and test what is to be learnt.
    """
    if folds < 2 or not 1 <= fold <= folds:
        raise Problem(
            f"Fold {fold} of {folds} does not exist.", "--fold", "Give K/N with K in 1..N, N > 1."
        )
    patients = {case.patient for case in cases}
    authors = any(case.split for case in cases)
    if not patients:
        raise Problem("There are no cases.", cases.source, "Check the folder.")
    if fold > 1 and (authors or len(patients) == 1):
        why = "The data have their authors' split" if authors else "There is a single patient"
        raise Problem(f"{why}, so there are no folds.", "--fold", "Leave it out.")
    if authors:
        return _authors(cases, content, keep)
    if len(patients) == 1:
        return _in_space(cases, keep)
    return _fold(cases, fold, folds, content, keep)


def _fold(cases: Cases, fold: int, folds: int, content: Content | None, keep: Keep) -> Cases:
    holdings = _Holdings(cases, content)
    patients, notes = holdings.patients, []
    if folds > len(patients):
        notes.append(f"There are {len(patients)} patients, so as many folds.")
        folds = len(patients)
    if fold > folds:
        raise Problem(
            f"Fold {fold} does not exist: {len(patients)} patients make {folds} folds.",
            "--fold",
            f"Choose a fold up to {folds}.",
        )
    edges = [*range(0, len(patients), folds), len(patients)]
    # Fold 1 is what most train with, and holds what not all folds can.
    weights = [float(folds), *(1.0 for _ in range(1, folds))]
    sizes = _sizes(len(patients), folds)
    tested = set(holdings.dealt("fold", patients, sizes, edges, weights).parts[fold - 1])
    rest = [patient for patient in patients if patient not in tested]
    made, more = _with_validation(
        tuple(replace(case, split="test" if case.patient in tested else "train") for case in cases),
        rest,
        holdings,
        keep,
        cases.ranges,
    )
    how = "balanced by what the cases hold" if content else "by chance"
    notes += [f"Split: fold {fold} of {folds} tests, {how}; {_counts(made)}.", *more]
    return replace(_done(cases, made, notes), fold=f"{fold}/{folds}")


def _authors(cases: Cases, content: Content | None, keep: Keep) -> Cases:
    made = tuple(case if case.split else replace(case, split="train") for case in cases)
    notes = []
    if not any(case.split == "test" for case in made):
        made = tuple(
            replace(case, split="test") if case.split == "validation" else case for case in made
        )
        notes.append("The authors' validation part is the test, since they give no other.")
    if not any(case.split == "train" for case in made):
        parts = sorted({case.split or "" for case in cases})
        raise Problem(
            f"No row is for training: the split of all {plural(len(made), 'case')} is"
            f" {' or '.join(parts)}.",
            cases.source,
            "Mark cases to train on as train; or leave the split out, and a fifth tests.",
        )
    if not any(case.split == "test" for case in made):
        raise Problem(
            "The authors' split has no test part.", cases.source, "Add one, or leave it out."
        )
    _check_patients(made, cases.source)
    if not any(case.split == "validation" for case in made):
        training = Cases(tuple(case for case in made if case.split == "train"), cases.source)
        holdings = _Holdings(training, content)
        made, more = _with_validation(made, holdings.patients, holdings, keep, cases.ranges)
        notes += ["Validation is taken out of the authors' training part.", *more]
    notes.append(f"Split: the authors'; {_counts(made)}.")
    return _done(cases, made, notes)


def _in_space(cases: Cases, keep: Keep) -> Cases:
    divisions = [divided(case, keep, cases.ranges) for case in cases]
    check_parts([one for one, _ in divisions], cases.source)
    made = tuple(itertools.chain.from_iterable(parts for _, parts in divisions))
    tests = dict.fromkeys(_test_share(one) for one, _ in divisions)
    note = (
        "Split: the same patient is on both sides, since there is only one;"
        f" {' or '.join(tests)} tests, the rest trains and validates."
    )
    return _done(cases, made, [note])


def _test_share(division: Division) -> str:
    low, high = division.shares["test"]
    share = "half" if high - low == 0.5 else f"{100 * (high - low):.0f} %"
    return f"the {'upper' if low else 'lower'} {share} of axis {division.axis}"


def _with_validation(
    cases: tuple[Case, ...],
    patients: Sequence[str],
    holdings: "_Holdings",
    keep: Keep,
    ranges: Ranges,
) -> tuple[tuple[Case, ...], list[str]]:
    """Moves a tenth of the training `patients` to validation; up to a quarter where fewer would not
    hold what training can spare."""
    if len(patients) == 1:
        note = "The only training patient also validates: on a part of an axis."
        parts = [
            divided(case, keep, ranges, test=False)[1] if case.split == "train" else [case]
            for case in cases
        ]
        return tuple(itertools.chain.from_iterable(parts)), [note]
    least = max(1, round(VALIDATION_SHARE * len(patients)))
    most = max(least, min(len(patients) // 2, max(2, round(MOST_VALIDATION * len(patients)))))
    best: Exchange | None = None
    for number in sorted({least + (most - least) * i // TRIES for i in range(TRIES + 1)}):
        edges = [len(patients) * i // number for i in range(number + 1)]
        others = _sizes(len(patients) - number, -(-len(patients) // number) - 1)
        # What training lacks is not learnt at all.
        weights = [1.0, float(len(patients))]
        exchange = holdings.dealt("validation", patients, [number, *others], edges, weights)
        if best is None or exchange.lacking < best.lacking:
            best = exchange
        if not exchange.lacking:
            break
    assert best is not None
    chosen = set(best.parts[0])
    made = tuple(
        replace(case, split="validation")
        if case.split == "train" and case.patient in chosen
        else case
        for case in cases
    )
    return made, []


def _sizes(number: int, parts: int) -> list[int]:
    """As many patients in each part, the first ones one more where it does not go out even."""
    return [number // parts + (part < number % parts) for part in range(parts)]


class _Holdings:
    """What patients hold: names of classes and findings, and means of numbers.

    Args:
        cases: whose patients they are.
        content: of a case.

    Attributes:
        patients: by their numbers, then by chance.
        names: by patient, the classes and findings.
    """

    def __init__(self, cases: Iterable[Case], content: Content | None):
        self.names: dict[str, set[str]] = {}
        numbers_of: dict[str, list[list[float]]] = {}
        for case in cases:
            value = content(case) if content else 0.0
            values = [value] if isinstance(value, str | int | float) else list(value)
            names = self.names.setdefault(case.patient, set())
            names.update(one for one in values if isinstance(one, str))
            numbers = [float(one) for one in values if not isinstance(one, str)]
            numbers_of.setdefault(case.patient, []).append(numbers)
        # sorted, since the rounding of a sum depends on its order
        self._numbers = {
            patient: [sum(sorted(column)) / len(column) for column in zip(*rows, strict=True)]
            for patient, rows in numbers_of.items()
        }
        self.patients = sorted(
            numbers_of, key=lambda patient: (self._numbers[patient], _hash("order", patient))
        )

    def dealt(
        self,
        purpose: str,
        patients: Sequence[str],
        sizes: Sequence[int],
        edges: Sequence[int],
        weights: Sequence[float],
    ) -> Exchange:
        """The patients of each part, balanced; parts beyond the number of weights are one.

        Args:
            purpose: what chance follows from, besides the patients.
            patients: in the order of `self.patients`.
            sizes: how many each part takes.
            edges: ranks that part patients of alike numbers, where one number is all there is.
            weights: of what each part lacks.
        """
        common = set.intersection(*(self.names[patient] for patient in patients))
        particular = {patient: self.names[patient] - common for patient in patients}
        columns = range(len(self._numbers[patients[0]]))
        if len(columns) > 1 or any(particular.values()):
            step = max(1, round((len(edges) - 1) / GROUPS))
            edges = [*edges[:-1:step], edges[-1]]
        ranked = [
            sorted(patients, key=lambda one: (self._numbers[one][column], _hash("order", one)))
            for column in columns
        ]
        alike = groups(patients, ranked, edges)
        best: Exchange | None = None
        for number in range(TRIES if len(patients) <= FEW and any(particular.values()) else 1):
            # Among alike patients chance decides; the same chance on every machine.
            by = f"{purpose} {number}" if number else purpose
            parts = deal(sorted(patients, key=lambda one: _hash(by, one)), particular, alike, sizes)
            first = parts[: len(weights) - 1]
            rest = list(itertools.chain(*parts[len(weights) - 1 :]))
            exchange = Exchange([*first, rest], particular, weights)
            if best is None or exchange.lacking < best.lacking:
                best = exchange
            if not exchange.lacking:
                break
        assert best is not None
        return best


def _hash(purpose: str, patient: str) -> str:
    return hashlib.sha256(f"{purpose}:{patient}".encode()).hexdigest()


def _done(cases: Cases, made: tuple[Case, ...], notes: Sequence[str]) -> Cases:
    if len({case.patient for case in made}) > 1:
        _check_patients(made, cases.source)
    return replace(cases, cases=made, notes=(*cases.notes, *notes))


def _check_patients(cases: Sequence[Case], source: str) -> None:
    parts: dict[str, set[str]] = {}
    in_space = {case.patient for case in cases if isinstance(case.region, Slab)}
    for case in cases:
        # one patient alone in training may validate too, on another part of the same image
        part = "train" if case.patient in in_space and case.split != "test" else case.split
        parts.setdefault(case.patient, set()).add(part or "")
    several = sorted(patient for patient, of in parts.items() if len(of) > 1)
    if several:
        raise Problem(
            f"{len(several)} patients are on two sides of the split: {', '.join(several[:10])}.",
            source,
            "Give a split that keeps each patient on one side, or another --patient.",
        )


def _counts(cases: Sequence[Case]) -> str:
    parts = []
    for split, verb in zip(SPLITS, ("for training", "for validation", "for the test"), strict=True):
        mine = [case for case in cases if case.split == split]
        patients = len({case.patient for case in mine})
        parts.append(f"{plural(len(mine), 'case')} of {plural(patients, 'patient')} {verb}")
    return ", ".join(parts)
