"""Names of a package that are loaded when first used: importing the package costs nothing."""

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def lazy(
    package: str, modules: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """`__getattr__`, `__dir__` and `__all__` of a package (PEP 562).

    Args:
        package: its `__name__`.
        modules: exported name to the module below the package that holds it. A module must not be
            called like a name: once imported, it would take the name's place.

    Returns:
        `__getattr__`, which raises `AttributeError` for other names; `__dir__`; and the sorted
        names.

    Example:
        >>> load, names, public = lazy("keras_mia.core", {"Problem": "problem"})
        >>> load("Problem").__name__, public
        ('Problem', ['Problem'])
    """

    def load(name: str) -> Any:
        if name in modules:
            return getattr(importlib.import_module(f"{package}.{modules[name]}"), name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *modules})

    return load, names, sorted(modules)
