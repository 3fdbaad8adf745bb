"""Names are the field's words: one of daily speech makes a reader guess what a value is."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.trees import FUNCTIONS, files, tree

DAILY_SPEECH = {
    *("answer", "answers", "answered", "asked", "told", "said", "shown", "seen", "known", "found"),
    *("own", "place", "places", "mend", "turn", "turned", "room", "rooms", "homes", "marks"),
    *("stack", "draws", "beside", "apart", "judge", "judged", "looks", "trivial", "invented"),
    "summed",
}
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def given_name(node: ast.AST) -> str | None:
    """The name that a node gives to something, or None where it gives none."""
    if isinstance(node, (ast.ClassDef, *FUNCTIONS, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
        return node.name
    if isinstance(node, ast.arg):
        return node.arg
    if isinstance(node, ast.alias):
        return node.asname
    if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
        return node.id if isinstance(node, ast.Name) else node.attr
    return None


def words(name: str) -> set[str]:
    """The words of a name in snake_case, CamelCase or capitals."""
    return {word.lower() for word in WORD.findall(name)}


def daily(module: ast.Module) -> Iterator[str]:
    """Line and name of all that a module names by a word of daily speech."""
    for node in ast.walk(module):
        name = given_name(node)
        if name and words(name) & DAILY_SPEECH:
            yield f"{node.lineno}: {name}"


def test_names_are_the_words_of_the_field():
    names = {path: list(daily(tree(path))) for path in files()}
    assert not {path: some for path, some in names.items() if some}


def test_names_of_daily_speech_are_noticed():
    module = ast.parse("""
import numpy as looks
from typing import Any as known_type
SEEN: int = 3
class ToldApart:
    own_value: int
    def asked(self, place, *answers, turn_deg=0, **said):
        self.rooms_left, found[0].shown = [mark for judged in place]
        for number, (trivial, _) in place:
            with number as beside:
                lambda mend: mend
try: pass
except ValueError as found_error: pass
""")
    assert {line.partition(": ")[2] for line in daily(module)} == {
        *("looks", "known_type", "SEEN", "ToldApart", "own_value", "asked", "place", "answers"),
        *("turn_deg", "said", "rooms_left", "shown", "judged", "trivial", "beside", "mend"),
        "found_error",
    }


def test_names_of_others_and_parts_of_words_pass():
    module = ast.parse("""
from importlib.metadata import PackageNotFoundError
owner = np.stack(placement, axis=unknown)
stacked = parser.parse_known_args(foundation)
""")
    assert not list(daily(module))
