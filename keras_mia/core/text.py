"""Numbers, sizes and lists in words, and the order of names."""

import re
from collections.abc import Sequence


def plural(number: int, thing: str) -> str:
    """A number of things in words: "1 case", "2 cases".

    Args:
        number: how many.
        thing: the noun for one of them.
    """
    return f"{number} {thing}{'' if number == 1 else 's'}"


def listing(paths: Sequence[object], most: int = 10) -> str:
    """The first paths of a list, and how many more there are.

    Args:
        paths: anything that has a text.
        most: that are named.
    """
    listed = ", ".join(str(path) for path in paths[:most])
    return listed if len(paths) <= most else f"{listed} and {len(paths) - most} more"


def natural_key(text: object) -> list:
    """A key that sorts the numbers in names by their value.

    Args:
        text: a name or path.

    Example:
        >>> sorted(["10.png", "9.png"], key=natural_key)
        ['9.png', '10.png']
    """
    parts = [part for part in re.split(r"(\d+)", str(text)) if part]
    key = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
    return [*key, (1, 0, str(text))]  # "1" before "01", always


def size_text(values: tuple) -> str:
    """Numbers joined as sizes are; None is any.

    Args:
        values: one an axis.
    """
    return " x ".join("any" if value is None else f"{value:g}" for value in values)
