"""Private attributes of Keras, which may change with any release, stand in one module."""

import ast
import re

from tests.architecture.trees import FUNCTIONS, files, tree

PRIVATE = re.compile(r"_[a-z][a-z0-9_]*$")
THE_ONE_MODULE = "keras_mia/core/keras_internals.py"
DOCUMENTED = {"_replace", "_asdict", "_exit"}  # of named tuples and of os
BY_NAME = {"getattr", "hasattr", "setattr"}


def private(name: object) -> bool:
    return isinstance(name, str) and bool(PRIVATE.match(name))


def defined(node: ast.AST) -> set[str]:
    """Names that a statement gives to something of the package's own."""
    if isinstance(node, (ast.ClassDef, *FUNCTIONS)):
        return {node.name}
    if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Store):
        return {node.attr if isinstance(node, ast.Attribute) else node.id}
    return set()


def used(node: ast.AST) -> set[str]:
    """Private names that are read from an object, plainly or by `getattr`, or imported."""
    found: set[object] = set()
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        found = {node.attr}
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args[1:]:
        named = node.func.id in BY_NAME and isinstance(node.args[1], ast.Constant)
        found = {node.args[1].value} if named else set()
    elif isinstance(node, ast.ImportFrom):
        found = {alias.name for alias in node.names}
    return {name for name in found if private(name)}


def foreign() -> dict[str, list[str]]:
    """Private names that the package uses and does not define, by file."""
    own = {name for path in files() for node in ast.walk(tree(path)) for name in defined(node)}
    found: dict[str, list[str]] = {}
    for path in files():
        for node in ast.walk(tree(path)):
            for name in used(node) - own - DOCUMENTED:
                found.setdefault(path, []).append(f"{node.lineno}: {name}")
    return found


def test_private_names_of_others_stand_in_one_module():
    assert not {path: uses for path, uses in foreign().items() if path != THE_ONE_MODULE}
