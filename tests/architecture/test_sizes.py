"""Small files, short functions, packages that fit on a page."""

import ast
import statistics
from collections import Counter
from pathlib import PurePath

from tests.architecture.trees import code_lines, files, functions, lines, text, tree

FILES_A_PACKAGE, LINES_A_FILE, MEDIAN_OF_LINES, LINES_A_FUNCTION = 16, 350, 110, 60
LINES_A_TABLE = 4


def lengths() -> dict[str, int]:
    return {path: text(path).count("\n") for path in files()}


def in_tables(function: ast.FunctionDef) -> set[int]:
    """Lines of the larger displays of lists, tuples, sets and mappings."""
    found: set[int] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Dict | ast.List | ast.Tuple | ast.Set):
            inside = lines(node)
            found |= inside if len(inside) >= LINES_A_TABLE else set()
    return found


def test_a_package_has_few_files():
    packages = Counter(PurePath(path).parent.as_posix() for path in files())
    large = {name: count for name, count in packages.items() if count > FILES_A_PACKAGE}
    assert not large


def test_a_file_is_short():
    long = {path: count for path, count in lengths().items() if count > LINES_A_FILE}
    assert not long
    assert statistics.median(lengths().values()) <= MEDIAN_OF_LINES


def test_a_function_is_short():
    long = {}
    for path in files():
        for name, node in functions(tree(path)):
            count = len((code_lines(path) & lines(node)) - in_tables(node))
            if count > LINES_A_FUNCTION:
                long[f"{path}:{name}"] = count
    assert not long
