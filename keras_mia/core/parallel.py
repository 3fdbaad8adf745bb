"""Work on many cases by a few threads."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from keras_mia.core.problem import Problem
from keras_mia.core.progress import progress

LISTED = 10
MOST_AT_ONCE = 256


class Named(Protocol):
    """What has a name."""

    @property
    def name(self) -> str:
        """For messages."""


Case = TypeVar("Case", bound=Named)


def map_cases(work: Callable[[Case], Any], cases: Sequence[Case], doing: str) -> list:
    """`work` done on every case by a few threads; the problems of all cases become one.

    Args:
        work: a function of one case, which several threads call at once.
        cases: that have a name.
        doing: what the progress bar says.

    Returns:
        The results, in the order of the cases.

    Raises:
        Problem: that of one case, or one that lists those of several.
    """
    problems = []

    def attempt(case):
        try:
            return work(case)
        except Problem as problem:
            problems.append((case.name, problem))
            return None

    # Of many small images several go to a thread at once: handing one over costs as much as it.
    size = max(1, min(MOST_AT_ONCE, len(cases) // MOST_AT_ONCE))
    parts = [cases[start : start + size] for start in range(0, len(cases), size)]
    results = []
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as threads:
        bar = progress(None, doing, total=len(cases))
        for batch_results in threads.map(lambda part: [attempt(case) for case in part], parts):
            results += batch_results
            bar.update(len(batch_results))
        bar.close()
    if len(problems) == 1:
        raise problems[0][1]
    if problems:
        problems.sort(key=lambda pair: pair[0])
        lines = [f"{problem.where}: {problem.what}" for _, problem in problems[:LISTED]]
        if len(problems) > LISTED:
            lines.append(f"and {len(problems) - LISTED} more")
        raise Problem(
            f"{len(problems)} of {len(cases)} cases cannot be used.",
            "\n         ".join(lines),
            problems[0][1].remedy,
        )
    return results
