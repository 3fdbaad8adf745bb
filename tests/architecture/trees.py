"""The files of the package and of the apps, and their syntax trees."""

import ast
import functools
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
NO_CODE = {
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT),
    *(tokenize.ENCODING, tokenize.ENDMARKER),
}


@functools.cache
def files() -> tuple[str, ...]:
    """Paths of all Python files that are installed, as seen from the repository's folder."""
    paths = [*ROOT.glob("keras_mia/**/*.py"), *ROOT.glob("apps/*.py")]
    return tuple(sorted(path.relative_to(ROOT).as_posix() for path in paths))


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@functools.cache
def tree(path: str) -> ast.Module:
    return ast.parse(text(path))


def module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def functions(node: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    """Every function below a node, methods and nested ones too, with its dotted name."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, FUNCTIONS):
            yield f"{prefix}{child.name}", child
            yield from functions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.ClassDef):
            yield from functions(child, f"{prefix}{child.name}.")
        else:
            yield from functions(child, prefix)


@functools.cache
def code_lines(path: str) -> frozenset[int]:
    """Numbers of the lines that hold code: no blank ones, no comments, no docstrings."""
    found = set()
    for token in tokenize.generate_tokens(io.StringIO(text(path)).readline):
        if token.type not in NO_CODE:
            found |= set(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(tree(path)):
        if isinstance(node, (ast.Module, ast.ClassDef, *FUNCTIONS)) and ast.get_docstring(node):
            found -= lines(node.body[0])
    return frozenset(found)


def lines(node: ast.AST) -> set[int]:
    """Numbers of the lines from a node's first to its last."""
    return set(range(node.lineno, node.end_lineno + 1))
