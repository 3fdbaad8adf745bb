"""Which file belongs to which: names of folders and files, and what they say."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.data.finding import entries
from keras_mia.data.formats import stem_of
from keras_mia.data.naming import ROLES, SPLIT_NAMES, tokens

# Words at either end of a file's name that tell its kind or split, and not its case.
AFFIXES = {
    *(word for words in ROLES.values() for word in words if "_" not in word),
    *SPLIT_NAMES,
    *("1stho", "2ndho", "mri", "ct", "0000"),
}


def pair(images: Path, others: Path) -> tuple[list[tuple[Path, Path | None]], list[Path]]:
    """Finds the label map, or the region, of each image.

    Names match if they are equal, or equal without affixes such as `_mask`, or hold the same
    numbers; the first of these that is unambiguous and complete is taken, for all files alike.

    Args:
        images: a folder of images, which may have folders in it.
        others: a folder laid out alike; instead of a file it may have a folder of instances.

    Returns:
        `(image, its partner or None)` of all images, and the files that are left over.

    Raises:
        Problem: no rule is unambiguous.
    """
    files = entries(images)
    flat = all(file.parent == images for file in files)
    partners = entries(others, instances=flat)
    if len(files) == len(partners) == 1:
        return [(files[0], partners[0])], []
    best: tuple[int, dict, Callable] | None = None
    for rule in (_stem, _bare, _numbers):
        keys = [(_parent(file, images), rule(file)) for file in files]
        index = {(_parent(file, others), rule(file)): file for file in partners}
        if len(set(keys)) < len(keys) or len(index) < len(partners):
            continue
        matched = sum(key in index for key in keys if key[1])
        if best is None or matched > best[0]:
            best = (matched, index, rule)
        if matched == len(files):
            break
    if best is None:
        raise Problem(
            f"It is not clear which file of {others.name} belongs to which of {images.name}.",
            images.parent,
            "Name both alike, or list them in a CSV file: image,label.",
        )
    _, index, rule = best
    pairs = [
        (file, index.get((_parent(file, images), rule(file))) if rule(file) else None)
        for file in files
    ]
    used = {partner for _, partner in pairs}
    return pairs, [file for file in partners if file not in used]


def listed(paths: Sequence[object], most: int = 10) -> str:
    """The first paths of a list, and how many more there are."""
    shown = ", ".join(str(path) for path in paths[:most])
    return shown if len(paths) <= most else f"{shown} and {len(paths) - most} more"


def _parent(file: Path, folder: Path) -> str:
    return unicodedata.normalize("NFC", file.parent.relative_to(folder).as_posix())


def _stem(file: Path) -> str:
    return unicodedata.normalize("NFC", stem_of(file))


def _bare(file: Path) -> str:
    words = tokens(_stem(file))
    while words and words[-1] in AFFIXES:
        words.pop()
    while words and words[0] in AFFIXES:
        words.pop(0)
    return "_".join(words)


def _numbers(file: Path) -> str:
    return "-".join(str(int(number)) for number in re.findall(r"\d+", _bare(file)))
