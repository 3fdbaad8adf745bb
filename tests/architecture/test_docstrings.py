"""Every public name says what it is, and what is exported says what it takes."""

import ast
import functools
import re
from collections.abc import Iterator

from tests.architecture.trees import FUNCTIONS, files, module_name, tree

# Methods whose meaning Keras, Python or a library gives.
OF_A_BASE = {
    *("call", "build", "compute_output_shape", "compute_output_spec", "compute_mask"),
    *("get_config", "from_config", "get_build_config", "build_from_config", "get_compile_config"),
    *("update_state", "result", "reset_state", "stateless_update_state", "stateless_result"),
    *("update_step", "apply", "train_step", "test_step", "compile", "compute_loss"),
    *("on_train_begin", "on_train_end", "on_epoch_begin", "on_epoch_end", "on_batch_end"),
}


def public(node: ast.AST) -> bool:
    return isinstance(node, (ast.ClassDef, *FUNCTIONS)) and not node.name.startswith("_")


def public_names(path: str) -> Iterator[tuple[str, ast.AST]]:
    """Public functions and classes of a module, and the public methods of those classes."""
    for node in filter(public, tree(path).body):
        yield node.name, node
        if isinstance(node, ast.ClassDef):
            for method in filter(public, node.body):
                if method.name not in OF_A_BASE:
                    yield f"{node.name}.{method.name}", method


def exported() -> Iterator[tuple[str, str]]:
    """Module and name of all that the packages export lazily."""
    for path in files():
        for node in tree(path).body if path.endswith("__init__.py") else ():
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXPORTS":
                for name, module in ast.literal_eval(node.value).items():
                    yield f"{module_name(path)}.{module}", name


def parameters(node: ast.AST) -> list[str]:
    """Names of what a function, or the making of a class, takes."""
    if isinstance(node, ast.ClassDef):
        made = [one for one in node.body if isinstance(one, FUNCTIONS) and one.name == "__init__"]
        annotated = [one for one in node.body if isinstance(one, ast.AnnAssign)]
        fields = [x.target.id for x in annotated if "ClassVar" not in ast.unparse(x.annotation)]
        return parameters(made[0])[1:] if made else fields
    args = node.args
    return [one.arg for one in (*args.posonlyargs, *args.args, *args.kwonlyargs)]


def text_of(node: ast.AST) -> str:
    """The docstring; that of `__init__` too, for a class."""
    inside = [one for one in node.body if getattr(one, "name", "") == "__init__"]
    return "\n".join(ast.get_docstring(one) or "" for one in (node, *inside))


def listed(text: str) -> set[str]:
    """The names of the Args section of a docstring: `name:`, or `one, other, **more:`."""
    section = text.partition("Args:")[2]
    found = re.findall(r"^ +([\w*]+(?:, [\w*]+)*):", section, re.MULTILINE)
    return {name.strip("*") for names in found for name in names.split(", ")}


@functools.cache
def documented_methods() -> dict[str, set[str]]:
    """Methods that have a docstring, by class and without regard to the module."""
    found: dict[str, set[str]] = {}
    for path in files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef):
                methods = [one for one in node.body if isinstance(one, FUNCTIONS)]
                names = {one.name for one in methods if ast.get_docstring(one)}
                found[node.name] = names | found.get(node.name, set())
    return found


@functools.cache
def bases_of() -> dict[str, set[str]]:
    """The classes that each class inherits from, by name and without regard to the module."""
    found: dict[str, set[str]] = {}
    for path in files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef):
                names = {ast.unparse(b).partition("[")[0].rpartition(".")[2] for b in node.bases}
                found[node.name] = names | found.get(node.name, set())
    return found


def inherits_its_docstring(name: str) -> bool:
    """Whether a method is one of a base class of the package, which says what it is."""
    owner, _, method = name.partition(".")
    bases = bases_of().get(owner, set()) - {owner} if method else set()
    return any(
        method in documented_methods().get(base, ()) or inherits_its_docstring(f"{base}.{method}")
        for base in bases
    )


def test_every_public_name_has_a_docstring():
    found: dict[str, int] = {}
    for path in files():
        if not ast.get_docstring(tree(path)):
            found[path] = 1
        for name, node in public_names(path):
            if not ast.get_docstring(node) and not inherits_its_docstring(name):
                found[path] = found.get(path, 0) + 1
    assert not found


def test_what_is_exported_says_what_it_takes_and_gives():
    modules = {module_name(path): path for path in files()}
    found: dict[str, int] = {}
    for module, name in exported():
        node = dict(public_names(modules[module])).get(name)
        if node is None:  # a constant
            continue
        text = text_of(node)
        missing = len(set(parameters(node)) - listed(text))
        gives = isinstance(node, FUNCTIONS) and ast.unparse(node.returns or node) != "None"
        missing += gives and "Returns:" not in text
        if missing:
            found[f"{module}.{name}"] = missing
    assert not found
