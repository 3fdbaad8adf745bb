"""What a row of a metric says, and the changes of arguments that rows share."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

COUNT = 24
INFINITE = float("inf")
SHARE, CORRELATION, ANY, POSITIVE = (0, 1), (-1, 1), (-INFINITE, INFINITE), (0, INFINITE)
Arguments = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Score:
    """What the suites need to know.

    Args:
        function: the metric.
        draw: its arguments by name, at random.
        bounds: the least and the greatest value of what it gives, or those by name; what has no
            name among them is any number.
        cases: names of the arguments that have an entry a case.
        weighed: whether it takes `weights`.
        best: makes arguments those of a perfect prediction; with the values that these give.
        undefined: makes arguments such that nothing can be scored; with the names of what is NaN
            then, where it is not all.
        wrong: changes of arguments that are refused.
    """

    function: Callable
    draw: Callable[[np.random.Generator], Arguments]
    bounds: tuple[float, float] | Mapping[str, tuple[float, float]] = SHARE
    cases: Sequence[str] = ()
    weighed: bool = False
    best: tuple[Callable[[Arguments], Arguments], Mapping[str, float]] | None = None
    undefined: tuple[Callable[[Arguments], Arguments], Sequence[str]] | None = None
    wrong: Sequence[Callable[[Arguments], Arguments]] = ()

    def __call__(self, arguments: Arguments, **more) -> dict[str, np.ndarray]:
        return numbers(self.function(**arguments, **more))

    def __str__(self):
        return self.function.__name__

    def bounds_of(self, name: str) -> tuple[float, float]:
        if isinstance(self.bounds, tuple):
            return self.bounds
        return self.bounds.get(name.rpartition(".")[2], ANY)


def numbers(result: Any, name: str = "") -> dict[str, np.ndarray]:
    """The numbers of a result by dotted names; texts are left out."""
    if hasattr(result, "_asdict"):
        result = result._asdict()
    elif dataclasses.is_dataclass(result):
        result = dataclasses.asdict(result)
    if not isinstance(result, Mapping):
        array = np.asarray(result)
        return {} if array.dtype.kind in "US" else {name or "value": array}
    values = {}
    for key, value in result.items():
        key = ".".join(map(str, key)) if isinstance(key, tuple) else str(key)
        values |= numbers(value, f"{name}.{key}".strip("."))
    return values


def change(**functions: Callable) -> Callable[[Arguments], Arguments]:
    """Arguments of which some are changed, each by its own function."""
    return lambda given: given | {name: how(given[name]) for name, how in functions.items()}


def take(target: str, source: str) -> Callable[[Arguments], Arguments]:
    """Arguments of which one is another."""
    return lambda given: given | {target: given[source].copy()}
