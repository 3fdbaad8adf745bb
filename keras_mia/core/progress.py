"""What is being done, and how long it will take."""

from collections.abc import Iterable
from typing import Any

from tqdm import tqdm

BAR = "{desc:<12} {percentage:3.0f}% {bar:24} {n_fmt}/{total_fmt}  {elapsed} < {remaining}{postfix}"


def progress(items: Iterable | None, doing: str, *, total: int | None = None) -> Any:
    """Goes through `items` with a bar labelled `doing`; without items, a bar to move by hand."""
    return tqdm(items, desc=doing, total=total, bar_format=BAR, dynamic_ncols=True, mininterval=0.5)
