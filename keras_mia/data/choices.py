"""What planning of every task shares: choices with their reasons, and images that go together."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from keras_mia.core.problem import Problem


class Seen(Protocol):
    """What was seen of an image."""

    @property
    def name(self) -> str:
        """Of the case."""

    @property
    def rank(self) -> int:
        """2 for a picture, 3 for a volume."""

    @property
    def channels(self) -> int:
        """How many."""


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


def check_alike(seen: Sequence[Seen]) -> None:
    """Refuses images of several ranks or numbers of channels.

    Raises:
        Problem: names those that differ from most.
    """
    for what, found in (
        ("axes", [one.rank for one in seen]),
        ("channels", [one.channels for one in seen]),
    ):
        usual = max(sorted(set(found)), key=found.count)
        odd = [one.name for one, value in zip(seen, found, strict=True) if value != usual]
        if odd:
            other = next(value for value in found if value != usual)
            raise Problem(
                f"Most images have {usual} {what}, {len(odd)} have others (such as {other}).",
                ", ".join(odd[:10]),
                "Convert these images, or leave them out.",
            )
