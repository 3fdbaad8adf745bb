import dataclasses
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from keras_mia.core.files.schema import typed
from keras_mia.core.problem import Problem


@dataclass(frozen=True)
class Part:
    low: float
    ends: tuple[float, float] | None = None


@dataclass(frozen=True)
class Other:
    names: tuple[str, ...]


@dataclass(frozen=True)
class Whole:
    size: tuple[int, ...]
    parts: tuple[Part, ...] = ()
    one: Part | Other | None = None
    flag: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    rows: list[dict] = field(default_factory=list)


def test_plain_data_become_what_is_declared():
    data = {
        "size": [1, 2],
        "parts": [{"low": 1}, {"low": 0.5, "ends": [1, 2.0]}],
        "one": {"names": ["a"]},
        "options": {"sides": [1, [2]]},
        "rows": [{"step": 1}],
    }
    assert typed(Whole, data, "f", "m") == Whole(
        (1, 2),
        (Part(1), Part(0.5, (1, 2.0))),
        Other(("a",)),
        options={"sides": (1, (2,))},
        rows=[{"step": 1}],
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "the file: an object was expected, found null"),
        ([], "the file: an object was expected, found a list"),
        ({}, "size: it is missing"),
        ({"size": None}, "size: a list was expected, found null"),
        ({"size": "12"}, "size: a list was expected, found '12'"),
        ({"size": [1.5]}, r"size\[0\]: a whole number was expected, found 1.5"),
        ({"size": [True]}, r"size\[0\]: a whole number was expected, found True"),
        ({"size": [], "flag": 1}, "flag: true or false was expected, found 1"),
        ({"size": [], "sise": []}, "sise: there is no such field"),
        ({"size": [], "parts": [{"low": None}]}, r"parts\[0\].low: a number was expected"),
        ({"size": [], "parts": [{"low": 1, "ends": [1]}]}, r"ends: 2 values were expected"),
        ({"size": [], "one": {"names": [1]}}, r"one.names\[0\]: text was expected, found 1"),
        ({"size": [], "options": []}, "options: an object was expected, found a list"),
        ({"size": [], "rows": [1]}, r"rows\[0\]: an object was expected, found 1"),
    ],
)
def test_what_does_not_fit_is_named(data, message):
    with pytest.raises(Problem, match=message):
        typed(Whole, data, "plan.json", "Take another.")


@dataclasses.dataclass(frozen=True)
class Square:
    length: float
    kind: typing.Literal["square"] = "square"


@dataclasses.dataclass(frozen=True)
class Circle:
    radius: float
    kind: typing.Literal["circle"] = "circle"


@dataclasses.dataclass(frozen=True)
class Drawing:
    shapes: tuple[Square | Circle, ...]


def test_a_literal_field_says_which_dataclass_is_meant():
    data = typed(Drawing, {"shapes": [{"kind": "circle", "radius": 1}]}, "file", "Take another.")
    assert data == Drawing((Circle(1),))
    for shape, message in (
        ({"kind": "square", "radius": 1}, r"shapes\[0\].radius: there is no such field"),
        ({"kind": "line"}, r"shapes\[0\].kind: square or circle was expected, found 'line'"),
        ({"radius": 1}, r"shapes\[0\].kind: it is missing"),
    ):
        with pytest.raises(Problem, match=message):
            typed(Drawing, {"shapes": [shape]}, "file", "Take another.")
