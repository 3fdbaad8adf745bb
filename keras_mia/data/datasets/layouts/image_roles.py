"""Which of two images is made from the other, and which belong together, as names tell."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from keras_mia.core.text import natural_key
from keras_mia.data.datasets.files.image_groups import NO_IMAGES
from keras_mia.data.datasets.files.naming import (
    FILLERS as SPLIT_FILLERS,
)
from keras_mia.data.datasets.files.naming import (
    IMAGE_WORDS,
    SERIES,
    SPLIT_NAMES,
    meaning,
    named,
    tokens,
)
from keras_mia.data.datasets.files.series import RULES, is_variant
from keras_mia.data.io.formats import stem_of

OPPOSITES = (
    (("a",), ("b",)),
    (
        ("input", "inputs", "source", "sources", "src"),
        ("target", "targets", "output", "outputs", "tgt", "gt", "groundtruth"),
    ),
    (
        ("noisy", "degraded", "corrupted", "blurred", "blurry"),
        ("clean", "denoised", "original", "sharp", "reference"),
    ),
    (("low", "lr", "lowres", "lowdose", "quarter"), ("high", "hr", "highres", "full", "fulldose")),
)
"""Names of what is given, and of what is to be made of it."""
ORDER = (
    *("t1", "pd", "t2", "flair", "dwi", "adc", "mr", "mri", "us"),
    *("cbct", "ct", "spect", "pet", "pt"),
)
"""Kinds of scans, those from which others are more often made first."""
WORDS = {word for pair in OPPOSITES for words in pair for word in words}
SCAN = re.compile(rf"mri?|us|{SERIES.pattern}")
FILLERS = {
    *SPLIT_FILLERS,
    *(IMAGE_WORDS - WORDS),
    *("dose", "res", "resolution", "quality", "field", "domain"),
}
"""Words of a folder's name that say nothing beside its role."""


NAMELESS = "_"
"""The name of an image whose file's name tells no more than its role."""


@dataclass(frozen=True)
class Placed:
    """An image with what its path tells.

    Args:
        path: of it.
        role: the word that says what it is, in small letters, or the name that the user has for it.
        split: "train", "validation", "test", or None.
        key: a path without what tells role and split: equal ones belong together.
    """

    path: Path
    role: str
    split: str | None
    key: Path


Find = Callable[[Sequence[str]], str | None]
"""Gives the role that words in small letters tell."""


def finder(chosen: Sequence[str]) -> Find:
    """What tells the role of an image.

    Args:
        chosen: the user's names of roles; none: the usual ones.
    """

    def find(words: Sequence[str]) -> str | None:
        for rule in RULES:
            matches = [one for one in chosen if rule(one.lower(), "_".join(words))]
            if matches:
                return matches[0] if len(matches) == 1 else None
        return None

    return find if chosen else _usual


def placed(unit: Path, root: Path, find: Find) -> Placed | None:
    """What the path of an image tells; None where it tells no role, or that it is a label map.

    Args:
        unit: a file, or a folder of slices.
        root: the folder below which names count.
        find: tells the role.
    """
    role, split = "", None
    kept: list[str] = []
    for part in unit.relative_to(root).parts[:-1]:
        part_split, part_role, rest = _of_folder(part, find)
        split = split or part_split
        rest = part if role and part_role else rest
        role = role or part_role
        kept += [rest] if rest else []
    stem = stem_of(unit)
    if not role:
        role, stem = _without_role(stem, find)
    if not role or named(stem).label or any(meaning(part)[1] in NO_IMAGES for part in kept):
        return None
    return Placed(unit, role, split, root.joinpath(*kept, stem or NAMELESS))


def bare(find: Find) -> Callable[[Path], str]:
    """The rule that names are equal but for words that tell what an image is.

    Args:
        find: tells the role.
    """

    def rule(key: Path) -> str:
        words = [word for word in tokens(key.name) if find([word]) is None]
        return "_".join(word for word in words if word not in FILLERS and word not in SPLIT_NAMES)

    return rule


def direction(roles: Iterable[str]) -> tuple[str, str] | None:
    """Which role is made into which, as their names tell; None where these are no two roles.

    Args:
        roles: two or more, of which some may be spellings of one.
    """
    roles = list(dict.fromkeys(roles))
    for sources, targets in OPPOSITES:
        both = [[role for role in roles if role in words] for words in (sources, targets)]
        if all(len(one) == 1 for one in both):
            return both[0][0], both[1][0]
    scans = [role for role in roles if role not in WORDS]
    kinds = scans if len(scans) == 2 else list(dict.fromkeys(map(kind_of_scan, scans)))
    if len(kinds) != 2:
        return None
    source, target = sorted(kinds, key=rank)
    return source, target


def kind_of_scan(role: str) -> str:
    """The kind of scan that a series is, without what its name tells beyond it.

    Args:
        role: what a series is called.

    Example:
        >>> kind_of_scan("t2reg"), kind_of_scan("flair"), kind_of_scan("perfusion")
        ('t2', 'flair', 'perfusion')
    """
    return next((kind for kind in ORDER if role == kind or is_variant(kind, role)), role)


def display_name(role: str) -> str:
    """A role as it is mostly written.

    Args:
        role: as `Placed` has it.
    """
    return role.upper() if role in ORDER or len(role) == 1 else role


def rank(role: str) -> tuple[int, bool, list]:
    """A key that sorts roles: those first from which others are more often made.

    Args:
        role: what a series is called.
    """
    kind = kind_of_scan(role)
    return ORDER.index(kind) if kind in ORDER else len(ORDER), role != kind, natural_key(role)


def _usual(words: Sequence[str]) -> str | None:
    for is_role in (WORDS.__contains__, SCAN.fullmatch):
        matches = {word for word in words if is_role(word)}
        if matches:
            return matches.pop() if len(matches) == 1 else None
    return None


def _of_folder(name: str, find: Find) -> tuple[str | None, str, str]:
    """The split and the role that a folder's name tells, and what it tells beside these."""
    words = tokens(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name))
    splits = [SPLIT_NAMES[word] for word in words if word in SPLIT_NAMES]
    rest = [word for word in words if word not in SPLIT_NAMES and word not in FILLERS]
    if len(splits) > 1 or not (splits or rest):
        return None, "", name
    split = splits[0] if splits else None
    if not rest:
        return split, "", ""
    if len(rest) == 1:
        role = find(rest)
        return (split, role, "") if role else (None, "", name)
    return None, *_without_role(name, find)


def _without_role(name: str, find: Find) -> tuple[str, str]:
    """The role that a name of several words tells, of several the last, and the name without it."""
    pieces = re.split(r"([_\-. ]+)", name)
    roles: dict[int, str] = {}
    for at in reversed(range(0, len(pieces), 2)):
        word = pieces[at].lower()
        role = find([word]) if word else None
        at_end = len(pieces) > 1 and at in (0, len(pieces) - 1)
        if role and (len(word) > 1 or at_end or find is not _usual):
            roles[at] = role
    if not roles:
        return "", name
    at = next((at for at, role in roles.items() if role in WORDS), next(iter(roles)))
    before, after = pieces[: max(0, at - 1)], pieces[at + 1 :]
    return roles[at], "".join([*before, *(after if before else after[1:])])
