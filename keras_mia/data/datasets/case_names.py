"""Names of cases: each its own, and fit for a file."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from keras_mia.data.datasets.cases import Case
from keras_mia.data.io.formats import suffix_of
from keras_mia.data.io.virtual_paths import file_of_series

MOST = 220
"""Bytes of a name: a file's has 255 at most, and `-probabilities.nii.gz` may follow."""


def same(name: str) -> str:
    """A name as file systems compare it that ignore letters' case, and how they are composed.

    Example:
        >>> same("Straße_1") == same("STRASSE_1")
        True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def relative(case: Case, root: Path) -> str:
    """The path of a case's first image below `root`, with `/`."""
    # of strings, since it is needed of every case several times
    path = case.images[0]
    file = file_of_series(path)
    return (file.parent if file else path).as_posix().removeprefix(f"{root.as_posix()}/")


def with_unique_names(cases: Sequence[Case], root: Path) -> list[Case]:
    """Names that several cases have are written with their folders, then with their suffix, then
    numbered: made fit for a file, `a/b_1` and `a_b/1` are one name."""
    cases = _again(cases, lambda case: relative(case, root).removesuffix(_suffix(case)))
    for _ in range(2):  # `a.jpg.png` beside `a.jpg` is distinguished by the second
        cases = _again(cases, lambda case: relative(case, root))
    return _numbered([_fit(case) for case in cases])


def _numbered(cases: Sequence[Case]) -> list[Case]:
    taken = {same(case.name) for case in cases}
    used: set[str] = set()
    made = []
    for case in cases:
        name, number = case.name, 1
        while same(name) in used or (number > 1 and same(name) in taken):
            number += 1
            name = f"{case.name}_{number}"
        used.add(same(name))
        made.append(case if name == case.name else replace(case, name=name))
    return made


def _again(cases: Sequence[Case], name: Callable[[Case], str]) -> list[Case]:
    keys = [same(case.name) for case in cases]
    count = Counter(keys)
    return [
        case if count[key] == 1 else replace(case, name=name(case))
        for case, key in zip(cases, keys, strict=True)
    ]


def _fit(case: Case) -> Case:
    name = re.sub(r"[/\\:\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+", "_", case.name)
    name = name.strip("_").lstrip(".") or "case"
    if len(name.encode()) > MOST:
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        name = f"{name.encode()[: MOST - 9].decode(errors='ignore')}_{digest}"
    return case if name == case.name else replace(case, name=name)


def _suffix(case: Case) -> str:
    return suffix_of(case.images[0]) or ""
