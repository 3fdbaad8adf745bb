"""What a family or a kind of target is stands in its own files, and nowhere else."""

import ast
from collections import Counter
from pathlib import Path

import jinja2

from keras_mia.data.targets.kinds import KINDS, LABEL_MAP
from keras_mia.data.targets.multitask import Multitask
from keras_mia.tasks.register import REGISTER
from tests.architecture.trees import ROOT, files, tree

NAMES = {*REGISTER, *KINDS, Multitask.kind, LABEL_MAP}
COMPARISONS = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)
THEIR_OWN = ("keras_mia/tasks/", "keras_mia/data/targets/")


def constants(node: ast.AST) -> set[object]:
    """A literal's value, and those in a literal list, tuple or set."""
    if isinstance(node, ast.Constant):
        return {node.value}
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return {one.value for one in node.elts if isinstance(one, ast.Constant)}
    return set()


def is_name_compared(node: ast.AST) -> bool:
    """Whether a comparison or a case of a match has a task's name or a target's kind in it."""
    if isinstance(node, ast.Compare):
        sides = (node.left, *node.comparators)
        compared = any(isinstance(op, COMPARISONS) for op in node.ops)
        return compared and bool(NAMES & set().union(*map(constants, sides)))
    return isinstance(node, ast.MatchValue) and bool(NAMES & constants(node.value))


def target_classes() -> set[str]:
    paths = [path for path in files() if path.startswith("keras_mia/data/targets/")]
    nodes = [node for path in paths for node in tree(path).body]
    return {node.name for node in nodes if isinstance(node, ast.ClassDef)}


def is_asked_by_class(node: ast.AST, classes: set[str]) -> bool:
    """Whether it is an `isinstance` of one of the classes."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return False
    if node.func.id != "isinstance":
        return False
    inside = [*ast.walk(node.args[1])]
    names = {one.id for one in inside if isinstance(one, ast.Name)}
    return bool(classes & (names | {one.attr for one in inside if isinstance(one, ast.Attribute)}))


def test_no_task_and_no_kind_is_compared_elsewhere():
    found = Counter(
        path
        for path in files()
        if not path.startswith(THEIR_OWN)
        for node in ast.walk(tree(path))
        if is_name_compared(node)
    )
    assert not found


def test_no_target_is_asked_for_its_class_elsewhere():
    classes = target_classes()
    found = Counter(
        path
        for path in files()
        if not path.startswith(("keras_mia/tasks/", "keras_mia/data/"))
        for node in ast.walk(tree(path))
        if is_asked_by_class(node, classes)
    )
    assert not found


def compared_in_template(path: Path) -> int:
    """How often a template of Jinja compares a name."""
    parsed = jinja2.Environment().parse(path.read_text(encoding="utf-8"))
    return sum(
        bool(NAMES & {one.value for one in compared.find_all(jinja2.nodes.Const)})
        for compared in parsed.find_all(jinja2.nodes.Compare)
    )


def test_no_template_compares_them():
    paths = sorted(ROOT.glob("keras_mia/**/*.jinja"))
    assert paths
    assert not [path.name for path in paths if compared_in_template(path)]


def test_both_find_what_they_look_for():
    compared = ("kind == 'box'", "kind not in ('multilabel', other)", "'regression' != x.kind")
    for code in (*compared, "match kind:\n  case 'multiclass': pass"):
        assert any(is_name_compared(node) for node in ast.walk(ast.parse(code))), code
    for code in ("kinds['box']", "kind == other", "'boxes' in columns", "size < 3"):
        assert not any(is_name_compared(node) for node in ast.walk(ast.parse(code))), code
    for code in ("isinstance(x, A)", "isinstance(x, int | m.A)", "isinstance(x, (int, A))"):
        assert any(is_asked_by_class(node, {"A"}) for node in ast.walk(ast.parse(code))), code
    assert not any(is_asked_by_class(n, {"A"}) for n in ast.walk(ast.parse("isinstance(A, B)")))
