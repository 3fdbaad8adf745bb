"""Who the patients of predictions are: by the same keys as in training."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_names import relative
from keras_mia.data.datasets.cases import IMAGE, Case
from keras_mia.data.datasets.splits.patients import BIDS, PATIENTS, number, with_patients

CONSEQUENCE = "whose files would then count as if they were of several patients"


def patients_of_predictions(
    pairs: Sequence[tuple[Path, Case]],
    predictions: Path,
    truth: Path,
    *,
    pattern: str | None = None,
    of_run: Mapping[str, str] | None = None,
) -> tuple[list[Case], list[str]]:
    """The cases with their patients, and in sentences where these come from.

    Args:
        pairs: the file of each prediction, and its case; one whose patient is not its name has it
            from the data set.
        predictions: the folder of the predictions.
        truth: the folder or table of the truth.
        pattern: a regular expression that finds the patient in the path of the data set's image,
            of the prediction, or of the label map; by default patients are those of the run, of the
            data set, or BIDS' `sub-XX` in these paths.
        of_run: patients by the names of cases, of the run whose predictions these are.

    Raises:
        Problem: the pattern is wrong, or matches all paths of none of them.
    """
    cases = [case for _, case in pairs]
    if pattern is None:
        taken = _of_run(cases, of_run or {}) or _of_data(cases)
        if taken is not None:
            return taken
    root = truth if truth.is_dir() else truth.parent
    views = [
        (predictions, [file for file, _ in pairs]),
        (root, [case.label_files[0] for case in cases]),
    ]
    if all(case.images for case in cases):
        views.insert(0, (root, [case.images[0] for case in cases]))
    bare = [
        (
            root,
            [
                replace(c, inputs={IMAGE: (f,)}, patient="")
                for c, f in zip(cases, files, strict=True)
            ],
        )
        for root, files in views
    ]
    chosen = _first_that_matches(bare, pattern) if pattern else _first_of_bids(bare)
    named, notes = with_patients(chosen[1], chosen[0], pattern, consequence=CONSEQUENCE)
    return [
        replace(case, patient=one.patient) for case, one in zip(cases, named, strict=True)
    ], notes


def _of_run(
    cases: Sequence[Case], patients: Mapping[str, str]
) -> tuple[list[Case], list[str]] | None:
    if not all(case.name in patients for case in cases):
        return None
    named = [replace(case, patient=patients[case.name]) for case in cases]
    return named, [f"{PATIENTS} {number(named)}, as the run has them."]


def _of_data(cases: Sequence[Case]) -> tuple[list[Case], list[str]] | None:
    if all(case.patient in ("", case.name) for case in cases):
        return None
    return list(cases), [f"{PATIENTS} {number(cases)}, from the data set of the truth."]


Bare = tuple[Path, list[Case]]


def _first_that_matches(bare: Sequence[Bare], pattern: str) -> Bare:
    for root, cases in bare:
        with contextlib.suppress(Problem):
            with_patients(cases, root, pattern)
            return root, cases
    return bare[0]


def _first_of_bids(bare: Sequence[Bare]) -> Bare:
    for root, cases in bare:
        if any(BIDS.search(relative(case, root)) for case in cases):
            return root, cases
    return bare[0]
