"""What planning of every task shares: choices with their reasons, and images that go together."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from keras_mia.core.problem import Problem
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.fingerprint.reading_notes import bit_depths

T = TypeVar("T")
Chosen = tuple[T, str]
"""What a rule gives: a value, and why."""


class Choices:
    """What was chosen so far, by a rule or by the user.

    Args:
        given: field of a plan -> the user's value.
    """

    def __init__(self, given: Mapping[str, Any]):
        self.given = dict(given)
        self.values: dict[str, Any] = {}
        self.reasons: dict[str, str] = {}

    def __getitem__(self, field: str) -> Any:
        return self.values[field]

    def take(self, field: str, rule: Callable[[], tuple[Any, str]]) -> Any:
        """The user's value of a field, or else what the rule says, with the reason."""
        if field in self.given:
            value, reason = self.given[field], "set by the user"
        else:
            value, reason = rule()
        self.values[field], self.reasons[field] = value, reason
        return value


def check_fields(given: Iterable[str], fields: Collection[str]) -> None:
    """Refuses a field that a user cannot set, which would pass in silence.

    Args:
        given: the names of fields.
        fields: those that can be set.

    Raises:
        Problem: names it, and those that can be set.
    """
    for field in given:
        if field not in fields:
            names = ", ".join(fields)
            raise Problem(f"A plan has no field {field!r} to set.", field, f"Choose from {names}.")


def check_alike(facts: Sequence[CaseFacts]) -> None:
    """Refuses images of several ranks.

    Raises:
        Problem: names those that differ from most.
    """
    ranks = [one.rank for one in facts]
    usual = max(sorted(set(ranks)), key=ranks.count)
    odd = [one.name for one in facts if one.rank != usual]
    if odd:
        other = next(value for value in ranks if value != usual)
        raise Problem(
            f"Most images have {usual} axes, {len(odd)} have others (such as {other}).",
            ", ".join(odd[:10]),
            "Convert these images, or leave them out.",
        )


def check_depths(facts: Sequence[CaseFacts], scheme: str) -> None:
    """Refuses pictures of 8 and of 16 bits together where equal numbers would have to mean equal
    intensities.

    Args:
        facts: of each image.
        scheme: of normalization; "zscore" takes each image by itself.

    Raises:
        Problem: names those that differ from most.
    """
    depths = bit_depths(facts)
    if scheme == "zscore" or len(depths) < 2:
        return
    usual = max(sorted(depths), key=lambda one: depths[one])
    odd = [one.name for one in facts if one.rank == 2 and one.dtype != usual]
    counts = ", ".join(f"{count} of {dtype}" for dtype, count in sorted(depths.items()))
    raise Problem(
        f"Pictures of several depths ({counts}) have no common scale, which {scheme!r} asks for.",
        ", ".join(odd[:10]),
        "Export them with as many bits as the others; where there is --normalization, zscore takes"
        " each image by itself.",
    )
