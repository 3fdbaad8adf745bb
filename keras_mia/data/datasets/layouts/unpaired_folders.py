"""Two kinds of images without pairs, in a folder each."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.data.datasets.files.image_groups import ImageGroup
from keras_mia.data.datasets.files.image_paths import folders
from keras_mia.data.datasets.files.naming import meaning
from keras_mia.data.datasets.files.series import choose_series
from keras_mia.data.datasets.layouts.class_folders import images_in, labelled
from keras_mia.data.datasets.layouts.layout import FolderChoices
from keras_mia.data.io.formats import stem_of
from keras_mia.data.io.virtual_paths import source_of

SPLIT_WORDS = {"train": ("train",), "validation": ("val", "validation"), "test": ("test",)}
"""What stands before the name of a kind in `trainA`, as CycleGAN's data sets have it."""
BIDS = re.compile(r"(?:^|_)sub-[A-Za-z0-9]")
Parts = Mapping[str | None, Mapping[str, Sequence[ImageGroup]]]


def read_unpaired_folders(folder: Path, choices: FolderChoices) -> Cases | None:
    """The cases of a folder with two that are called as the user calls two kinds of images, or None
    if there are no such folders.

    They may lie in `train`, `val` and `test`, or be called `trainA`, `testA`. What lies in them is
    never paired, whatever its names are.

    Args:
        folder: to look in.
        choices: of the user: the names, whose letters' case does not matter.

    Raises:
        Problem: there is a folder of one of them only, or one is empty.
    """
    if not choices.unpaired:
        return None
    parts = {
        split: {kind: of_kind[kind] for kind in choices.unpaired if kind in of_kind}
        for split, of_kind in _parts(folder, choices.unpaired).items()
    }
    if not parts:
        return None
    _check(parts, choices.unpaired, folder)
    groups = [one for kinds in parts.values() for images in kinds.values() for one in images]
    taken = choose_series(groups, (), folder)
    cases, notes = _with_patients(labelled(parts, taken))
    counts = (
        f"{kind} ({sum(len(kinds.get(kind, ())) for kinds in parts.values())})"
        for kind in choices.unpaired
    )
    return Cases(
        cases,
        str(folder),
        (f"Two kinds of images without pairs: {', '.join(counts)}.", *notes, *taken.notes),
        incomplete=taken.incomplete,
        unchosen=taken.unchosen,
    )


def _parts(folder: Path, kinds: Sequence[str]) -> dict[str | None, dict[str, list[ImageGroup]]]:
    """Part of the split, or None -> kind -> images."""
    parts: dict[str | None, dict[str, list[ImageGroup]]] = {}
    for child in folders(folder):
        split, kind = _named(child.name, kinds)
        if kind:
            parts.setdefault(split, {}).setdefault(kind, []).extend(images_in(child))
            continue
        split, role = meaning(child.name)
        for below in folders(child) if split and not role else ():
            _, kind = _named(below.name, kinds)
            if kind:
                parts.setdefault(split, {}).setdefault(kind, []).extend(images_in(below))
    if None in parts and len(parts) > 1:
        return {None: parts[None]}
    return parts


def _named(name: str, kinds: Sequence[str]) -> tuple[str | None, str | None]:
    """The part of the split and the kind that a folder is named after."""
    for kind in kinds:
        if name.casefold() == kind.casefold():
            return None, kind
        for split, words in SPLIT_WORDS.items():
            spelled = (
                f"{word}{between}{kind}".casefold() for word in words for between in ("", "_")
            )
            if name.casefold() in spelled:
                return split, kind
    return None, None


def _check(parts: Parts, kinds: Sequence[str], folder: Path) -> None:
    for kind in kinds:
        other = next(one for one in kinds if one != kind)
        if not any(kind in part for part in parts.values()):
            raise Problem(
                f"There is a folder of {other}, and none of {kind}.",
                folder,
                f"Put images of each kind into a folder that is named after it: {listing(kinds)}.",
            )
        if not any(part.get(kind) for part in parts.values()):
            raise Problem(
                f"The folder of {kind} holds no image.", folder, "Put images of the kind into it."
            )


def _with_patients(cases: tuple[Case, ...]) -> tuple[tuple[Case, ...], tuple[str, ...]]:
    """Files of both kinds with one name are taken as those of one patient: they may be pairs, whose
    halves are not to be on both sides of the split."""
    stems = [stem_of(source_of(case.images[0])) for case in cases]
    of_kind: dict[object, set[str]] = {}
    for case, stem in zip(cases, stems, strict=True):
        of_kind.setdefault(case.target, set()).add(stem)
    both = set.intersection(*of_kind.values()) if len(of_kind) > 1 else set()
    has_patients = any(source_of(case.images[0]).is_dir() for case in cases) or any(
        map(BIDS.search, both)
    )
    if not both or has_patients:
        return cases, ()
    named = tuple(replace(case, patient=stem) for case, stem in zip(cases, stems, strict=True))
    return named, (
        f"{len(both)} names of files are in both folders: each is taken as one patient's (else give"
        " --patient).",
    )
