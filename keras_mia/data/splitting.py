"""Who trains, who validates, who is held out: it follows from the patients alone."""

import hashlib
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.cases import SPLITS, Case, Cases, Slab, counted

Content = Callable[[Case], object]
Keep = Sequence[int] | None
VALIDATION_SHARE = 0.1


def split(
    cases: Cases,
    *,
    fold: int = 1,
    folds: int = 5,
    content: Content | None = None,
    keep: Keep = None,
) -> Cases:
    """Gives each case to training, validation or test; a patient is never on two sides.

    The authors' split is taken as it is, with validation out of its training part where it has
    none; where it has no test part, its validation part is the test. Otherwise fold `fold` of
    `folds` tests and a tenth of the other patients, at least one, validates. The folds are
    balanced by what the cases hold, and depend neither on a seed nor on the order of the files.
    A single patient is split in space: one half of an axis tests, the other trains. It is the
    longest along which training, then validation, then the test hold most label values.

    Args:
        cases: as `read_cases` gives them.
        fold: the part that tests, counted from 1.
        folds: parts; at most one a patient.
        content: what to balance by, a number or a tuple of numbers a case.
        keep: the label values that count where a patient is split in space; None is all.

    Returns:
        The cases with their `split`, and what was done added to `notes`.

    Raises:
        Problem: there is no such fold, or the authors' split has a patient on two sides.
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
    patients = _in_order(cases, content)
    notes = []
    if folds > len(patients):
        notes.append(f"There are {len(patients)} patients, so as many folds.")
        folds = len(patients)
    if fold > folds:
        raise Problem(
            f"Fold {fold} does not exist: {len(patients)} patients make {folds} folds.",
            "--fold",
            f"Choose a fold up to {folds}.",
        )
    tested = set()
    for start in range(0, len(patients), folds):
        block = patients[start : start + folds]
        # Within a block of alike patients chance decides; the same chance on every machine.
        dealt = sorted(block, key=lambda patient: _hash("fold", patient))
        tested.update(dealt[fold - 1 : fold])
    rest = [patient for patient in patients if patient not in tested]
    made, more = _with_validation(
        tuple(replace(case, split="test" if case.patient in tested else "train") for case in cases),
        rest,
        keep,
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
        raise Problem("The authors' split has no training part.", cases.source, "Add one.")
    if not any(case.split == "test" for case in made):
        raise Problem(
            "The authors' split has no test part.", cases.source, "Add one, or leave it out."
        )
    _assert_apart(made, cases.source)
    if not any(case.split == "validation" for case in made):
        training = Cases(tuple(case for case in made if case.split == "train"), cases.source)
        made, more = _with_validation(made, _in_order(training, content), keep)
        notes += ["Validation is taken out of the authors' training part.", *more]
    notes.append(f"Split: the authors'; {_counts(made)}.")
    return _done(cases, made, notes)


def _in_space(cases: Cases, keep: Keep) -> Cases:
    shares = {"train": (0.6, 1.0), "validation": (0.5, 0.6), "test": (0.0, 0.5)}
    found = [_parts(case, shares, keep) for case in cases]
    axes = sorted({axis for axis, _ in found})
    made = itertools.chain.from_iterable(parts for _, parts in found)
    note = (
        "Split: the same patient is on both sides, since there is only one; the lower half of axis"
        f" {' or '.join(map(str, axes))} tests, the rest trains and validates."
    )
    return _done(cases, tuple(made), [note])


def _with_validation(
    cases: tuple[Case, ...], patients: Sequence[str], keep: Keep
) -> tuple[tuple[Case, ...], list[str]]:
    """Moves a tenth of the training `patients`, in their order of content, to validation."""
    if len(patients) == 1:
        note = "The only training patient also validates: on a fifth of an axis."
        shares = {"train": (0.2, 1.0), "validation": (0.0, 0.2)}
        parts = [
            _parts(case, shares, keep)[1] if case.split == "train" else [case] for case in cases
        ]
        return tuple(itertools.chain.from_iterable(parts)), [note]
    number = max(1, round(VALIDATION_SHARE * len(patients)))
    edges = [len(patients) * i // number for i in range(number + 1)]
    chosen = {
        min(patients[low:high], key=lambda patient: _hash("validation", patient))
        for low, high in itertools.pairwise(edges)
    }
    made = tuple(
        replace(case, split="validation")
        if case.split == "train" and case.patient in chosen
        else case
        for case in cases
    )
    return made, []


def _parts(
    case: Case, shares: Mapping[str, tuple[float, float]], keep: Keep
) -> tuple[int, list[Case]]:
    """The longest axis along which the first parts hold most values, and the parts along it."""
    space = case.image().space
    axes = sorted(range(len(space)), key=lambda axis: -space[axis])
    label = case.label().array[..., 0] if isinstance(case.target, Path) else np.zeros(space, int)
    counts = np.ones(space, bool) if case.region is None else case.region_mask()

    def held(axis: int) -> list[int]:
        masks = [Slab(axis, low, high).mask(space) & counts for low, high in shares.values()]
        values = [np.unique(label[mask]) for mask in masks]
        return [len(found if keep is None else np.intersect1d(found, keep)) for found in values]

    best = max(axes, key=held)
    return best, [_slab(case, side, best, low, high) for side, (low, high) in shares.items()]


def _slab(case: Case, side: str, axis: int, low: float, high: float) -> Case:
    within = case.region if not isinstance(case.region, Slab) else case.region.within
    name = case.name if side == "test" else f"{case.name}-{side}"
    return replace(case, name=name, split=side, region=Slab(axis, low, high, within))


def _in_order(cases: Cases, content: Content | None) -> list[str]:
    """The patients by the mean content of their cases, then by chance."""
    held: dict[str, list[tuple]] = {}
    for case in cases:
        value = content(case) if content else 0.0
        held.setdefault(case.patient, []).append(
            tuple(value) if isinstance(value, Sequence) else (value,)
        )
    longest = max(len(value) for values in held.values() for value in values)

    def mean(values: list[tuple]) -> tuple:
        # sorted, since the rounding of a sum depends on its order
        columns = [sorted(v[i] if i < len(v) else 0.0 for v in values) for i in range(longest)]
        return tuple(sum(column) / len(values) for column in columns)

    return sorted(held, key=lambda patient: (mean(held[patient]), _hash("order", patient)))


def _hash(purpose: str, patient: str) -> str:
    return hashlib.sha256(f"{purpose}:{patient}".encode()).hexdigest()


def _done(cases: Cases, made: tuple[Case, ...], notes: Sequence[str]) -> Cases:
    if len({case.patient for case in made}) > 1:
        _assert_apart(made, cases.source)
    return replace(cases, cases=made, notes=(*cases.notes, *notes))


def _assert_apart(cases: Sequence[Case], source: str) -> None:
    sides: dict[str, set[str]] = {}
    in_space = {case.patient for case in cases if isinstance(case.region, Slab)}
    for case in cases:
        # one patient alone in training may validate too, on another part of the same image
        side = "train" if case.patient in in_space and case.split != "test" else case.split
        sides.setdefault(case.patient, set()).add(side or "")
    both = sorted(patient for patient, where in sides.items() if len(where) > 1)
    if both:
        raise Problem(
            f"{len(both)} patients are on two sides of the split: {', '.join(both[:10])}.",
            source,
            "Give a split that keeps each patient on one side, or another --patient.",
        )


def _counts(cases: Sequence[Case]) -> str:
    parts = []
    for side, verb in zip(SPLITS, ("for training", "for validation", "for the test"), strict=True):
        mine = [case for case in cases if case.split == side]
        patients = len({case.patient for case in mine})
        parts.append(f"{counted(len(mine), 'case')} of {counted(patients, 'patient')} {verb}")
    return ", ".join(parts)
