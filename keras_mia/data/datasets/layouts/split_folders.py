"""The authors' split, as the names of folders tell it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from keras_mia.data.datasets.cases import Case
from keras_mia.data.datasets.files.naming import meaning


def with_split_of_folders(cases: Sequence[Case], folder: Path) -> tuple[Case, ...]:
    """The cases with the part of the split that a folder above their image is named after.

    Args:
        cases: of a folder.
        folder: the names below it count.

    Returns:
        The cases; without a split where an image lies in no such folder, or all lie in one part.
    """
    parts = [_part(case.images[0], folder) for case in cases]
    if len(set(parts)) == 1 or None in parts:
        return tuple(replace(case, split=None) for case in cases)
    return tuple(replace(case, split=part) for case, part in zip(cases, parts, strict=True))


def _part(image: Path, folder: Path) -> str | None:
    names = image.relative_to(folder).parts[:-1]
    return next((part for name in names if (part := meaning(name)[0])), None)
