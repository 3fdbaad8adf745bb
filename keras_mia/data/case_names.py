"""Names of cases: each its own, and fit for a file."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from keras_mia.data.cases import Case
from keras_mia.data.formats import suffix_of


def relative(case: Case, root: Path) -> str:
    """The path of a case's first image below `root`, with `/`."""
    # of strings, since it is asked of every case several times
    return case.images[0].as_posix().removeprefix(f"{root.as_posix()}/")


def with_unique_names(cases: Sequence[Case], root: Path) -> list[Case]:
    """Names that several cases have are written with their folders, then with their suffix."""
    cases = _again(cases, lambda case: relative(case, root).removesuffix(_suffix(case)))
    cases = _again(cases, lambda case: relative(case, root))
    return [_without_slashes(case) for case in cases]


def _again(cases: Sequence[Case], name: Callable[[Case], str]) -> list[Case]:
    count = Counter(case.name for case in cases)
    return [case if count[case.name] == 1 else replace(case, name=name(case)) for case in cases]


def _without_slashes(case: Case) -> Case:
    name = re.sub(r"[/\\:]+", "_", case.name).strip("_")
    return case if name == case.name else replace(case, name=name)


def _suffix(case: Case) -> str:
    return suffix_of(case.images[0]) or ""
