"""A tree of one folder a class, with or without train, validation and test above."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.data.cases import SPLITS, Case, Cases, Incomplete
from keras_mia.data.formats import stem_of
from keras_mia.data.pairing import entries, folders, listed, meaning

Classes = Mapping[str, Sequence[Path]]


def read(folder: Path) -> Cases | None:
    """The cases of a folder whose folders are named after classes, or None if it is laid out
    otherwise.

    A class without an image, in any part of the split, stands in `incomplete`.

    Raises:
        Problem: the folders are named as those of label maps are.
    """
    parts = [(meaning(child.name), child) for child in folders(folder)]
    places: dict[str | None, Path]
    places = {split: child for (split, role), child in parts if split and not role}
    found = {split: _classes(child) for split, child in places.items()}
    if not any(any(classes.values()) for classes in found.values()):
        places, found = {None: folder}, {None: _classes(folder)}
    names = list(dict.fromkeys(name for classes in found.values() for name in classes))
    counts = {name: sum(len(classes.get(name, ())) for classes in found.values()) for name in names}
    known = [name for name in names if counts[name]]
    if len(known) < 2:
        return None
    if all(meaning(name)[1] for name in known):
        raise Problem(
            f"These look like images with label maps, not like classes: {listed(known)}.",
            folder,
            "Train on them with `keras-mia segment`, or rename the folders after classes.",
        )
    cases = tuple(
        Case(f"{name}_{stem_of(image)}", (image,), name, "", split if len(found) > 1 else None)
        for split, classes in found.items()
        for name, images in classes.items()
        for image in images
    )
    said = ", ".join(f"{name} ({counts[name]})" for name in known)
    return Cases(
        cases,
        str(folder),
        (f"A folder a class: {said}.",),
        incomplete=tuple(_without_images(found, places, names)),
    )


def _classes(folder: Path) -> dict[str, list[Path]]:
    """Class name to its images, of every folder."""
    return {child.name: entries(child) for child in folders(folder)}


def _without_images(
    found: Mapping[str | None, Classes],
    places: Mapping[str | None, Path],
    names: Sequence[str],
) -> Iterator[Incomplete]:
    empty = [name for name in names if not any(classes.get(name) for classes in found.values())]
    if empty:
        named = [place / name for name in empty for place in places.values()]
        yield Incomplete(
            f"A folder a class holds images of it, that of {listed(empty)} holds none that can be"
            " read.",
            tuple(path for path in named if path.is_dir()),
            "Put images of the class into it, or take it away.",
            "empty class",
        )
    for split in (split for split in SPLITS if split in found):
        lacking = [name for name in names if name not in empty and not found[split].get(name)]
        if lacking:
            yield Incomplete(
                f"Every part of a split needs images of each class, the {split} part has none of"
                f" {listed(lacking)}.",
                tuple(places[split] / name for name in lacking),
                "Move some there, or take the class out of all parts.",
                "untrained class" if split == "train" else "untested class",
            )
