"""Two kinds of images without pairs, in a folder each."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing
from keras_mia.data.datasets.case_names import same
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.datasets.files.image_groups import ImageGroup
from keras_mia.data.datasets.files.image_paths import folders
from keras_mia.data.datasets.files.naming import meaning
from keras_mia.data.datasets.files.series import choose_series
from keras_mia.data.datasets.layouts.class_folders import images_in, labelled
from keras_mia.data.datasets.layouts.layout import FolderChoices

SPLIT_WORDS = {"train": ("train",), "validation": ("val", "validation"), "test": ("test",)}
"""What stands before the name of a kind in `trainA`, as CycleGAN's data sets have it."""
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
    counts = (
        f"{kind} ({sum(len(kinds.get(kind, ())) for kinds in parts.values())})"
        for kind in choices.unpaired
    )
    return Cases(
        labelled(parts, taken),
        str(folder),
        (f"Two kinds of images without pairs: {', '.join(counts)}.", *taken.notes),
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
        raise Problem(
            f"Some folders of {listing(kinds)} are parts of a split, and some are not.",
            folder,
            "Put all of them into train, val and test, or none.",
        )
    return parts


def _named(name: str, kinds: Sequence[str]) -> tuple[str | None, str | None]:
    """The part of the split and the kind that a folder is named after."""
    for kind in kinds:
        if same(name) == same(kind):
            return None, kind
        for split, words in SPLIT_WORDS.items():
            spelled = (same(f"{word}{between}{kind}") for word in words for between in ("", "_"))
            if same(name) in spelled:
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


def below_kind(path: Path, root: Path, kinds: Sequence[str]) -> Path | None:
    """Where an image lies below the folder of its kind, without folders that only say that images
    lie in them; None where it lies in none.

    Args:
        path: of the image.
        root: of the data.
        kinds: their names.

    Example:
        >>> below_kind(Path("data/trainA/p1/images/0.png"), Path("data"), ("A", "B")).as_posix()
        'p1/0.png'
    """
    if not path.is_relative_to(root):
        return None
    parts = path.relative_to(root).parts
    depths = (depth for depth, part in enumerate(parts[:-1], 1) if _named(part, kinds)[1])
    depth = next(depths, None)
    if depth is None:
        return None
    *inside, name = parts[depth:]
    return Path(*(part for part in inside if not meaning(part)[1]), name)
