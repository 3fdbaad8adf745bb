"""What is imported is named in setup.py, what is named there is imported, and both are pinned."""

import ast
import re
import sys
from importlib.metadata import packages_distributions

from tests.architecture.trees import ROOT, files, tree


def imported() -> set[str]:
    """Names of the distributions that the package and the apps import, at any place."""
    modules: set[str] = set()
    for path in files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Import):
                modules |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module)
    tops = {module.partition(".")[0] for module in modules}
    known = packages_distributions()
    found = {top: known[top] for top in tops - set(sys.stdlib_module_names) - {"keras_mia"}}
    return {names[0].lower().replace("_", "-") for names in found.values()}


def required() -> tuple[set[str], set[str]]:
    """Names in `install_requires`, and in the extras that the package itself uses."""
    (call,) = (
        node
        for node in ast.walk(ast.parse((ROOT / "setup.py").read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "setup"
    )
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    extras = given["extras_require"]
    used = [
        one
        for key, value in zip(extras.keys, extras.values, strict=True)
        if key.value in ("demo", "dicom")
        for one in ast.literal_eval(value)
    ]
    return names(ast.literal_eval(given["install_requires"])), names(used)


def names(requirements: list[str]) -> set[str]:
    """Names of distributions without their versions."""
    return {re.split(r"[<>=!~\[ ]", one)[0].lower().replace("_", "-") for one in requirements}


def test_what_is_imported_is_required_and_the_other_way_round():
    always, extra = required()
    assert imported() == always | extra


def test_what_is_required_is_pinned():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pinned = names([line for line in lines if line and not line.startswith("#")])
    always, extra = required()
    assert always | extra <= pinned
