"""A tree of one folder a class, with or without train, validation and test above."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing
from keras_mia.data.datasets.case_target import Texts
from keras_mia.data.datasets.cases import IMAGE, SPLITS, Case, Cases, Incomplete
from keras_mia.data.datasets.files.image_groups import (
    ImageGroup,
    group_images,
    outside_label_folders,
)
from keras_mia.data.datasets.files.image_paths import entries, folders
from keras_mia.data.datasets.files.naming import ROLES, SERIES, meaning, tokens
from keras_mia.data.datasets.files.series import SeriesChoice, choose_series
from keras_mia.data.datasets.layouts import paired_folders
from keras_mia.data.datasets.layouts.csv_hint import class_start, command, csv_start
from keras_mia.data.datasets.layouts.layout import NO_CHOICES, FolderChoices

Classes = Mapping[str, Sequence[ImageGroup]]
PartFolders = Mapping[str | None, Path]
PATIENT = re.compile(
    r"(?i)(?!class|grade|type|stage|level|label|cat)(?:(?:patient|subject|subj|person|pat|pt|case|sub|id|p|s|scan)"
    r"[-_ ]?\d+|\d{4,}|[a-z]+[-_]?\d{3,}|(?=.*\d)[a-z0-9]+(?:-[a-z0-9]+){2,})"
)
"""Names that patients' folders have, and hardly a class."""


def read_class_folders(folder: Path, choices: FolderChoices = NO_CHOICES) -> Cases | None:
    """The cases of a folder whose folders are named after classes, or None if it is laid out
    otherwise.

    Label maps beside images are no images of a class. A class without an image, in any part of the
    split, stands in `incomplete`.

    Args:
        folder: to look in.
        choices: of the user.

    Raises:
        Problem: the folders are named as those of label maps are, or as patients or series are.
    """
    if choices.unpaired:
        return None
    part_folders, parts = _parts(folder)
    names = list(dict.fromkeys(name for classes in parts.values() for name in classes))
    counts = {name: sum(len(classes.get(name, ())) for classes in parts.values()) for name in names}
    filled = [name for name in names if counts[name]]
    if len(filled) < 2:
        return None
    if not choices.folders_are_classes:
        _check_names(folder, filled, parts)
    groups = [one for classes in parts.values() for group in classes.values() for one in group]
    taken = choose_series(groups, choices.series, folder)
    cases = labelled(parts, taken)
    counted = ", ".join(f"{name} ({counts[name]})" for name in filled)
    return Cases(
        cases,
        str(folder),
        (f"A folder a class: {counted}.", *taken.notes),
        incomplete=(*_without_images(parts, part_folders, names), *taken.incomplete),
        unchosen=taken.unchosen,
    )


def _parts(folder: Path) -> tuple[PartFolders, Mapping[str | None, Classes]]:
    """The folder of each part of the split, or of None, and the classes in it."""
    part_folders: dict[str | None, Path] = {}
    for child in folders(folder):
        split, role = meaning(child.name)
        if not split or role:
            continue
        if split in part_folders:
            raise Problem(
                f"Two folders are the {split} part: "
                f"{listing([part_folders[split].name, child.name])}.",
                folder,
                "Move the images of one into the other, or rename it.",
            )
        part_folders[split] = child
    parts = {split: _classes(child) for split, child in part_folders.items()}
    if not any(any(classes.values()) for classes in parts.values()):
        part_folders, parts = {None: folder}, {None: _classes(folder)}
    return part_folders, parts


def _classes(folder: Path) -> dict[str, list[ImageGroup]]:
    """Class name to its images, of every folder."""
    return {
        # composed alike, as a Mac and others write one name differently
        unicodedata.normalize("NFC", child.name): images_in(child)
        for child in folders(folder)
    }


def images_in(folder: Path) -> list[ImageGroup]:
    """The images in a folder and below, without the label maps beside them.

    Args:
        folder: that a class is named after.
    """
    return group_images(outside_label_folders(entries(folder), folder), folder)


def labelled(parts: Mapping[str | None, Classes], taken: SeriesChoice) -> tuple[Case, ...]:
    """The cases of folders whose names say what is to be learnt.

    Args:
        parts: of the split, or the whole as None, with the images that each name has.
        taken: which of their files are the channels of each.
    """
    images = {id(one): files for one, files in zip(taken.groups, taken.images, strict=True)}
    return tuple(
        Case(
            one.name,
            {IMAGE: images[id(one)]},
            Texts(name),
            "",
            split if len(parts) > 1 else None,
        )
        for split, classes in parts.items()
        for name, group in classes.items()
        for one in group
        if id(one) in images
    )


def _check_names(folder: Path, names: Sequence[str], parts: Mapping[str | None, Classes]) -> None:
    roles = {meaning(name)[1] for name in names}
    pairs = None not in roles or ("image" in roles and roles & {"label", "mask"})
    if pairs or paired_folders.likely_roles(folder):
        raise Problem(
            f"These look like images with label maps, not like classes: {listing(names)}.",
            folder,
            "Say --kind multiclass if they are classes."
            f" For label maps: {command('segment', folder)}",
        )
    if all(ROLES["image"] & set(tokens(name)) for name in names):
        tables = [
            path.name
            for path in sorted(folder.iterdir())
            if path.suffix.lower() in (".csv", ".tsv")
        ]
        raise Problem(
            f"The folders are named as images are, not as classes: {listing(names, 4)}.",
            folder,
            "If they are classes, say --kind multiclass. "
            + (
                f"The folder holds {listing(tables, 3)}: --data {folder / tables[0]}"
                if tables
                else "Else: " + class_start(folder)
            ),
        )
    if all(meaning(name)[0] for name in names):
        raise Problem(
            f"The folders are parts of a split, not classes: {listing(names)}.",
            folder,
            "Put a folder a class into each. Or: " + class_start(folder),
        )
    first = next(group[name][0] for group in parts.values() for name in names if group.get(name))
    if all(SERIES.fullmatch(name.lower()) for name in names):
        raise Problem(
            f"The folders are named as series of scans are, not as classes: {listing(names)}.",
            folder,
            "If the kind of series is to be learnt, say --kind multiclass."
            " If they are one patient's: "
            + csv_start(
                folder, ("image", "label", "patient"), (first.images, "CLASS", folder.name)
            ),
        )
    patients = [name for name in names if PATIENT.fullmatch(name)]
    if len(patients) > max(1, len(names) / 2):  # beside `derivatives` and the like
        name, one = next((n, g[n][0]) for n in patients for g in parts.values() if g.get(n))
        raise Problem(
            f"The folders look like {len(patients)} patients, not like classes:"
            f" {listing(patients, 4)}.",
            folder,
            "If they are classes, say --kind multiclass. If they are patients: "
            + csv_start(folder, ("image", "label", "patient"), (one.images, "CLASS", name)),
        )


def _without_images(
    parts: Mapping[str | None, Classes],
    part_folders: PartFolders,
    names: Sequence[str],
) -> Iterator[Incomplete]:
    empty = [name for name in names if not any(classes.get(name) for classes in parts.values())]
    if empty:
        candidates = [path / name for name in empty for path in part_folders.values()]
        yield Incomplete(
            f"A folder a class holds images of it, that of {listing(empty)} holds none that can be"
            " read.",
            tuple(path for path in candidates if path.is_dir()),
            "Put images of the class into it, or take it away.",
            "empty class",
        )
    for split in (split for split in SPLITS if split in parts):
        lacking = [name for name in names if name not in empty and not parts[split].get(name)]
        if lacking:
            yield Incomplete(
                f"Every part of a split needs images of each class, the {split} part has none of"
                f" {listing(lacking)}.",
                tuple(part_folders[split] / name for name in lacking),
                "Move some there, or take the class out of all parts.",
                "untrained class" if split == "train" else "untested class",
            )
