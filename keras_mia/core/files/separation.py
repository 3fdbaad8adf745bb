"""What is read and what is written lie apart."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from keras_mia.core.problem import Problem


def check_separate(
    output: Path, sources: Iterable[Path], *, option: str = "--output", may_hold: bool = False
) -> None:
    """Sees to it that a folder to write to neither holds what is read nor lies in it, wherever
    links lead.

    Args:
        output: the folder; may not exist.
        sources: files and folders that are read; what does not exist is left to whoever reads it.
        option: that names the folder.
        may_hold: whether it may hold what is read.

    Raises:
        Problem: it does.
    """
    goal = Path(os.path.realpath(output))
    for source, named, real in _resolved(sources):
        if not may_hold and any(goal == one or goal in one.parents for one in (named, real)):
            raise Problem(
                "The output holds the data: they would be mixed, or lost.",
                f"{output}, which holds {source}",
                f"Choose another {option}.",
            )
        if (real == goal or real in goal.parents) and real.is_dir():
            raise Problem(
                f"The {'output' if option == '--output' else option} lies in the data: the next run"
                " would take its files for images.",
                f"{output}, in {source}",
                f"Choose an {option} outside the data."
                if option == "--output"
                else f"Choose a folder outside the data for {option}.",
            )


def check_no_source(written: Iterable[Path], sources: Iterable[Path]) -> None:
    """Sees to it that no file that is read is replaced, whatever was said.

    Args:
        written: the files to write.
        sources: files that are read.

    Raises:
        Problem: one would be.
    """
    goals = {named for _, named, _ in _resolved(written)}
    for source, named, real in _resolved(sources):
        if named in goals or real in goals:
            raise Problem(
                "This file is read, and would be replaced.", source, "Choose another --output."
            )


def _resolved(paths: Iterable[Path]) -> Iterator[tuple[Path, Path, Path]]:
    """Each path, where it lies, and where it leads."""
    parents: dict[Path, Path] = {}
    for path in paths:
        parent = path.parent
        if parent not in parents:
            parents[parent] = Path(os.path.realpath(parent))
        named = parents[parent] / path.name
        yield path, named, Path(os.path.realpath(path)) if os.path.islink(path) else named
