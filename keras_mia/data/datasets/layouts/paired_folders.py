"""Folders of images beside folders of masks, and a folder a case."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing
from keras_mia.data.datasets.case_target import LabelMapFile
from keras_mia.data.datasets.cases import IMAGE, Case, Cases, Incomplete
from keras_mia.data.datasets.files.image_paths import entries, folders
from keras_mia.data.datasets.files.naming import SPLIT_NAMES, likely_role, meaning, tokens
from keras_mia.data.datasets.files.pairing import pair
from keras_mia.data.datasets.layouts.csv_hint import csv_start
from keras_mia.data.datasets.layouts.layout import FolderChoices
from keras_mia.data.datasets.layouts.matching import paired
from keras_mia.data.io.formats import image_files


@dataclass(frozen=True)
class Roles:
    """The folders that make one part of a data set."""

    images: Path
    labels: Path | None
    region: Path | None
    second: tuple[Path, ...]


@dataclass(frozen=True)
class Part:
    """What was found below one folder."""

    cases: tuple[Case, ...]
    notes: tuple[str, ...] = ()
    incomplete: tuple[Incomplete, ...] = ()
    names: Mapping[int, str] = field(default_factory=dict)
    unchosen: tuple[Path, ...] = ()


def read_paired_folders(folder: Path, choices: FolderChoices) -> Cases | None:
    """The cases of a folder, or None if it is laid out otherwise.

    Understood are `images` and `masks` (or `labels`, `1st_manual`, ...), a folder a case with
    these two in it, and both below `train`, `validation` and `test` folders.

    Args:
        folder: to look in.
        choices: of the user.

    Raises:
        Problem: names do not tell which files belong together.
    """
    sections = [(meaning(child.name)[0], child) for child in folders(folder)]
    sections = [(split, path) for split, path in sections if split and _is_plain_split(path)]
    parts: list[tuple[str | None, Part | None, Path]] = []
    for split, path in sections:
        inner = _parts(path, choices.series)
        parts += [(part_split or split, part, path) for part_split, part in inner] or [
            (split, None, path)
        ]
    if not any(part for _, part, _ in parts):
        parts = [(split, part, folder) for split, part in _parts(folder, choices.series)]
    cases: list[Case] = []
    notes: list[str] = []
    incomplete: list[Incomplete] = []
    unchosen: list[Path] = []
    for split, part, path in parts:
        if part is not None and (part.cases or part.incomplete):
            cases += [replace(case, split=split) for case in part.cases]
            notes += part.notes
            incomplete += part.incomplete
            unchosen += part.unchosen
        elif split == "test":
            notes.append(f"Images without labels are left out: {path.name}.")
    if not cases and not incomplete:
        return None
    if len({case.split for case in cases}) == 1:  # a lone train folder is no split
        cases = [replace(case, split=None) for case in cases]
    names = _same_names([part for _, part, _ in parts if part is not None and part.cases])
    return Cases(
        tuple(cases),
        str(folder),
        tuple(dict.fromkeys(notes)),
        names,
        incomplete=tuple(incomplete),
        unchosen=tuple(unchosen),
    )


def _same_names(parts: Sequence[Part]) -> Mapping[int, str]:
    """The structures of masks, which are to be the same in all parts."""
    first = parts[0].names if parts else {}
    for part in parts:
        if part.names != first:
            raise Problem(
                f"Masks are of {listing([*first.values()]) or 'one kind'} in one folder and of"
                f" {listing([*part.names.values()]) or 'one kind'} in another.",
                part.cases[0].images[0].parent,
                "Give each part of the data masks of the same structures.",
            )
    return first


def _is_plain_split(path: Path) -> bool:
    split, role = meaning(path.name)
    return split is not None and role is None


def _parts(folder: Path, series: Sequence[str]) -> list[tuple[str | None, Part]]:
    by_case = _folder_a_case(folder, series)
    if by_case:
        return [(None, by_case)]
    parts: list[tuple[str | None, Part]] = []
    for part_split, roles in _roles(folder) or likely_roles(folder):
        if roles.labels is not None:
            parts.append((part_split, _paired(roles, series)))
        elif part_split == "test":
            parts.append((part_split, Part(())))
    return parts


def _roles(folder: Path) -> list[tuple[str | None, Roles]]:
    """The folders of each split: from `images`, `train_images` or `images/train`."""
    by_split: dict[str | None, dict[str, list[Path]]] = {}
    for child in folders(folder):
        split, role = meaning(child.name)
        if role is None:
            continue
        inner = [x for x in folders(child) if _is_plain_split(x)]
        for path in inner or [child]:
            part_split = meaning(path.name)[0] if inner else split
            by_split.setdefault(part_split, {}).setdefault(role, []).append(path)
    return [
        (split, _one_of_each(folder, roles))
        for split, roles in by_split.items()
        if "image" in roles
    ]


def likely_roles(folder: Path) -> list[tuple[str | None, Roles]]:
    """The folders of each split by the last words of their names (`X_Data`, `X_GroundTruth`), if
    there is one of label maps for one of images, and the latter is named so (`X_Input`) or each
    image has its label map; else nothing."""
    by_split: dict[str | None, dict[bool, list[Path]]] = {}
    for child in folders(folder):
        splits = {SPLIT_NAMES[word] for word in tokens(child.name) if word in SPLIT_NAMES}
        split = splits.pop() if len(splits) == 1 else None
        label = likely_role(child.name) in ("label", "mask")
        by_split.setdefault(split, {}).setdefault(label, []).append(child)
    sizes = {len(both.get(label, ())) for both in by_split.values() for label in (True, False)}
    if sizes != {1}:
        return []
    made = [
        (split, Roles(both[False][0], both[True][0], None, ())) for split, both in by_split.items()
    ]
    sure = all(likely_role(roles.images.name) == "image" or _fits(roles) for _, roles in made)
    return made if sure else []


def _fits(roles: Roles) -> bool:
    assert roles.labels is not None
    with contextlib.suppress(Problem):
        made = paired(roles.images, roles.labels)
        return bool(made.pairs) and made.complete and not made.left
    return False


def _one_of_each(folder: Path, by_role: dict[str, list[Path]]) -> Roles:
    labels, masks = by_role.get("label", []), by_role.get("mask", [])
    regions = by_role.get("region", []) + (masks if labels else [])
    labels = labels or masks
    for what, paths in (("images", by_role["image"]), ("labels", labels), ("regions", regions)):
        if len(paths) > 1:
            raise Problem(
                f"Several folders may hold the {what}: {', '.join(x.name for x in paths)}.",
                folder,
                _start(folder, by_role["image"][0], paths[0] if what != "images" else labels[:1]),
            )
    return Roles(
        by_role["image"][0],
        labels[0] if labels else None,
        regions[0] if regions else None,
        tuple(by_role.get("second", ())),
    )


def _start(folder: Path, images: Path, labels: Path | list[Path]) -> str:
    """How a table would begin that says which folder is meant."""
    where = labels if isinstance(labels, Path) else labels[0] if labels else images
    firsts = [entries(images)[:1], entries(where)[:1]]
    cells = [files[0] if files else name for files, name in zip(firsts, ("A", "B"), strict=True)]
    return csv_start(folder, ("image", "label"), cells)


def _paired(roles: Roles, series: Sequence[str]) -> Part:
    assert roles.labels is not None
    made = paired(roles.images, roles.labels, series)
    notes = [f"Images in {roles.images.name}, labels in {roles.labels.name}."]
    notes += [f"The second observer's {path.name} is left out." for path in roles.second]
    notes += [*(made.maps.notes if made.maps else ()), *made.notes]
    if made.left:
        notes.append(f"Labels without an image are left out: {listing(made.left, 3)}.")
    regions: dict[Path, Path | None] = {}
    incomplete = _lacking(
        [files[0] for _, files, label in made.pairs if not label], len(made.pairs), "label map"
    )
    if roles.region is not None:
        regions = dict(pair(roles.images, roles.region)[0])
        lacking = [files[0] for _, files, _ in made.pairs if regions.get(files[0]) is None]
        incomplete += _lacking(lacking, len(made.pairs), "region mask")
        notes.append(f"Only where {roles.region.name} is set do training and scores count.")
    cases = tuple(
        Case(name, {IMAGE: files}, label, "", region=regions.get(files[0]))
        for name, files, label in made.pairs
        if label and (roles.region is None or regions.get(files[0]) is not None)
    )
    names = made.maps.names if made.maps else {}
    unchosen = (*made.unchosen, *roles.second)
    return Part(cases, tuple(notes), incomplete + made.incomplete, names, unchosen)


def _lacking(images: Sequence[Path], total: int, what: str) -> tuple[Incomplete, ...]:
    if not images:
        return ()
    lacking = f"{len(images)} of {total} images have no {what}."
    return (Incomplete(lacking, tuple(images), f"Add the {what}, or take the images away."),)


def _folder_a_case(folder: Path, series: Sequence[str]) -> Part | None:
    case_folders = [
        (child, roles)
        for child in folders(folder)
        if meaning(child.name) == (None, None)
        for _, roles in _roles(child)
    ]
    if all(roles.labels is None for _, roles in case_folders):
        return None
    if any(len(image_files(roles.images)) == 1 for _, roles in case_folders):
        return _instances(case_folders)
    if len(case_folders) == 1:  # the data set itself, one level below
        return None
    return _paired_in_each(case_folders, series)


def _paired_in_each(case_folders: list[tuple[Path, Roles]], series: Sequence[str]) -> Part:
    parts = [
        (child, _paired(roles, series)) for child, roles in case_folders if roles.labels is not None
    ]
    cases = tuple(
        replace(case, name=f"{child.name}_{case.name}")
        for child, part in parts
        for case in part.cases
    )
    notes = tuple(dict.fromkeys(note for _, part in parts for note in part.notes))
    incomplete = tuple(one for _, part in parts for one in part.incomplete)
    unchosen = tuple(path for _, part in parts for path in part.unchosen)
    return Part(cases, notes, incomplete, _same_names([part for _, part in parts]), unchosen)


def _instances(case_folders: list[tuple[Path, Roles]]) -> Part:
    masks = {
        child: image_files(roles.labels) if roles.labels else [] for child, roles in case_folders
    }
    images = {child: image_files(roles.images) for child, roles in case_folders}
    odd = tuple(child for child, files in images.items() if len(files) != 1)
    incomplete: tuple[Incomplete, ...] = ()
    if odd:
        what = "Each case's folder was expected to hold one image."
        incomplete = (Incomplete(what, odd, "Give one folder an image."),)
    empty = [child for child, files in masks.items() if not files]
    usable = masks.keys() - set(odd) - set(empty)
    merged = any(len(files) > 1 for files in masks.values())
    cases = tuple(
        Case(
            child.name,
            {IMAGE: (images[child][0],)},
            LabelMapFile(roles.labels if merged else masks[child][0]),
            "",
        )
        for child, roles in case_folders
        if child in usable and roles.labels is not None
    )
    how = "the masks of a case, one an instance, are merged" if merged else "one mask a case"
    return Part(
        cases, (f"A folder a case; {how}.",), incomplete + _lacking(empty, len(masks), "mask")
    )
