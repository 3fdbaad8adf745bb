"""Folders of images beside folders of masks, and a folder a case."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.data.cases import Case, Cases, Incomplete
from keras_mia.data.formats import image_files, stem_of
from keras_mia.data.pairing import folders, listed, meaning, pair


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


def read(folder: Path) -> Cases | None:
    """The cases of a folder, or None if it is laid out otherwise.

    Understood are `images` and `masks` (or `labels`, `1st_manual`, ...), a folder a case with
    these two in it, and both below `train`, `validation` and `test` folders.
    """
    sections = [(meaning(child.name)[0], child) for child in folders(folder)]
    sections = [(split, path) for split, path in sections if split and _is_plain_split(path)]
    parts: list[tuple[str | None, Part | None, Path]] = []
    for split, path in sections:
        found = [(part_split or split, part) for part_split, part in _parts(path, split)]
        parts += [(side, part, path) for side, part in found] or [(split, None, path)]
    if not any(part for _, part, _ in parts):
        parts = [(split, part, folder) for split, part in _parts(folder, None)]
    cases: list[Case] = []
    notes: list[str] = []
    incomplete: list[Incomplete] = []
    for split, part, path in parts:
        if part is not None and (part.cases or part.incomplete):
            cases += [replace(case, split=split) for case in part.cases]
            notes += part.notes
            incomplete += part.incomplete
        elif split == "test":
            notes.append(f"Images without labels are left out: {path.name}.")
    if not cases and not incomplete:
        return None
    if len({case.split for case in cases}) == 1:  # a lone train folder is no split
        cases = [replace(case, split=None) for case in cases]
    said = tuple(dict.fromkeys(notes))
    return Cases(tuple(cases), str(folder), said, incomplete=tuple(incomplete))


def _is_plain_split(path: Path) -> bool:
    split, role = meaning(path.name)
    return split is not None and role is None


def _parts(folder: Path, split: str | None) -> list[tuple[str | None, Part]]:
    by_case = _folder_a_case(folder, split)
    if by_case:
        return [(None, by_case)]
    found = []
    for own_split, roles in _roles(folder):
        if roles.labels is not None:
            found.append((own_split, _paired(roles)))
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


def _one_of_each(folder: Path, found: dict[str, list[Path]]) -> Roles:
    labels, masks = found.get("label", []), found.get("mask", [])
    regions = found.get("region", []) + (masks if labels else [])
    labels = labels or masks
    for what, paths in (("images", found["image"]), ("labels", labels), ("regions", regions)):
        if len(paths) > 1:
            raise Problem(
                f"Several folders may hold the {what}: {', '.join(x.name for x in paths)}.",
                folder,
                "Name the folder that contains only what you mean, or list the files in a CSV.",
            )
    return Roles(
        found["image"][0],
        labels[0] if labels else None,
        regions[0] if regions else None,
        tuple(found.get("second", ())),
    )


def _paired(roles: Roles) -> Part:
    assert roles.labels is not None
    pairs, left = pair(roles.images, roles.labels)
    notes = [f"Images in {roles.images.name}, labels in {roles.labels.name}."]
    notes += [f"The second observer's {path.name} is left out." for path in roles.second]
    if left:
        notes.append(f"Labels without an image are left out: {listed(left, 3)}.")
    complete, incomplete = _complete(pairs, "label map")
    if roles.region is not None:
        found, without = _complete(pair(roles.images, roles.region)[0], "region mask")
        regions, incomplete = dict(found), incomplete + without
        notes.append(f"Only where {roles.region.name} is set do training and scores count.")
    else:
        regions = {}
    cases = tuple(
        Case(stem_of(image), (image,), label, "", region=regions.get(image))
        for image, label in complete
        if roles.region is None or image in regions
    )
    return Part(cases, tuple(notes), incomplete)


def _complete(
    pairs: Iterable[tuple[Path, Path | None]], what: str
) -> tuple[list[tuple[Path, Path]], tuple[Incomplete, ...]]:
    """The pairs that have both, and the images that have no partner."""
    pairs = list(pairs)
    both = [(image, partner) for image, partner in pairs if partner is not None]
    missing = tuple(image for image, partner in pairs if partner is None)
    if not missing:
        return both, ()
    return both, (
        Incomplete(
            f"{len(missing)} of {len(pairs)} images have no {what}.",
            missing,
            f"Add the {what}, or take the images away.",
        ),
    )


def _folder_a_case(folder: Path, split: str | None) -> Part | None:
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
        return _paired_in_each(found)
    return _instances(found)


def _paired_in_each(found: list[tuple[Path, Roles]]) -> Part:
    parts = [(child, _paired(roles)) for child, roles in found if roles.labels is not None]
    cases = tuple(
        replace(case, name=f"{child.name}_{case.name}")
        for child, part in parts
        for case in part.cases
    )
    notes = tuple(dict.fromkeys(note for _, part in parts for note in part.notes))
    return Part(cases, notes, tuple(one for _, part in parts for one in part.incomplete))


def _instances(found: list[tuple[Path, Roles]]) -> Part:
    masks = {child: image_files(roles.labels) if roles.labels else [] for child, roles in found}
    images = {child: image_files(roles.images) for child, roles in found}
    odd = tuple(child for child, files in images.items() if len(files) != 1)
    incomplete: tuple[Incomplete, ...] = ()
    if odd:
        what = "Each case's folder was expected to hold one image."
        incomplete = (Incomplete(what, odd, "Give one folder an image."),)
    first = ((child, files[0] if files else None) for child, files in masks.items())
    complete, without = _complete(first, "mask")
    usable = dict(complete).keys() - set(odd)
    merged = any(len(files) > 1 for files in masks.values())
    cases = tuple(
        Case(child.name, (images[child][0],), roles.labels if merged else masks[child][0], "")
        for child, roles in found
        if child in usable
    )
    how = "the masks of a case, one an instance, are merged" if merged else "one mask a case"
    return Part(cases, (f"A folder a case; {how}.",), incomplete + without)
