"""The cases of two kinds of images without pairs: read once, and who trains."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing, plural
from keras_mia.data.datasets.case_names import same
from keras_mia.data.datasets.case_target import Texts
from keras_mia.data.datasets.cases import SPLITS, Case, Cases
from keras_mia.data.datasets.layouts.unpaired_folders import below_kind
from keras_mia.data.datasets.splits.splitting import split
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.fingerprint.reading_notes import reading_notes
from keras_mia.data.fingerprint.survey import survey
from keras_mia.doctor.unpaired_images import check_kinds, unpaired_warnings

FEWEST = 2
"""Patients of each kind, of whom one trains and one tests."""


def examine_unpaired(cases: Cases, kinds: Sequence[str], *, test_only: bool = False) -> Cases:
    """Reads each image once, and leaves out those of other kinds.

    Args:
        cases: whose texts say of which kind they are.
        kinds: names of sources and of targets; letters' case does not matter. None: as they are.
        test_only: whether only test cases are read.

    Raises:
        Problem: a kind has no image, or one only; an image is of both kinds; or images of the kinds
            have other axes or channels.
    """
    if kinds:
        cases = _of_kinds(cases, kinds)
    if not test_only:
        cases = _with_patients(cases, kinds)
        _check_counts(cases, kinds)
    cases = survey(cases, cases.test if test_only else None, thumbnails=not test_only)
    if not test_only:
        check_kinds(cases)
        _check_alike(cases, kinds)
    return cases


def _of_kinds(cases: Cases, kinds: Sequence[str]) -> Cases:
    spelled = {same(kind): kind for kind in kinds}
    texts = [str(case.text) for case in cases]
    lacking = [kind for kind in kinds if same(kind) not in map(same, texts)]
    if lacking:
        raise Problem(
            f"No image is of {listing(lacking)}; kinds are {listing(sorted({*texts}), 6)}.",
            cases.source,
            "Name two kinds of images that there are: --unpaired A B.",
        )
    kept = tuple(
        replace(case, target=Texts(spelled[same(text)]))
        for case, text in zip(cases, texts, strict=True)
        if same(text) in spelled
    )
    if len(kept) == len(cases):
        return replace(cases, cases=kept)
    note = f"{plural(len(cases) - len(kept), 'image')} of other kinds are left out."
    return replace(cases, cases=kept, notes=(*cases.notes, note))


def _with_patients(cases: Cases, kinds: Sequence[str]) -> Cases:
    """Images of both kinds with one name below the folder of their kind, or in folders of one name
    there, are taken as one patient's, where nothing else tells patients or parts of a split: they
    may be pairs, whose halves are not to be on both sides."""
    if any(case.split or case.patient != case.name for case in cases):
        return cases
    root = Path(cases.source)
    paths = [below_kind(case.images[0], root, kinds) for case in cases]
    if None in paths:
        return cases
    below = [path for path in paths if path is not None]
    for name_of in (lambda path: path.parent.as_posix(), lambda path: str(path.with_suffix(""))):
        names = [name_of(path) for path in below]
        of_kind: dict[object, set[str]] = {}
        for case, name in zip(cases, names, strict=True):
            of_kind.setdefault(case.target, set()).add(name)
        both = set.intersection(*of_kind.values()) - {"."}
        if both and "." not in names:
            named = zip(cases, names, strict=True)
            note = (
                f"{plural(len(both), 'name')} of files or folders are in both kinds, and each is"
                " taken as one patient's (else give --patient)."
            )
            made = tuple(replace(case, patient=name) for case, name in named)
            return replace(cases, cases=made, notes=(*cases.notes, note))
    return cases


def _check_counts(cases: Cases, kinds: Sequence[str]) -> None:
    for kind in kinds:
        patients = {case.patient for case in cases if case.text == kind}
        if len(patients) < FEWEST:
            raise Problem(
                f"Of {kind} there are images of {plural(len(patients), 'patient')}: one has to"
                " train, and another one to test.",
                cases.source,
                f"Give images of {FEWEST} patients of each kind at least.",
            )


def _check_alike(cases: Cases, kinds: Sequence[str]) -> None:
    """Refuses kinds of images of which one has other axes or channels than the other."""
    rules: dict[str, Callable[[CaseFacts], int]] = {
        "axes": lambda facts: facts.rank,
        "channels": lambda facts: 1 if facts.grey else facts.channels,
    }
    for what, number_of in rules.items():
        of_kinds = [[cases.facts[case] for case in cases if case.text == kind] for kind in kinds]
        counts = [Counter(map(number_of, facts)) for facts in of_kinds]
        numbers = [count.most_common(1)[0][0] for count in counts]
        if len({*numbers}) > 1:
            texts = [f"{kind} {number}" for kind, number in zip(kinds, numbers, strict=True)]
            raise Problem(
                f"Images of the two kinds have other {what}: {', '.join(texts)}.",
                cases.source,
                f"Give images with as many {what}.",
            )


def split_unpaired(cases: Cases, fold: tuple[int, int]) -> Cases:
    """The cases with who trains and who is held out: each kind by itself, where no patient is in
    both.

    Args:
        cases: examined.
        fold: which part tests, and of how many.

    Raises:
        Problem: some part of the split has no image of a kind.
    """
    made = _each_kind(cases, fold) if _have_other_patients(cases) else _together(cases, fold)
    kinds = list(dict.fromkeys(str(case.text) for case in cases))
    for part in SPLITS:
        lacking = [kind for kind in kinds if kind not in {case.text for case in made.of(part)}]
        if lacking:
            raise Problem(
                f"The {part} part of the split has no image of {listing(lacking)}.",
                cases.source,
                "Give more patients, or a split of your own.",
            )
    read = reading_notes([(case, made.facts[case.unsplit]) for case in made])
    made = replace(made, notes=(*made.notes, *read), warnings=unpaired_warnings(made))
    return survey(made, thumbnails=True)


def _have_other_patients(cases: Cases) -> bool:
    patients: dict[str, set[object]] = {}
    for case in cases:
        patients.setdefault(case.patient, set()).add(case.target)
    return all(len(kinds) == 1 for kinds in patients.values())


def _each_kind(cases: Cases, fold: tuple[int, int]) -> Cases:
    made: list[Case] = []
    notes = list(cases.notes)
    for target in dict.fromkeys(case.target for case in cases):
        kept = tuple(case for case in cases if case.target == target)
        one = split(replace(cases, cases=kept, notes=()), fold=fold[0], folds=fold[1])
        made += one.cases
        notes += [f"{target}: {note}" for note in one.notes]
    return replace(cases, cases=tuple(made), notes=tuple(notes), fold=one.fold)


def _together(cases: Cases, fold: tuple[int, int]) -> Cases:
    return split(cases, fold=fold[0], folds=fold[1], content=lambda case: str(case.text))
