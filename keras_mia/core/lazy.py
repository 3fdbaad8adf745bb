"""Names of a room that are loaded when first asked for: importing the room costs nothing."""

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def lazy(
    room: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """`__getattr__`, `__dir__` and `__all__` of a package (PEP 562).

    Args:
        room: the package's `__name__`.
        homes: exported name to the module below the package that holds it. A module must not be
            called like a name: once imported, it would take the name's place.

    Example:
        >>> load, names, public = lazy("keras_mia.core", {"Problem": "problem"})
        >>> load("Problem").__name__, public
        ('Problem', ['Problem'])
    """

    def load(name: str) -> Any:
        if name in homes:
            return getattr(importlib.import_module(f"{room}.{homes[name]}"), name)
        raise AttributeError(f"module {room!r} has no attribute {name!r}")

    def names() -> list[str]:
        return sorted({*vars(sys.modules[room]), *homes})

    return load, names, sorted(homes)
