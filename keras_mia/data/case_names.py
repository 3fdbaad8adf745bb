"""Names of cases: each its own, and fit for a file."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from keras_mia.data.cases import Case
from keras_mia.data.formats import suffix_of
from keras_mia.data.image_sources import file_of_series


def relative(case: Case, root: Path) -> str:
    """The path of a case's first image below `root`, with `/`."""
    # of strings, since it is asked of every case several times
    path = case.images[0]
    file = file_of_series(path)
    return (file.parent if file else path).as_posix().removeprefix(f"{root.as_posix()}/")


def with_unique_names(cases: Sequence[Case], root: Path) -> list[Case]:
    """Names that several cases have are written with their folders, then with their suffix, then
    numbered: made fit for a file, `a/b_1` and `a_b/1` are one name."""
    cases = _again(cases, lambda case: relative(case, root).removesuffix(_suffix(case)))
    for _ in range(2):  # `a.jpg.png` beside `a.jpg` is told apart by the second
        cases = _again(cases, lambda case: relative(case, root))
    return _numbered([_without_slashes(case) for case in cases])


def _numbered(cases: Sequence[Case]) -> list[Case]:
    taken = {case.name for case in cases}
    seen: set[str] = set()
    made = []
    for case in cases:
        name, number = case.name, 1
        while name in seen or (number > 1 and name in taken):
            number += 1
            name = f"{case.name}_{number}"
        seen.add(name)
        made.append(case if name == case.name else replace(case, name=name))
    return made


def _again(cases: Sequence[Case], name: Callable[[Case], str]) -> list[Case]:
    count = Counter(case.name for case in cases)
    return [case if count[case.name] == 1 else replace(case, name=name(case)) for case in cases]


def _without_slashes(case: Case) -> Case:
    name = re.sub(r"[/\\:\x00-\x1f]+", "_", case.name).strip("_").lstrip(".") or "case"
    return case if name == case.name else replace(case, name=name)


def _suffix(case: Case) -> str:
    return suffix_of(case.images[0]) or ""
