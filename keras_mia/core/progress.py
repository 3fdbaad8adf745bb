"""What is being done, and how long it will take."""

from collections.abc import Iterable
from typing import Any

from tqdm import tqdm

_silent = False

COUNT = "{percentage:3.0f}% {bar:24} {n_fmt}/{total_fmt}"
BAR = "{desc:<12} " + COUNT + "  {elapsed}, left {remaining}{postfix}"


def silence() -> None:
    """No bar is shown any more."""
    global _silent
    _silent = True


def progress(items: Iterable | None, doing: str, *, total: int | None = None, done: int = 0) -> Any:
    """Goes through `items` with a bar labelled `doing`; without items, a bar to move by hand.

    The time left follows from the mean speed so far: pauses for validation are part of it.

    Args:
        items: what to go through.
        doing: a word or two.
        total: how many there are, where `items` cannot say.
        done: how many were done before.
    """
    return tqdm(
        items,
        desc=doing,
        total=total,
        initial=done,
        bar_format=BAR,
        dynamic_ncols=True,
        mininterval=0.5,
        smoothing=0,
        disable=_silent,
    )


def write_line(text: str) -> None:
    """Prints a line that leaves bars whole which are moving.

    Args:
        text: the line.
    """
    tqdm.write(text)
