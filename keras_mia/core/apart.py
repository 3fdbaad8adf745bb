"""What is read and what is written lie apart."""

import os
from collections.abc import Iterable
from pathlib import Path

from keras_mia.core.problem import Problem


def check_apart(output: Path, sources: Iterable[Path]) -> None:
    """Sees to it that a folder to write to neither holds what is read nor lies in it, wherever
    links lead.

    Args:
        output: the folder; may not exist.
        sources: files and folders that are read; what does not exist is left to whoever reads it.

    Raises:
        Problem: it does.
    """
    goal = Path(os.path.realpath(output))
    parents: dict[Path, Path] = {}
    for source in sources:
        parent = source.parent
        if parent not in parents:
            parents[parent] = Path(os.path.realpath(parent))
        named = parents[parent] / source.name
        real = Path(os.path.realpath(source)) if os.path.islink(source) else named
        if any(goal == one or goal in one.parents for one in {named, real}):
            raise Problem(
                "The output holds the data: they would be mixed, or lost.",
                f"{output}, which holds {source}",
                "Choose another --output.",
            )
        if real in goal.parents and real.is_dir():
            raise Problem(
                "The output lies in the data: the next run would take its files for images.",
                f"{output}, in {source}",
                "Choose an --output outside the data.",
            )
