"""Plain data, as JSON has it, checked against a dataclass: what a file of a run must hold."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from keras_mia.core.problem import Problem

T = TypeVar("T")


def typed(kind: type[T], found: object, where: object, remedy: str) -> T:
    """An instance of a dataclass from plain data, every field of the type that it is declared as.

    Args:
        kind: the dataclass. Fields may be numbers, text, booleans, None, tuples, mappings with text
            as keys, literals, other dataclasses, and unions of these; a literal field says which
            dataclass of a union is meant.
        found: what a file holds.
        where: the file.
        remedy: what to do if it does not fit.

    Raises:
        Problem: names the field that is missing, unknown, or of another type.

    Example:
        >>> @dataclasses.dataclass
        ... class Box:
        ...     sides: tuple[float, ...]
        ...     name: str = "box"
        >>> typed(Box, {"sides": [1, 2.5]}, "box.json", "Write it again.")
        Box(sides=(1, 2.5), name='box')
        >>> typed(Box, {"sides": [1, None]}, "box.json", "Write it again.")
        Traceback (most recent call last):
        ...
        keras_mia.core.problem.Problem: sides[1]: a number was expected, found null.
          where:  box.json
          remedy: Write it again.
    """
    try:
        return _value(kind, found, "")
    except _Odd as odd:
        raise Problem(f"{odd}.", where, remedy) from odd


class _Odd(Exception):
    """What does not fit."""


WORDS = {
    int: "a whole number",
    float: "a number",
    str: "text",
    bool: "true or false",
    type(None): "null",
    tuple: "a list",
    list: "a list",
    Mapping: "an object",
    dict: "an object",
}


def _value(kind: Any, found: Any, place: str) -> Any:
    if kind is Any:
        return _frozen(found)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _one_of(_tagged(inner, found, place), found, place)
    if origin is typing.Literal:
        return _literal(inner, found, place)
    if dataclasses.is_dataclass(kind):
        return _instance(kind, found, place)
    kind = origin or kind
    if not _is(kind, found):
        raise _Odd(f"{place or 'the file'}: {_word(kind)} was expected, found {_shown(found)}")
    if kind is tuple:
        return _items(inner, found, place)
    if kind is list:
        return [_value(inner[0], one, f"{place}[{i}]") for i, one in enumerate(found)]
    if kind in (Mapping, dict):
        value = inner[1] if inner else Any
        return {name: _value(value, one, _below(place, name)) for name, one in found.items()}
    return found


def _is(kind: Any, found: Any) -> bool:
    if kind is float:
        return isinstance(found, int | float) and not isinstance(found, bool)
    if kind is int:
        return isinstance(found, int) and not isinstance(found, bool)
    if kind is tuple:
        return isinstance(found, list | tuple)
    return isinstance(found, kind)


def _one_of(kinds: tuple, found: Any, place: str) -> Any:
    odd = []
    for kind in kinds:
        try:
            return _value(kind, found, place)
        except _Odd as error:
            odd.append((len(str(error).partition(":")[0]), error))
    raise max(odd, key=lambda one: one[0])[1]  # the one that got furthest


def _tagged(kinds: tuple, found: Any, place: str) -> tuple:
    """Of dataclasses that differ by a literal field, the one that it says."""
    if not isinstance(found, Mapping):
        return kinds
    literals = {kind: _literals(kind) for kind in kinds if dataclasses.is_dataclass(kind)}
    for name in dict.fromkeys(name for own in literals.values() for name in own):
        tagged = {kind: own[name] for kind, own in literals.items() if name in own}
        if name not in found:
            raise _Odd(f"{_below(place, name)}: it is missing")
        values = tuple(value for own in tagged.values() for value in own)
        _literal(values, found[name], _below(place, name))
        kinds = tuple(kind for kind in kinds if found[name] in tagged.get(kind, ()))
    return kinds


def _literals(kind: Any) -> dict[str, tuple]:
    hints = typing.get_type_hints(kind)
    return {
        one.name: typing.get_args(hints[one.name])
        for one in dataclasses.fields(kind)
        if typing.get_origin(hints[one.name]) is typing.Literal
    }


def _literal(values: tuple, found: Any, place: str) -> Any:
    if found not in values:
        words = " or ".join(map(str, values))
        raise _Odd(f"{place or 'the file'}: {words} was expected, found {_shown(found)}")
    return found


def _instance(kind: Any, found: Any, place: str) -> Any:
    if not isinstance(found, Mapping):
        raise _Odd(f"{place or 'the file'}: an object was expected, found {_shown(found)}")
    hints = typing.get_type_hints(kind)
    fields = {one.name: one for one in dataclasses.fields(kind)}
    for name in found:
        if name not in fields:
            raise _Odd(f"{_below(place, name)}: there is no such field")
    for name, one in fields.items():
        required = one.default is dataclasses.MISSING is one.default_factory
        if required and name not in found:
            raise _Odd(f"{_below(place, name)}: it is missing")
    return kind(
        **{name: _value(hints[name], one, _below(place, name)) for name, one in found.items()}
    )


def _items(kinds: tuple, found: Any, place: str) -> tuple:
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        kinds = (kinds[0],) * len(found)
    if kinds and len(kinds) != len(found):
        raise _Odd(f"{place}: {len(kinds)} values were expected, found {len(found)}")
    pairs = zip(kinds or (Any,) * len(found), found, strict=True)
    return tuple(_value(kind, one, f"{place}[{i}]") for i, (kind, one) in enumerate(pairs))


def _frozen(found: Any) -> Any:
    """Lists, and those in them, as tuples."""
    if isinstance(found, list):
        return tuple(map(_frozen, found))
    if isinstance(found, Mapping):
        return {name: _frozen(one) for name, one in found.items()}
    return found


def _below(place: str, name: str) -> str:
    return f"{place}.{name}" if place else str(name)


def _word(kind: Any) -> str:
    return WORDS.get(kind, getattr(kind, "__name__", str(kind)))


def _shown(found: Any) -> str:
    if found is None:
        return "null"
    if isinstance(found, Mapping | list | tuple):
        return _word(tuple if not isinstance(found, Mapping) else Mapping)
    return repr(found)[:40]
