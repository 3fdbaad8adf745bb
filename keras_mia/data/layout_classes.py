"""A tree of one folder a class, with or without train, validation and test above."""

from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.data.cases import Case, Cases
from keras_mia.data.formats import stem_of
from keras_mia.data.pairing import entries, folders, listed, meaning


def read(folder: Path) -> Cases | None:
    """The cases of a folder whose folders are named after classes, or None if it is laid out
    otherwise.

    Raises:
        Problem: a part of the split has a class that the training part does not have.
    """
    parts = [(meaning(child.name), child) for child in folders(folder)]
    sections = [(split, child) for (split, role), child in parts if split and not role]
    found: dict[str | None, dict[str, list[Path]]] = {
        split: _classes(child) for split, child in sections
    }
    if not any(found.values()):
        found = {None: _classes(folder)}
    known = found.get("train") or next(iter(found.values()))
    if len(known) < 2:
        return None
    if all(meaning(name)[1] for name in known):
        raise Problem(
            f"These look like images with label maps, not like classes: {listed([*known])}.",
            folder,
            "Train on them with `keras-mia segment`, or rename the folders after classes.",
        )
    for split, classes in found.items():
        odd = [name for name in classes if name not in known]
        if odd:
            raise Problem(
                f"The {split} part has {listed(odd)}, the training part has {listed([*known])}.",
                folder,
                "Give every part folders of the same names.",
            )
    cases = tuple(
        Case(f"{name}_{stem_of(image)}", (image,), name, "", split if len(found) > 1 else None)
        for split, classes in found.items()
        for name, images in classes.items()
        for image in images
    )
    counts = ", ".join(f"{name} ({len(images)})" for name, images in known.items())
    return Cases(cases, str(folder), (f"A folder a class: {counts}.",))


def _classes(folder: Path) -> dict[str, list[Path]]:
    """Class name to its images, of the folders that hold any."""
    found = {child.name: entries(child) for child in folders(folder)}
    return {name: images for name, images in found.items() if images}
