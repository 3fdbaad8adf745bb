"""Which file belongs to which: names of folders and files, and what they say."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.files.image_groups import group_images, masks_of
from keras_mia.data.datasets.files.image_paths import entries, entries_for
from keras_mia.data.datasets.files.naming import ROLES, SPLIT_NAMES, tokens
from keras_mia.data.io.formats import stem_of

# Words at either end of a file's name that tell its kind or split, and not its case.
AFFIXES = {
    *(word for words in ROLES.values() for word in words if "_" not in word),
    *SPLIT_NAMES,
    *("1stho", "2ndho", "mri", "ct", "0000"),
}


@dataclass(frozen=True)
class Match:
    """One way to find partners.

    Args:
        pairs: each image with its partner, or None.
        left: what is the partner of none.
    """

    pairs: list[tuple[Path, Path | None]]
    left: list[Path]

    @property
    def count(self) -> int:
        """How many images have a partner."""
        return sum(partner is not None for _, partner in self.pairs)


def pair(images: Path, others: Path) -> tuple[list[tuple[Path, Path | None]], list[Path]]:
    """Finds the label map, or the region, of each image.

    Names match if they are equal, or equal without affixes such as `_mask`, or hold the same
    numbers; the first of these that is unambiguous and complete is taken, for all files alike.
    Where label maps lie beside images in `others`, these images are no partners.

    Args:
        images: a folder of images, which may have folders in it.
        others: a folder laid out alike, or with all files in it while `images` has folders, or the
            other way round; instead of a file it may have a folder of instances.

    Returns:
        `(image, its partner or None)` of all images, and the files that are left over.

    Raises:
        Problem: no rule is unambiguous.
    """
    partners = entries(others)
    return pair_files(entries_for(images, len(partners)), images, partners, others)


def pair_files(
    files: Sequence[Path], images: Path, below: Sequence[Path], others: Path
) -> tuple[list[tuple[Path, Path | None]], list[Path]]:
    """As `pair`, of images and candidates that are known: `entries` of the two folders."""
    partners = masks_of(group_images(below, others)) or list(below)
    if len(files) == len(partners) == 1:
        return [(files[0], partners[0])], []
    flat = all(file.parent == images for file in files)
    all_partners = set(partners)
    objects = [x for x in entries(others, instances=True) if x.is_dir() or x in all_partners]
    best: Match | None = None
    for candidates in (objects, partners) if flat and set(objects) != all_partners else (partners,):
        # a folder "site1" is not that of the objects of image 1
        for rule in (
            (whole_stem, _bare, _numbers) if candidates is partners else (whole_stem, _bare)
        ):
            made = match(files, images, candidates, others, rule)
            if made is None or not (made.count or candidates is partners):
                continue
            if best is None or made.count > best.count:
                best = made
            if best is not None and best.count == len(files):
                return best.pairs, best.left
    if best is None:
        raise Problem(
            f"It is not clear which file of {others.name} belongs to which of {images.name}.",
            images.parent,
            "Name both alike, or list them in a CSV file: image,label.",
        )
    return best.pairs, best.left


def match(
    files: Sequence[Path],
    images: Path,
    partners: Sequence[Path],
    others: Path,
    rule: Callable[[Path], str],
) -> Match | None:
    """The partners by one rule.

    Args:
        files: the images.
        images: the folder that they lie in or below.
        partners: what one of them may belong to.
        others: the folder of these, laid out alike, or with all files in it while `images` has
            folders, or the other way round.
        rule: what a partner's name has in common with that of its image; "": it has none.

    Returns:
        The pairs; None where the rule is ambiguous.
    """
    flat = any(
        all(file.parent == folder for file in group)
        for group, folder in ((files, images), (partners, others))
    )

    def key(file: Path, folder: Path) -> tuple[str, str]:
        return "" if flat else _parent(file, folder), rule(file)

    keys = [key(file, images) for file in files]
    index = {key(file, others): file for file in partners}
    if len(set(keys)) < len(keys) or len(index) < len(partners):
        return None
    pairs = [
        (file, index.get(one) if one[1] else None) for file, one in zip(files, keys, strict=True)
    ]
    used = {partner for _, partner in pairs}
    return Match(pairs, [file for file in partners if file not in used])


def _parent(file: Path, folder: Path) -> str:
    return unicodedata.normalize("NFC", file.parent.relative_to(folder).as_posix())


def whole_stem(file: Path) -> str:
    """The name of a file without its suffix, letters composed alike.

    Args:
        file: any path.
    """
    return unicodedata.normalize("NFC", stem_of(file))


def _bare(file: Path) -> str:
    words = tokens(whole_stem(file))
    while words and words[-1] in AFFIXES:
        words.pop()
    while words and words[0] in AFFIXES:
        words.pop(0)
    return "_".join(words)


def _numbers(file: Path) -> str:
    return numbers_of(_bare(file))


def numbers_of(name: str) -> str:
    """The numbers of a name, without leading zeros.

    Args:
        name: any.

    Example:
        >>> numbers_of("scan_007_2")
        '7-2'
    """
    return "-".join(str(int(number)) for number in re.findall(r"\d+", name))
