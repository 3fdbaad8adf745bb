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


def read_paired_folders(folder: Path, chosen: Sequence[str] = ()) -> Cases | None:
    """The cases of a folder, or None if it is laid out otherwise.

    Understood are `images` and `masks` (or `labels`, `1st_manual`, ...), a folder a case with
    these two in it, and both below `train`, `validation` and `test` folders.

    Args:
        folder: to look in.
        chosen: which series of a patient to take.

    Raises:
        Problem: names do not tell which files belong together.
    """
    sections = [(meaning(child.name)[0], child) for child in folders(folder)]
    sections = [(split, path) for split, path in sections if split and _is_plain_split(path)]
    parts: list[tuple[str | None, Part | None, Path]] = []
    for split, path in sections:
        found = [(part_split or split, part) for part_split, part in _parts(path, split, chosen)]
        parts += [(side, part, path) for side, part in found] or [(split, None, path)]
    if not any(part for _, part, _ in parts):
        parts = [(split, part, folder) for split, part in _parts(folder, None, chosen)]
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
    said = tuple(dict.fromkeys(notes))
    names = _same_names([part for _, part, _ in parts if part is not None and part.cases])
    return Cases(
        tuple(cases),
        str(folder),
        said,
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


def _parts(folder: Path, split: str | None, chosen: Sequence[str]) -> list[tuple[str | None, Part]]:
    by_case = _folder_a_case(folder, split, chosen)
    if by_case:
        return [(None, by_case)]
    found: list[tuple[str | None, Part]] = []
    for own_split, roles in _roles(folder) or likely_roles(folder):
        if roles.labels is not None:
            found.append((own_split, _paired(roles, chosen)))
        elif own_split == "test":
            found.append((own_split, Part(())))
    return found


def _roles(folder: Path) -> list[tuple[str | None, Roles]]:
    """The folders of each split: from `images`, `train_images` or `images/train`."""
    found: dict[str | None, dict[str, list[Path]]] = {}
    for child in folders(folder):
        split, role = meaning(child.name)
        if role is None:
            continue
        inner = [x for x in folders(child) if _is_plain_split(x)]
        for path in inner or [child]:
            own = meaning(path.name)[0] if inner else split
            found.setdefault(own, {}).setdefault(role, []).append(path)
    return [
        (split, _one_of_each(folder, roles)) for split, roles in found.items() if "image" in roles
    ]


def likely_roles(folder: Path) -> list[tuple[str | None, Roles]]:
    """The folders of each split by the last words of their names (`X_Data`, `X_GroundTruth`), if
    there is one of label maps for one of images, and the latter is named so (`X_Input`) or each
    image has its label map; else nothing."""
    found: dict[str | None, dict[bool, list[Path]]] = {}
    for child in folders(folder):
        splits = {SPLIT_NAMES[word] for word in tokens(child.name) if word in SPLIT_NAMES}
        own = splits.pop() if len(splits) == 1 else None
        label = likely_role(child.name) in ("label", "mask")
        found.setdefault(own, {}).setdefault(label, []).append(child)
    if not all(len(both.get(True, ())) == len(both.get(False, ())) == 1 for both in found.values()):
        return []
    made = [(own, Roles(both[False][0], both[True][0], None, ())) for own, both in found.items()]
    sure = all(likely_role(roles.images.name) == "image" or _fits(roles) for _, roles in made)
    return made if sure else []


def _fits(roles: Roles) -> bool:
    assert roles.labels is not None
    with contextlib.suppress(Problem):
        made = paired(roles.images, roles.labels)
        return bool(made.pairs) and made.complete and not made.left
    return False


def _one_of_each(folder: Path, found: dict[str, list[Path]]) -> Roles:
    labels, masks = found.get("label", []), found.get("mask", [])
    regions = found.get("region", []) + (masks if labels else [])
    labels = labels or masks
    for what, paths in (("images", found["image"]), ("labels", labels), ("regions", regions)):
        if len(paths) > 1:
            raise Problem(
                f"Several folders may hold the {what}: {', '.join(x.name for x in paths)}.",
                folder,
                _start(folder, found["image"][0], paths[0] if what != "images" else labels[:1]),
            )
    return Roles(
        found["image"][0],
        labels[0] if labels else None,
        regions[0] if regions else None,
        tuple(found.get("second", ())),
    )


def _start(folder: Path, images: Path, labels: Path | list[Path]) -> str:
    """How a table would begin that says which folder is meant."""
    where = labels if isinstance(labels, Path) else labels[0] if labels else images
    firsts = [entries(images)[:1], entries(where)[:1]]
    cells = [found[0] if found else name for found, name in zip(firsts, ("A", "B"), strict=True)]
    return csv_start(folder, ("image", "label"), cells)


def _paired(roles: Roles, chosen: Sequence[str]) -> Part:
    assert roles.labels is not None
    made = paired(roles.images, roles.labels, chosen)
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
    said = f"{len(images)} of {total} images have no {what}."
    return (Incomplete(said, tuple(images), f"Add the {what}, or take the images away."),)


def _folder_a_case(folder: Path, split: str | None, chosen: Sequence[str]) -> Part | None:
    found = []
    for child in folders(folder):
        if meaning(child.name) != (None, None):
            continue
        for _, roles in _roles(child):
            found.append((child, roles))
    if not found or (split == "test" and not any(roles.labels for _, roles in found)):
        return None
    if all(roles.labels is None for _, roles in found):
        return None
    single = [len(image_files(roles.images)) == 1 for _, roles in found]
    if not any(single):
        if len(found) == 1:  # the data set itself, one level below
            return None
        return _paired_in_each(found, chosen)
    return _instances(found)


def _paired_in_each(found: list[tuple[Path, Roles]], chosen: Sequence[str]) -> Part:
    parts = [(child, _paired(roles, chosen)) for child, roles in found if roles.labels is not None]
    cases = tuple(
        replace(case, name=f"{child.name}_{case.name}")
        for child, part in parts
        for case in part.cases
    )
    notes = tuple(dict.fromkeys(note for _, part in parts for note in part.notes))
    incomplete = tuple(one for _, part in parts for one in part.incomplete)
    unchosen = tuple(path for _, part in parts for path in part.unchosen)
    return Part(cases, notes, incomplete, _same_names([part for _, part in parts]), unchosen)


def _instances(found: list[tuple[Path, Roles]]) -> Part:
    masks = {child: image_files(roles.labels) if roles.labels else [] for child, roles in found}
    images = {child: image_files(roles.images) for child, roles in found}
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
        for child, roles in found
        if child in usable and roles.labels is not None
    )
    how = "the masks of a case, one an instance, are merged" if merged else "one mask a case"
    return Part(
        cases, (f"A folder a case; {how}.",), incomplete + _lacking(empty, len(masks), "mask")
    )
