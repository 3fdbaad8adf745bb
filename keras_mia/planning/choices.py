"""What planning of every task shares: choices with their reasons, and images that go together."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from keras_mia.core.problem import Problem
from keras_mia.data.fingerprint.channels import COLOURS, common_channels
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.fingerprint.reading_notes import bit_depths
from keras_mia.data.preprocess.plan import Plan
from keras_mia.planning.limits import Limits, within_limits

T = TypeVar("T")
AnyPlan = TypeVar("AnyPlan", bound=Plan)
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

    def prefer(self, field: str, value: Any, reason: str) -> None:
        """Takes another value than the rules gave, unless the user set the field."""
        if field not in self.given:
            self.values[field], self.reasons[field] = value, reason

    def plan(self, kind: type[AnyPlan], **fields: tuple[Any, str]) -> AnyPlan:
        """The plan of what was chosen.

        Args:
            kind: class of the plan.
            **fields: what the family adds: a value, and why.
        """
        for field, (value, reason) in fields.items():
            self.values[field], self.reasons[field] = value, reason
        return kind(**self.values, reasons=self.reasons)


def begin(
    facts: Sequence[CaseFacts], overrides: Mapping[str, Any] | None, limits: Limits
) -> tuple[Choices, list[CaseFacts]]:
    """Choices that hold what the user gave, and the channels of images that go together.

    Args:
        facts: of the training images.
        overrides: field of a plan -> the user's value; None counts as not given.
        limits: of the fields that can be set.

    Returns:
        The choices, and the facts of images in the channels that all share.

    Raises:
        Problem: there is no image, images do not go together, or an override is unknown or does
            not fit.
    """
    if not facts:
        raise Problem("There are no cases to plan for.", remedy="Give at least one training case.")
    check_alike(facts)
    channels = common_channels(facts)
    choices = Choices(within_limits(overrides, limits))
    choices.take("channels", lambda: (channels.number, channels.reason))
    choices.take("colours", lambda: (channels.colours, COLOURS))
    return choices, [one.in_channels(channels.number) for one in facts]


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
