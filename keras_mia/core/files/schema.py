"""Plain data, as JSON has it, checked against a dataclass: what a file of a run must hold."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from keras_mia.core.problem import Problem

T = TypeVar("T")


def typed(kind: type[T], data: object, where: object, remedy: str) -> T:
    """An instance of a dataclass from plain data, every field of the type that it is declared as.

    Args:
        kind: the dataclass. Fields may be numbers, text, booleans, None, tuples, mappings with text
            as keys, literals, other dataclasses, and unions of these; a literal field says which
            dataclass of a union is meant.
        data: what a file holds.
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
        return _value(kind, data, "")
    except _Mismatch as mismatch:
        raise Problem(f"{mismatch}.", where, remedy) from mismatch


class _Mismatch(Exception):
    """What does not fit."""


TYPE_NAMES = {
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


def _value(kind: Any, data: Any, path: str) -> Any:
    if kind is Any:
        return _frozen(data)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _one_of(_tagged(inner, data, path), data, path)
    if origin is typing.Literal:
        return _literal(inner, data, path)
    if dataclasses.is_dataclass(kind):
        return _instance(kind, data, path)
    kind = origin or kind
    if not _is(kind, data):
        raise _Mismatch(
            f"{path or 'the file'}: {_type_name(kind)} was expected, found {_value_text(data)}"
        )
    if kind is tuple:
        return _items(inner, data, path)
    if kind is list:
        return [_value(inner[0], one, f"{path}[{i}]") for i, one in enumerate(data)]
    if kind in (Mapping, dict):
        value = inner[1] if inner else Any
        return {name: _value(value, one, _below(path, name)) for name, one in data.items()}
    return data


def _is(kind: Any, data: Any) -> bool:
    if kind is float:
        return isinstance(data, int | float) and not isinstance(data, bool)
    if kind is int:
        return isinstance(data, int) and not isinstance(data, bool)
    if kind is tuple:
        return isinstance(data, list | tuple)
    return isinstance(data, kind)


def _one_of(kinds: tuple, data: Any, path: str) -> Any:
    mismatches = []
    for kind in kinds:
        try:
            return _value(kind, data, path)
        except _Mismatch as error:
            mismatches.append((len(str(error).partition(":")[0]), error))
    raise max(mismatches, key=lambda one: one[0])[1]  # the one that got furthest


def _tagged(kinds: tuple, data: Any, path: str) -> tuple:
    """Of dataclasses that differ by a literal field, the one that it says."""
    if not isinstance(data, Mapping):
        return kinds
    literals = {kind: _literals(kind) for kind in kinds if dataclasses.is_dataclass(kind)}
    for name in dict.fromkeys(name for fields in literals.values() for name in fields):
        tagged = {kind: fields[name] for kind, fields in literals.items() if name in fields}
        if name not in data:
            raise _Mismatch(f"{_below(path, name)}: it is missing")
        values = tuple(value for fields in tagged.values() for value in fields)
        _literal(values, data[name], _below(path, name))
        kinds = tuple(kind for kind in kinds if data[name] in tagged.get(kind, ()))
    return kinds


def _literals(kind: Any) -> dict[str, tuple]:
    hints = typing.get_type_hints(kind)
    return {
        one.name: typing.get_args(hints[one.name])
        for one in dataclasses.fields(kind)
        if typing.get_origin(hints[one.name]) is typing.Literal
    }


def _literal(values: tuple, data: Any, path: str) -> Any:
    if data not in values:
        expected = " or ".join(map(str, values))
        raise _Mismatch(f"{path or 'the file'}: {expected} was expected, found {_value_text(data)}")
    return data


def _instance(kind: Any, data: Any, path: str) -> Any:
    if not isinstance(data, Mapping):
        raise _Mismatch(f"{path or 'the file'}: an object was expected, found {_value_text(data)}")
    hints = typing.get_type_hints(kind)
    fields = {one.name: one for one in dataclasses.fields(kind)}
    for name in data:
        if name not in fields:
            raise _Mismatch(f"{_below(path, name)}: there is no such field")
    for name, one in fields.items():
        required = one.default is dataclasses.MISSING is one.default_factory
        if required and name not in data:
            raise _Mismatch(f"{_below(path, name)}: it is missing")
    return kind(
        **{name: _value(hints[name], one, _below(path, name)) for name, one in data.items()}
    )


def _items(kinds: tuple, data: Any, path: str) -> tuple:
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        kinds = (kinds[0],) * len(data)
    if kinds and len(kinds) != len(data):
        raise _Mismatch(f"{path}: {len(kinds)} values were expected, found {len(data)}")
    pairs = zip(kinds or (Any,) * len(data), data, strict=True)
    return tuple(_value(kind, one, f"{path}[{i}]") for i, (kind, one) in enumerate(pairs))


def _frozen(data: Any) -> Any:
    """Lists, and those in them, as tuples."""
    if isinstance(data, list):
        return tuple(map(_frozen, data))
    if isinstance(data, Mapping):
        return {name: _frozen(one) for name, one in data.items()}
    return data


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else str(name)


def _type_name(kind: Any) -> str:
    return TYPE_NAMES.get(kind, getattr(kind, "__name__", str(kind)))


def _value_text(data: Any) -> str:
    if data is None:
        return "null"
    if isinstance(data, Mapping | list | tuple):
        return _type_name(tuple if not isinstance(data, Mapping) else Mapping)
    return repr(data)[:40]
